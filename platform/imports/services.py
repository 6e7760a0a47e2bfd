"""Takes over a file of records: all of it or nothing."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden, InvalidFiles, Problem
from common.facts import Facts
from common.models import refuse_duplicates
from common.permissions import may
from common.progress import Watch, unwatched
from common.validation import explain
from imports.cells import credit_code
from imports.columns import Column, Reading
from imports.importable import Importable, importable
from imports.models import ImportedFile
from imports.readers import Row, Table, clean_heading, place
from imports.template import template_workbook
from lifecycle.news import announce
from organizations.models import Organization
from organizations.queries import by_credit_code
from organizations.standing import obstacle
from taxonomy.queries import cities, concepts
from taxonomy.vocabulary import Vocabulary

SHOWN_PROBLEMS = 200

# Every noun's first column: whose record the row is.
ORGANIZATION = Column(
    "organization",
    "统一社会信用代码",
    "记录所属组织的统一社会信用代码；整个文件属于同一组织时可以不填，改用 --organization 指定",
    aliases=("信用代码", "credit_code"),
    read=credit_code,
)


@dataclass(frozen=True)
class ImportReport:
    """What was taken over, or would be.

    ``not_stated`` counts by heading the empty cells that say nothing; ``tags`` the records by
    tag, each with its scheme, since a label alone may have been written.
    """

    row_count: int
    organization_count: int
    not_stated: dict[str, int]
    tags: dict[str, int]
    applied: bool


def import_records(
    *,
    kind: str,
    table: Table,
    organization: Organization | None,
    actor: Actor,
    publish: bool = True,
    dry_run: bool = False,
    watch: Watch = unwatched,
) -> ImportReport:
    """Check every row of ``table`` and take all of them over in one transaction.

    ``organization`` owns the rows that name none themselves. ``publish``: the records are
    published at once (the file stands for an administrator's review), else they are drafts.
    Writes one audit event and one message ``imports.importedfile.apply`` for the file.

    Raises Forbidden, Conflict (the same file again), InvalidFiles with every fault by row and
    column; then nothing is written.
    """
    actor = require_actor(actor)
    noun = importable(kind)
    if not may(noun.permission, actor):
        raise Forbidden(f"您没有导入{noun.title}的权限。")
    _refuse_known_file(noun, table, organization)
    check = _Check(noun, table, organization, publish)
    check.run(watch)
    rows = [(owner, facts) for _, owner, facts in check.owned]
    report = ImportReport(
        row_count=len(rows),
        organization_count=len({owner.pk for owner, _ in rows}),
        not_stated=dict(check.not_stated),
        tags=dict(check.tags.most_common()),
        applied=not dry_run,
    )
    if dry_run:
        return report
    with transaction.atomic():
        check.confirm()
        with refuse_duplicates("imports_each_file_once", f"{table.name} 刚刚已由他人导入。"):
            source = ImportedFile.objects.create(
                kind=kind,
                organization=organization,
                name=table.name,
                digest=table.digest,
                row_count=len(rows),
            )
        noun.insert(rows=rows, source=source, publish=publish)
        recorded = {
            "kind": kind,
            "file": table.name,
            "sha256": table.digest,
            "rows": len(rows),
            "published": publish,
        }
        announce(source, "apply", actor, recorded=recorded, told={"kind": kind})
    return report


def import_template(kind: str) -> bytes:
    """The workbook to fill in, with its columns explained and the tags and cities to choose from.

    Raises NotFound.
    """
    noun = importable(kind)
    tags = [["代码", "标签", "别名", "体系", "层级"]]
    tags += [
        [
            each.code,
            each.label,
            "；".join(each.alternatives),
            each.scheme.short_title,
            each.get_level_display(),
        ]
        for each in concepts()
    ]
    places = [["代码", "城市"], *([c.code, c.name] for c in cities())]
    return template_workbook(
        noun.title, (*noun.columns, ORGANIZATION), {"产业标签": tags, "城市": places}
    )


def _unregistered(code: str) -> str:
    return f"没有登记过信用代码为“{code}”的组织，请先登记"


def _refuse_known_file(noun: Importable, table: Table, organization: Organization | None) -> None:
    known = ImportedFile.objects.filter(
        kind=noun.kind, organization=organization, digest=table.digest
    ).first()
    if known:
        when = timezone.localtime(known.created_at).strftime("%Y-%m-%d %H:%M")
        raise Conflict(
            f"{table.name} 的内容已于 {when} 导入（{known.row_count} 行，文件名 {known.name}），"
            "没有重复导入。要更正已有记录，请直接修改。"
        )


@dataclass(frozen=True)
class _Twin:
    """By which ``field`` a record is the same as one before, on which ``line`` that stood."""

    field: str
    line: int


class _Seen:
    """Records by organization and own number, by name, and by the name of those without one."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, str], int] = {}
        self._names: dict[tuple[int, str], int] = {}
        self._unnumbered: dict[tuple[int, str], int] = {}

    def add(self, owner: int, reference: str, name: str, line: int) -> None:
        self._names.setdefault((owner, name), line)
        if reference:
            self._numbers.setdefault((owner, reference), line)
        else:
            self._unnumbered.setdefault((owner, name), line)

    def find(self, owner: int, reference: str, name: str) -> _Twin | None:
        if reference and (line := self._numbers.get((owner, reference))) is not None:
            return _Twin("reference", line)
        names = self._unnumbered if reference else self._names
        line = names.get((owner, name))
        return None if line is None else _Twin("name", line)


@dataclass
class _Check:
    """One reading of a table: collects every fault before anything is refused."""

    noun: Importable
    table: Table
    organization: Organization | None
    publish: bool
    problems: list[Problem] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)  # as the file writes them, by field
    owned: list[tuple[Row, Organization, Any]] = field(default_factory=list)
    not_stated: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)

    def run(self, watch: Watch) -> None:
        """Read every row into ``owned``. Raises InvalidFiles with every fault."""
        columns = self._columns()
        self._refuse()  # rows of unknown columns would only repeat the same fault
        self.headings = {column.field: heading for heading, column in columns.items()}
        vocabulary = Vocabulary.load()
        checked: list[tuple[Row, str | None, Any]] = []
        for row in watch(self.table.rows, "检查"):
            values = self._values(row, columns, vocabulary)
            if values is None:
                continue
            code = values.pop(ORGANIZATION.field, None)
            self.not_stated.update(
                column.heading
                for column in self.noun.columns
                if column.field not in values and not column.blank_says
            )
            self.tags.update(vocabulary.titles[tag] for tag in values.get("concepts", ()))
            if (facts := self._facts(row, values)) is not None:
                checked.append((row, code, facts))
        self.owned = self._owners(checked)
        self._refuse_repeated()
        self._refuse()

    def confirm(self) -> None:
        """The same once more with the organizations locked, until the end of the transaction: of
        two imports at once the later one is told. Raises InvalidFiles.
        """
        keys = {owner.pk for _, owner, _ in self.owned}
        owners = Organization.objects.select_for_update(no_key=True).filter(pk__in=keys)
        now = {owner.pk: owner for owner in owners.order_by("pk")}
        for row, owner, _ in self.owned:
            if fault := self._unpublishable(now[owner.pk]):
                self._fault(row.line, ORGANIZATION.heading, fault)
        self._refuse_repeated()
        self._refuse()

    def _columns(self) -> dict[str, Column]:
        """The column that each heading names."""
        every = (*self.noun.columns, ORGANIZATION)
        known = {
            clean_heading(name).lower(): column
            for column in every
            for name in (column.heading, column.field, *column.aliases)
        }
        found: dict[str, Column] = {}
        for heading in self.table.headings:
            column = known.get(heading.lower())
            if column is None:
                near = difflib.get_close_matches(heading, [c.heading for c in every], n=1)
                hint = f"是否为“{near[0]}”？" if near else "请按模板的列名填写，不需要的列请删除"
                self._fault(1, heading, f"没有名为“{heading}”的列。{hint}")
            elif column in found.values():
                self._fault(1, heading, f"与另一列重复，都表示“{column.heading}”")
            else:
                found[heading] = column
        present = {column.field for column in found.values()}
        for column in self.noun.columns:
            if column.required and column.field not in present:
                self._fault(1, "", f"缺少必填的列“{column.heading}”")
        if self.organization is None and ORGANIZATION.field not in present:
            self._fault(1, "", f"缺少“{ORGANIZATION.heading}”列；整个文件属于同一组织时可另行指定")
        # Left to right as the template has them: a district is read after its city.
        return dict(sorted(found.items(), key=lambda item: every.index(item[1])))

    def _values(
        self, row: Row, columns: dict[str, Column], vocabulary: Vocabulary
    ) -> dict[str, Any] | None:
        """The row's values by field; None when a cell cannot be read."""
        reading = Reading(vocabulary)
        sound = True
        for heading, column in columns.items():
            if heading not in row.values:
                continue
            try:
                reading.values[column.field] = column.reader(heading)(row.values[heading], reading)
            except ValueError as error:
                self._fault(row.line, heading, str(error))
                sound = False
        return reading.values if sound else None

    def _facts(self, row: Row, values: dict[str, Any]) -> Facts | None:
        try:
            return self.noun.facts.model_validate(values)
        except ValidationError as error:
            for each in error.errors():
                self._fault(row.line, self.headings[str(each["loc"][0])], explain(each))
            return None

    def _owners(
        self, checked: list[tuple[Row, str | None, Any]]
    ) -> list[tuple[Row, Organization, Any]]:
        """Each row with the organization that it belongs to."""
        partners = {row.line: self._partners(facts) for row, _, facts in checked}
        named = {code for _, code, _ in checked if code}
        known = by_credit_code(named.union(*partners.values()))
        owned = []
        for row, code, facts in checked:
            for name, fault in (self.noun.obstacle(facts) if self.publish else {}).items():
                self._fault(row.line, self.headings[name], fault)
            for partner in partners[row.line] - known.keys():
                self._fault(row.line, self.headings[self.noun.partners], _unregistered(partner))
            owner = known.get(code) if code else self.organization
            if owner and owner.identifier in partners[row.line]:
                itself = "不能是记录所属的组织自己"
                self._fault(row.line, self.headings[self.noun.partners], itself)
            if code and owner is None:
                fault = _unregistered(code)
            elif owner is None:
                fault = "没有填写，也没有为整个文件指定组织"
            elif not (fault := self._unpublishable(owner)):
                owned.append((row, owner, facts))
                continue
            heading = self.headings.get(ORGANIZATION.field, ORGANIZATION.heading)
            self._fault(row.line, heading, fault)
        return owned

    def _unpublishable(self, owner: Organization) -> str:
        """What keeps records of ``owner`` from being published, if they are to be."""
        why = obstacle(owner, self.noun.capacity) if self.publish else ""
        return f"“{owner.name}”{why}，其记录只能导入为草稿" if why else ""

    def _partners(self, facts: Any) -> set[str]:
        """Credit codes of further organizations that the row names."""
        return set(getattr(facts, self.noun.partners)) if self.noun.partners else set()

    def _refuse_repeated(self) -> None:
        """The same record twice: by its own number, or by name where one has no number."""
        owners = list({owner.pk: owner for _, owner, _ in self.owned}.values())
        stored = _Seen()
        for owner_id, reference, name in self.noun.existing(owners).values_list(
            "organization", "reference", "name"
        ):
            stored.add(owner_id, reference, name, 0)
        read = _Seen()
        for row, owner, facts in self.owned:
            own = (owner.pk, facts.reference, facts.name)
            if (found := read.find(*own)) is not None:
                what = getattr(facts, found.field)
                fault = f"“{what}”与第 {found.line} 行重复"
            elif (found := stored.find(*own)) is not None:
                what = getattr(facts, found.field)
                fault = f"“{what}”已是“{owner.name}”名下的{self.noun.title}"
            else:
                read.add(*own, row.line)
                continue
            self._fault(row.line, self.headings[found.field], fault)

    def _fault(self, line: int, heading: str, message: str) -> None:
        where = place(heading, self.table.letters.get(heading, ""))
        self.problems.append(Problem(self.table.name, line, where, message))

    def _refuse(self) -> None:
        if not self.problems:
            return
        total = len(self.problems)
        shown = sorted(self.problems, key=lambda each: each.line)[:SHOWN_PROBLEMS]
        if total > len(shown):
            rest = f"还有 {total - len(shown)} 处错误没有列出"
            shown.append(Problem(self.table.name, shown[-1].line, "", rest))
        raise InvalidFiles(f"{self.table.name} 有 {total} 处错误，没有导入任何记录。", shown)
