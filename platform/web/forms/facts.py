"""Forms that build a noun's facts: the facts hold the rules, the form holds what was typed.

Every fault that pydantic finds is shown at the field, or the row, that holds what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from common.facts import Facts
from common.validation import explain
from web.forms.fields import BeijingTimeField, CodesField, OptionField, VersionField

F = TypeVar("F", bound=Facts)
# Without JavaScript nobody can add rows; more than this no facts allow (tampered counts).
SPARE_ROWS, MOST_ROWS = 3, 60


@dataclass(frozen=True)
class Fault:
    """A fault of a row, for the summary above the form; ``place`` is the id to jump to."""

    place: str
    label: str
    text: str


class RowForm(forms.Form):
    """One row of a list inside a form, such as one goal."""

    # Fields that alone say nothing: a row in which only these are filled counts as blank.
    quiet: ClassVar[frozenset[str]] = frozenset()

    def stated(self) -> dict[str, Any]:
        """What was typed, without what was left blank; empty for a blank row."""
        values = {
            name: value for name, value in self.cleaned_data.items() if value not in ("", None)
        }
        said = (set(values) | set(self.errors)) - self.quiet
        return values if said else {}


if TYPE_CHECKING:
    _RowSet = BaseFormSet[RowForm]
else:  # generic for the type checker alone
    _RowSet = BaseFormSet


class Rows(_RowSet):
    """All rows of one list; ``kept`` gives the form behind each item of the facts' list."""

    label: Promise | str = ""
    kept: list[RowForm]

    def stated(self) -> list[dict[str, Any]]:
        filled = [(row, row.stated()) for row in self.forms]
        self.kept = [row for row, values in filled if values or row.errors]
        return [values for row, values in filled if values or row.errors]

    def faults(self) -> Iterator[Fault]:
        for text in self.non_form_errors():
            yield Fault(f"{self.prefix}-rows", str(self.label), str(text))
        for number, row in enumerate(self.forms, start=1):
            for name, texts in row.errors.items():
                place = row[name] if name in row.fields else row[next(iter(row.fields))]
                label = _("%(rows)s第 %(number)s 行“%(field)s”") % {
                    "rows": self.label,
                    "number": number,
                    "field": place.label,
                }
                for text in texts:
                    yield Fault(place.auto_id, label, str(text))


class FactsForm(forms.Form, Generic[F]):
    """``facts`` is what a valid form says; fields bear the names of the facts' own.

    ``stated`` fills in what a record says already and ``version`` is its ``updated_at``: it
    travels with the page and comes back as ``unchanged_since``. A fault of the facts named for
    no field of the form stands above it.
    """

    describes: ClassVar[type[Facts]]
    row_forms: ClassVar[Mapping[str, tuple[type[RowForm], Promise]]] = {}

    facts: F
    rows: dict[str, Rows]

    version = VersionField(label=_("版本"))
    # Ticked by who has seen the version that somebody else saved meanwhile.
    overwrite = VersionField(required=False, label=_("覆盖"))

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        stated: F | None = None,
        version: datetime | None = None,
    ) -> None:
        said = stated.model_dump() if stated else {}
        super().__init__(data, initial={**said, "version": version})
        if version is None:
            del self.fields["version"], self.fields["overwrite"]
        offered = self.choices()
        for name, field in self.fields.items():
            if described := self.describes.model_fields.get(name):
                field.required = described.is_required()
            if name in offered:
                assert isinstance(field, OptionField | CodesField)  # noqa: S101 (narrows the type)
                field.offer(offered[name])
            if isinstance(field, OptionField):
                field.keep(said.get(name))
        self.rows = {
            name: self._rows(name, form, label, data, said.get(name, []))
            for name, (form, label) in self.row_forms.items()
        }

    def choices(self) -> dict[str, Iterable[Any]]:
        """What may be chosen today, by field, where the database says so."""
        return {}

    def row_options(self, name: str) -> dict[str, Any]:
        """What the forms of the rows called ``name`` are made with."""
        return {}

    def _rows(
        self,
        name: str,
        form: type[RowForm],
        label: Promise,
        data: QueryDict | None,
        said: list[dict[str, Any]],
    ) -> Rows:
        made = cast(
            "type[Rows]",
            formset_factory(
                form, formset=Rows, extra=SPARE_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS
            ),
        )
        rows = made(data, prefix=name, initial=said, form_kwargs=self.row_options(name))
        rows.label = label
        return rows

    @property
    def unchanged_since(self) -> datetime | None:
        """The version that the verb must find: the page's, or the one knowingly overwritten."""
        given = self.cleaned_data
        since: datetime | None = given.get("overwrite") or given.get("version")
        return since

    @property
    def overwritten(self) -> Any:
        """The newer version that the reader has seen and ticked, as it was sent."""
        return self["overwrite"].value()

    @property
    def row_faults(self) -> list[Fault]:
        if not self.is_bound:
            return []
        return [fault for rows in self.rows.values() for fault in rows.faults()]

    def is_valid(self) -> bool:
        return super().is_valid() and not self.row_faults

    def clean(self) -> dict[str, Any]:
        """Build the facts of what could be read; what could not has its own fault already."""
        values = {
            name: self._value(name)
            for name in self.describes.model_fields
            if name in self.cleaned_data
        }
        stated = {name: value for name, value in values.items() if value not in ("", None)}
        for name, rows in self.rows.items():
            rows.is_valid()
            stated[name] = rows.stated()
        try:
            self.facts = cast("F", self.describes.model_validate(stated))
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                self._show(fault)
        return self.cleaned_data

    def _value(self, name: str) -> Any:
        left_alone = (
            isinstance(self.fields[name], BeijingTimeField) and name not in self.changed_data
        )
        return self.initial.get(name) if left_alone else self.cleaned_data[name]

    def _show(self, fault: ErrorDetails) -> None:
        """Put one fault of the facts where the person who typed it looks for it."""
        place, text = fault["loc"], explain(fault)
        name = str(place[0]) if place else ""
        if name in self.rows:
            self._show_in_rows(self.rows[name], place[1:], text)
        elif name in self.errors:
            return  # could not be read at all, which has been said
        elif name in self.fields:
            if len(place) > 1 and isinstance(place[1], int):
                text = _("第 %(number)s 项：%(text)s") % {"number": place[1] + 1, "text": text}
            self.add_error(name, text)
        else:
            self.add_error(None, f"{name}：{text}" if name else text)

    @staticmethod
    def _show_in_rows(rows: Rows, place: tuple[int | str, ...], text: str) -> None:
        if not place or not isinstance(place[0], int):
            rows.non_form_errors().append(text)
            return
        row = rows.kept[place[0]]
        field = str(place[1]) if len(place) > 1 else ""
        if field not in row.errors:
            row.add_error(field if field in row.fields else None, text)

    def differing(self, stated: F) -> list[str]:
        """The labels of what this form says otherwise than ``stated``; none before it is valid."""
        if not hasattr(self, "facts"):
            return []
        return [
            self.label_of(name)
            for name in self.describes.model_fields
            if getattr(self.facts, name) != getattr(stated, name)
        ]

    def label_of(self, name: str) -> str:
        return str(self.rows[name].label if name in self.rows else self.fields[name].label)
