"""``load_policy_data``: the seeds become rows, all or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from pydantic import BaseModel

import audit.services
import outbox.services
from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden
from policy.models import (
    PolicyClause,
    PolicyDocument,
    PolicyEdition,
    PolicyRule,
    PolicyTarget,
    ResponsibleBody,
)
from policy.sync import Change, Row, Sync
from taxonomy.models import (
    Carrier,
    CarrierSource,
    City,
    CityFocus,
    Concept,
    ConceptMapping,
    District,
    MissingCounterpart,
    Scheme,
)
from taxonomy.seeds import FocusSeed
from taxonomy.seedset import SeedSet, digest_of, read_files, read_seeds, walk

NESTED = ("narrower", "districts", "sources", "order")
LOAD_LOCK = 0x5CE4E  # advisory lock: one load at a time


@dataclass(frozen=True)
class LoadResult:
    """``edition`` is the one now in force; ``changes`` is empty when the seeds said nothing new."""

    edition: PolicyEdition
    changes: list[Change]
    applied: bool


def load_policy_data(*, directory: Path, actor: Actor, dry_run: bool = False) -> LoadResult:
    """Bring the policy facts to what ``directory`` says.

    Idempotent: unchanged seeds change nothing. Otherwise one new edition, one audit event and one
    message ``policy_data.loaded``; what is gone from the seeds is retired. With ``dry_run`` all
    is computed and nothing kept. Raises InvalidFiles, Conflict while another load runs, and
    Forbidden for anybody but the system.
    """
    if not require_actor(actor).is_system:
        raise Forbidden("政策数据只能由系统命令载入。")
    files = read_files(directory)
    current = PolicyEdition.objects.first()
    if current is not None and current.digest == digest_of(files):
        return LoadResult(current, [], applied=not dry_run)
    seeds = read_seeds(files)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOAD_LOCK])
            if cursor.fetchone() != (True,):
                raise Conflict("另一次政策数据载入正在进行，请稍后再试。")
        current = PolicyEdition.objects.first()
        if current is not None and current.digest == seeds.digest:
            return LoadResult(current, [], applied=not dry_run)
        number = current.number + 1 if current else 1
        edition = PolicyEdition.objects.create(number=number, digest=seeds.digest)
        sync = Sync(edition)
        _sync_policy(sync, seeds)
        _sync_concepts(sync, seeds)
        _sync_cities(sync, seeds)
        sync.retire_absent()
        if current is not None and not sync.changes:
            # Comments or order changed, facts did not: the edition stays, its digest moves on.
            edition.delete()
            current.digest = seeds.digest
            current.save(update_fields=["digest"])
            edition = current
        else:
            _announce(edition, sync.changes, actor)
        if dry_run:
            transaction.set_rollback(True)
    return LoadResult(edition, sync.changes, applied=not dry_run)


def _announce(edition: PolicyEdition, changes: list[Change], actor: Actor) -> None:
    edition.changes = [change.as_json() for change in changes]
    edition.save(update_fields=["changes"])
    details = {"number": edition.number, "digest": edition.digest, "changes": len(changes)}
    audit.services.record(actor=actor, verb="policy_data.load", obj=edition, details=details)
    outbox.services.publish(
        topic="policy_data.loaded", key=f"policy.policyedition:{edition.pk}", payload=details
    )


def _sync_policy(sync: Sync, seeds: SeedSet) -> None:
    sync.upsert(
        ResponsibleBody,
        (_row(body, i) for i, body in enumerate(seeds.bodies.content.bodies)),
    )
    files = [file.content for file in seeds.policies]
    # Newest first, wherever documents are listed.
    files.sort(key=lambda file: (-file.document.year, file.document.code))
    sync.upsert(PolicyDocument, (_row(file.document, i) for i, file in enumerate(files)))
    for file in files:
        document = sync.instance(PolicyDocument, file.document.code)
        sync.upsert(
            PolicyClause,
            (
                _row(
                    clause,
                    i,
                    many={"bodies": [sync.instance(ResponsibleBody, b) for b in clause.bodies]},
                    document=document,
                )
                for i, clause in enumerate(file.clauses)
            ),
        )
    for file in files:
        sync.upsert(
            PolicyTarget,
            (
                _row(target, i, clause=sync.instance(PolicyClause, target.clause))
                for i, target in enumerate(file.targets)
            ),
        )
        sync.upsert(
            PolicyRule,
            (
                _row(rule, i, clause=sync.instance(PolicyClause, rule.clause))
                for i, rule in enumerate(file.rules)
            ),
        )


def _sync_concepts(sync: Sync, seeds: SeedSet) -> None:
    files = [file.content for file in seeds.schemes]
    files.sort(key=lambda file: file.scheme.order)
    sync.upsert(
        Scheme,
        (
            _row(
                file.scheme,
                i,
                many={"clauses": [sync.instance(PolicyClause, c) for c in file.scheme.clauses]},
                document=sync.instance(PolicyDocument, file.scheme.document),
                jurisdiction=file.scheme.jurisdiction or "",
            )
            for i, file in enumerate(files)
        ),
    )
    for file in files:
        # Parents are saved before their children can point at them.
        scheme = sync.instance(Scheme, file.scheme.code)
        concepts = [(concept, parent) for concept, parent, _ in walk(file.concepts)]
        for top in (True, False):
            sync.upsert(
                Concept,
                (
                    _row(
                        concept,
                        i,
                        scheme=scheme,
                        broader=parent and sync.instance(Concept, parent),
                        clause=sync.instance(PolicyClause, concept.clause),
                        horizon=concept.horizon or "",
                        sort_key=pinyin(concept.label),
                    )
                    for i, (concept, parent) in enumerate(concepts)
                    if (parent is None) == top
                ),
            )
    crosswalk = seeds.crosswalk.content
    sync.upsert(
        ConceptMapping,
        (
            _row(
                mapping,
                i,
                code=f"{mapping.source}--{mapping.target}",
                source=sync.instance(Concept, mapping.source),
                target=sync.instance(Concept, mapping.target),
            )
            for i, mapping in enumerate(crosswalk.mappings)
        ),
    )
    sync.upsert(
        MissingCounterpart,
        (
            _row(
                missing,
                i,
                code=f"{missing.concept}--{missing.scheme}",
                concept=sync.instance(Concept, missing.concept),
                scheme=sync.instance(Scheme, missing.scheme),
            )
            for i, missing in enumerate(crosswalk.unmapped)
        ),
    )


def _sync_cities(sync: Sync, seeds: SeedSet) -> None:
    cities = seeds.cities.content.cities
    sync.upsert(City, (_row(city, i) for i, city in enumerate(cities)))
    for city in cities:
        sync.upsert(
            District,
            (
                _row(
                    district,
                    i,
                    city=sync.instance(City, city.code),
                    division_code=district.division_code or "",
                )
                for i, district in enumerate(city.districts)
            ),
        )
    for entry in seeds.focus.content.focus:
        sync.upsert(CityFocus, _focus_rows(sync, entry))
    for i, carrier in enumerate(seeds.carriers.content.carriers):
        row = _row(
            carrier,
            i,
            city=sync.instance(City, carrier.city),
            district=carrier.district and sync.instance(District, carrier.district),
        )
        sync.upsert(Carrier, [row])
        sync.upsert(
            CarrierSource,
            (
                _row(
                    source,
                    j,
                    code=f"{carrier.code}--{source.clause}",
                    carrier=sync.instance(Carrier, carrier.code),
                    clause=sync.instance(PolicyClause, source.clause),
                )
                for j, source in enumerate(carrier.sources)
            ),
        )


def _focus_rows(sync: Sync, entry: FocusSeed) -> Iterator[Row]:
    clause = sync.instance(PolicyClause, entry.clause)
    for city in entry.cities:
        for position, item in enumerate([*entry.fields, *entry.sub_industries]):
            concept = sync.instance(Concept, item.concept)
            yield Row(
                f"{city}--{item.concept}--{entry.clause}",
                {
                    "position": position,
                    "city": sync.instance(City, city),
                    "concept": concept,
                    "level": concept.level,
                    "scope": entry.scope,
                    "clause": clause,
                    "wording": item.wording,
                },
            )


def _row(
    seed: BaseModel, position: int, *, many: dict[str, list[Any]] | None = None, **fields: Any
) -> Row:
    """A row from a seed: its own fields, replaced by those given.

    Nested entries become rows of their own and are left out.
    """
    values = {name: getattr(seed, name) for name in type(seed).model_fields}
    values |= fields
    code = values.pop("code")
    for name in (*NESTED, *(many or {})):
        values.pop(name, None)
    return Row(code, {"position": position, **values}, many or {})


def pinyin(text: str) -> str:
    """A key that sorts Chinese text as readers expect; PostgreSQL here has no such collation."""
    # A third of a second and 54 MB, which few processes need.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    return " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True)).lower()
