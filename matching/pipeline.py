"""From the database to the engine's values."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

import numpy as np
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Value
from django.db.models.functions import Concat, Greatest

import capabilities.queries
import scenarios.queries
from capabilities.models import Capability
from matching.engine.concepts import ConceptGraph, Nearness, nearness
from matching.engine.focus import Focus, focus_table
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Tables
from matching.models import Side
from policy.queries import current, edition_key
from scenarios.enums import Strength
from scenarios.models import Scenario, ScenarioGoal, TechnicalNeed
from taxonomy.enums import ConceptLevel, FocusScope, MappingKind
from taxonomy.models import City, CityFocus, Concept, ConceptMapping


@dataclass(frozen=True)
class Domain:
    """Concepts, cities and focus areas, numbered for the engine in a fixed order.

    ``concepts`` and ``cities`` lead from primary keys to numbers; ``focus_ids`` holds the primary
    keys of ``focus``, in its order.
    """

    edition: tuple[int, str]
    concepts: dict[int, int]
    cities: dict[int, int]
    focus: list[Focus]
    focus_ids: list[int]
    tables: Tables

    @property
    def near(self) -> Nearness:
        return self.tables.near

    def digest(self) -> bytes:
        digest = hashlib.sha256()
        for array in (self.near.value, self.tables.focus, self.tables.metro):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.digest()


def load_domain() -> Domain:
    """The domain of the present policy edition."""
    return domain_of(edition_key())


@lru_cache(maxsize=2)
def domain_of(edition: tuple[int, str]) -> Domain:
    """Read once for each edition and process, while it is the present one."""
    # Retired concepts too: records may still carry them.
    known = list(Concept.objects.order_by("pk").values_list("pk", "broader"))
    concepts = {pk: number for number, (pk, _) in enumerate(known)}
    graph = _graph(concepts, ((child, parent) for child, parent in known if parent))
    near = nearness(graph)
    places = list(City.objects.order_by("pk"))
    cities = {city.pk: number for number, city in enumerate(places)}
    rows = list(
        current(CityFocus)
        .select_related("clause__document")
        .order_by("clause__document__position", "clause__position", "position", "pk")
    )
    sources: dict[str, int] = {}
    focus = [
        Focus(
            city=cities[row.city_id],
            concept=concepts[row.concept_id],
            source=sources.setdefault(row.clause.document.jurisdiction, len(sources)),
            is_field=row.level == ConceptLevel.FIELD,
            is_group=row.scope == FocusScope.GROUP,
        )
        for row in rows
    ]
    tables = Tables(near, focus_table(len(cities), focus, near), _metro(places))
    return Domain(edition, concepts, cities, focus, [row.pk for row in rows], tables)


def _graph(concepts: dict[int, int], broader: Iterable[tuple[int, int]]) -> ConceptGraph:
    by_kind: dict[str, list[tuple[int, int]]] = {kind: [] for kind in MappingKind.values}
    for source, target, kind in current(ConceptMapping).values_list("source", "target", "kind"):
        by_kind[kind].append((concepts[source], concepts[target]))
    narrow = [(target, source) for source, target in by_kind[MappingKind.NARROW]]
    return ConceptGraph(
        size=len(concepts),
        broader=[(concepts[child], concepts[parent]) for child, parent in broader],
        wider=by_kind[MappingKind.BROAD] + narrow,
        exact=by_kind[MappingKind.EXACT],
        close=by_kind[MappingKind.CLOSE],
        related=by_kind[MappingKind.RELATED],
    )


def _metro(cities: list[City]) -> Any:
    return np.array(
        [
            [
                one.pk == other.pk or bool({*one.metro_circles} & {*other.metro_circles})
                for other in cities
            ]
            for one in cities
        ],
        dtype=bool,
    ).reshape(len(cities), len(cities))


R = TypeVar("R", ScenarioRecord, CapabilityRecord)

# What the engine reads of a record: pages load a hundred at once.
SCENARIO_FACTS = (
    *("organization_id", "name", "problem", "city_id", "readiness_min", "readiness_max"),
    *("readiness_is_must", "budget_min_fen", "budget_max_fen", "required_qualifications"),
)
CAPABILITY_FACTS = (
    *("organization_id", "name", "summary", "highlights", "readiness"),
    *("price_min_fen", "price_max_fen", "qualifications"),
)


@dataclass(frozen=True)
class Loaded(Generic[R]):
    """Records in the order of their keys, and the version of each: when it, or its organization,
    was last changed.
    """

    records: list[R]
    versions: dict[int, datetime]

    def only(self, keys: frozenset[int]) -> list[R]:
        return [each for each in self.records if each.key in keys]


@dataclass(frozen=True)
class Snapshot:
    """Everything that is open for matching, as one moment saw it."""

    domain: Domain
    scenarios: Loaded[ScenarioRecord]
    capabilities: Loaded[CapabilityRecord]

    @classmethod
    def read(cls) -> Snapshot:
        domain = load_domain()
        return cls(
            domain,
            load_scenarios(scenarios.queries.open_for_matching(), domain),
            load_capabilities(capabilities.queries.open_for_matching(), domain),
        )


def versioned(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With the ``version`` of each row."""
    found: QuerySet[Any] = rows.annotate(version=Greatest("updated_at", "organization__updated_at"))
    return found


def load_scenarios(rows: QuerySet[Scenario], domain: Domain) -> Loaded[ScenarioRecord]:
    """One query, however many rows."""
    found = list(scenario_rows(versioned(rows)).only(*SCENARIO_FACTS))
    return Loaded(scenario_records(found, domain), _versions(found))


def load_capabilities(rows: QuerySet[Capability], domain: Domain) -> Loaded[CapabilityRecord]:
    """One query, however many rows."""
    found = list(capability_rows(versioned(rows)).only(*CAPABILITY_FACTS))
    return Loaded(capability_records(found, domain), _versions(found))


def _versions(found: Iterable[Any]) -> dict[int, datetime]:
    return {row.pk: row.version for row in found}


def scenario_rows(rows: QuerySet[Scenario]) -> QuerySet[Any]:
    """With what ``scenario_records`` needs beside SCENARIO_FACTS, ordered by their keys."""
    needs = TechnicalNeed.objects.filter(concept__isnull=False, strength=Strength.MUST)
    return rows.annotate(
        tags=_linked(Scenario.concepts, "scenario", "concept"),
        partners=_linked(Scenario.co_publishers, "scenario", "organization"),
        said_of_goals=_parts(ScenarioGoal.objects, Concat("indicator", Value(" "), "target")),
        said_of_needs=_parts(TechnicalNeed.objects, F("text")),
        needed=_parts(needs, F("concept_id")),
    ).order_by("pk")


def scenario_records(found: Iterable[Any], domain: Domain) -> list[ScenarioRecord]:
    return [
        ScenarioRecord(
            key=row.pk,
            organizations=frozenset({row.organization_id, *row.partners}),
            title=row.name,
            body="\n".join([row.problem, *row.said_of_goals, *row.said_of_needs]),
            concepts=_numbers(row.tags, domain.concepts),
            city=domain.cities[row.city_id] if row.city_id else None,
            readiness=(row.readiness_min, row.readiness_max),
            budget=(row.budget_min_fen, row.budget_max_fen),
            must_concepts=_numbers(row.needed, domain.concepts),
            must_qualifications=frozenset(map(plain, row.required_qualifications)),
            must_readiness=row.readiness_is_must,
        )
        for row in found
    ]


def capability_rows(rows: QuerySet[Capability]) -> QuerySet[Any]:
    """With what ``capability_records`` needs beside CAPABILITY_FACTS, ordered by their keys."""
    return rows.annotate(
        tags=_linked(Capability.concepts, "capability", "concept"),
        served=_linked(Capability.cities_served, "capability", "city"),
        seat_city=F("organization__city"),
    ).order_by("pk")


def capability_records(found: Iterable[Any], domain: Domain) -> list[CapabilityRecord]:
    return [
        CapabilityRecord(
            key=row.pk,
            organization=row.organization_id,
            title=row.name,
            body="\n".join([row.summary, *row.highlights]),
            concepts=_numbers(row.tags, domain.concepts),
            city=domain.cities[row.seat_city] if row.seat_city else None,
            readiness=row.readiness,
            price=(row.price_min_fen, row.price_max_fen),
            qualifications=frozenset(map(plain, row.qualifications)),
            cities_served=frozenset(_numbers(row.served, domain.cities)),
        )
        for row in found
    ]


def plain(text: str) -> str:
    """A qualification without what people vary: width, capitals, white space."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def packed(record: ScenarioRecord | CapabilityRecord) -> dict[str, Any]:
    """For storing; ``unpacked`` gives an equal record."""
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in vars(record).items()
    }


def unpacked(side: Side, data: dict[str, Any] | None) -> Any:
    """A ScenarioRecord or CapabilityRecord, None for None."""
    if data is None:
        return None
    kind: type[Any] = ScenarioRecord if side is Side.SCENARIO else CapabilityRecord
    sets = {each.name for each in fields(kind) if str(each.type).startswith("frozenset")}
    return kind(
        **{
            name: frozenset(value)
            if name in sets
            else tuple(value)
            if isinstance(value, list)
            else value
            for name, value in data.items()
        }
    )


def _linked(relation: Any, own: str, other: str) -> ArraySubquery:
    links = relation.through._default_manager.filter(**{own: OuterRef("pk")})
    return ArraySubquery(links.order_by(other).values(other))


def _parts(rows: Any, said: Any) -> ArraySubquery:
    """``said`` of what hangs on a scenario, in its order."""
    own = rows.filter(scenario=OuterRef("pk")).order_by("position")
    return ArraySubquery(own.annotate(said=said).values("said"))


def _numbers(keys: Iterable[int], numbers: dict[int, int]) -> tuple[int, ...]:
    """In ascending order, so that the order in which tags were typed changes nothing."""
    return tuple(sorted({numbers[key] for key in keys}))
