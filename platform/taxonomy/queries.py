"""Reads concepts and cities; everything here is public."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, Func, Prefetch, Q, QuerySet, TextField, Value

from policy.models import PolicyClause
from policy.queries import current, rows
from taxonomy.enums import ConceptLevel, ConceptStatus, FocusScope, MappingKind
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

PROVINCE = "440000"


def every_concept() -> QuerySet[Concept]:
    """Retired ones too: records may still carry them."""
    return Concept.objects.all()


def every_city() -> QuerySet[City]:
    return City.objects.all()


def schemes(*, with_retired: bool = False) -> QuerySet[Scheme]:
    """Schemes with their document and ``concept_count``."""
    return (
        rows(Scheme, with_retired=with_retired)
        .select_related("document")
        .prefetch_related("clauses__document")
        .annotate(concept_count=Count("concepts", filter=Q(concepts__retired_in=None)))
        .order_by("position")
    )


def concepts(*, with_retired: bool = False) -> QuerySet[Concept]:
    """Concepts in the order of their schemes, fields before their sub-industries."""
    return (
        rows(Concept, with_retired=with_retired)
        .select_related("scheme__document", "broader", "clause__document")
        .order_by("scheme__position", "position")
    )


def with_narrower(concept: Concept) -> QuerySet[Concept]:
    """``concept`` and, of a field, its sub-industries; retired ones too: records carry them."""
    return Concept.objects.filter(Q(pk=concept.pk) | Q(broader=concept))


def concepts_named(word: str) -> QuerySet[Concept]:
    """Concepts in use of which the label or another label contains ``word``, in any case."""
    in_use = current(Concept).exclude(status=ConceptStatus.RETIRED).filter(scheme__retired_in=None)
    return in_use.alias(other_names=other_names()).filter(
        Q(label__icontains=word) | Q(other_names__icontains=word)
    )


def other_names() -> Func:
    """The other labels of a concept as one text, to search in."""
    return Func(F("alternatives"), Value(" "), function="array_to_string", output_field=TextField())


def concepts_with_mappings(*, with_retired: bool = False) -> QuerySet[Concept]:
    """Concepts with everything that ``mappings_of`` and a full description need."""
    mappings = current(ConceptMapping).filter(source__retired_in=None, target__retired_in=None)
    return concepts(with_retired=with_retired).prefetch_related(
        Prefetch("narrower", current(Concept)),
        Prefetch("mappings_out", mappings.select_related("target__scheme", "target__broader")),
        Prefetch("mappings_in", mappings.select_related("source__scheme", "source__broader")),
        Prefetch("missing_counterparts", current(MissingCounterpart).select_related("scheme")),
    )


@dataclass(frozen=True)
class MappingView:
    """A mapping read from one of its ends: ``kind`` says how ``concept`` relates to that end."""

    concept: Concept
    kind: MappingKind
    reason: str


def mappings_of(concept: Concept) -> list[MappingView]:
    """Mappings of ``concept`` in both directions, in the order of the other schemes."""
    out = [
        MappingView(mapping.target, MappingKind(mapping.kind), mapping.reason)
        for mapping in concept.mappings_out.all()
    ]
    back = [
        MappingView(mapping.source, MappingKind(mapping.kind).inverse, mapping.reason)
        for mapping in concept.mappings_in.all()
    ]
    return sorted(
        out + back, key=lambda view: (view.concept.scheme.position, view.concept.position)
    )


def focus_of_concept(concept: Concept) -> QuerySet[CityFocus]:
    """Cities that name ``concept``, those named themselves before those named as a group."""
    return (
        current(CityFocus)
        .filter(concept=concept)
        .select_related("city", "clause__document")
        .order_by("scope", "city__position")
    )


def cities(*, with_retired: bool = False) -> QuerySet[City]:
    """Cities with counts of what texts name for them.

    ``field_count``: fields in the province's list, comparable between cities; ``own_count``:
    fields in lists of the city's own; ``concept_count``: distinct concepts of any level and
    scheme; ``carrier_count``.
    """
    named = Q(focus__retired_in=None)
    fields = named & Q(focus__level=ConceptLevel.FIELD)
    counted = rows(City, with_retired=with_retired).annotate(
        field_count=Count(
            "focus__concept",
            filter=fields & Q(focus__clause__document__jurisdiction=PROVINCE),
            distinct=True,
        ),
        own_count=Count(
            "focus__concept",
            filter=fields & Q(focus__clause__document__jurisdiction=F("code")),
            distinct=True,
        ),
        concept_count=Count("focus__concept", filter=named, distinct=True),
        carrier_count=Count("carriers", filter=Q(carriers__retired_in=None), distinct=True),
    )
    # Counting drops the model's own order.
    return counted.order_by("position")


def cities_with_facts(*, with_retired: bool = False) -> QuerySet[City]:
    """Cities with districts, carriers and focus prefetched for ``focus_by_source``."""
    sources = current(CarrierSource).select_related("clause__document")
    return cities(with_retired=with_retired).prefetch_related(
        Prefetch("districts", current(District)),
        Prefetch(
            "focus",
            current(CityFocus).select_related("concept__scheme", "clause__document"),
        ),
        Prefetch(
            "carriers",
            current(Carrier)
            .select_related("district")
            .prefetch_related(Prefetch("sources", sources)),
        ),
    )


def districts() -> QuerySet[District]:
    """Districts with their cities, city by city."""
    return current(District).select_related("city").order_by("city__position", "position")


@dataclass
class FocusSource:
    """What one clause names for one city, in the clause's own order."""

    clause: PolicyClause
    scope: FocusScope
    fields: list[CityFocus] = field(default_factory=list)
    sub_industries: list[CityFocus] = field(default_factory=list)


def focus_by_source(focus: Iterable[CityFocus]) -> list[FocusSource]:
    """Group a city's focus by clause; newest document first, clauses in their order."""
    groups: dict[int, FocusSource] = {}
    for each in focus:
        group = groups.setdefault(each.clause_id, FocusSource(each.clause, FocusScope(each.scope)))
        named = group.fields if each.level == ConceptLevel.FIELD else group.sub_industries
        named.append(each)
    for group in groups.values():
        group.fields.sort(key=lambda each: each.position)
        group.sub_industries.sort(key=lambda each: each.position)
    return sorted(groups.values(), key=lambda g: (g.clause.document.position, g.clause.position))


def carriers(*, with_retired: bool = False) -> QuerySet[Carrier]:
    """Carriers with city, district and sources."""
    sources = current(CarrierSource).select_related("clause__document")
    return (
        rows(Carrier, with_retired=with_retired)
        .select_related("city", "district")
        .prefetch_related(Prefetch("sources", sources))
    )


def cities_naming(concept: Concept) -> QuerySet[City]:
    """Cities for which some current clause names the concept."""
    named = current(CityFocus).filter(concept=concept)
    return current(City).filter(pk__in=named.values("city"))


def focus_fields() -> QuerySet[Concept]:
    """Fields that some city names, for choosing cities by field."""
    named = current(CityFocus).filter(level=ConceptLevel.FIELD)
    return concepts().filter(pk__in=named.values("concept"))


def concepts_in(clause: PolicyClause) -> QuerySet[Concept]:
    """Concepts that the clause introduces."""
    return concepts().filter(clause=clause)


def focus_in(clause: PolicyClause) -> QuerySet[CityFocus]:
    """Focus areas that the clause names, city by city."""
    return (
        current(CityFocus)
        .filter(clause=clause)
        .select_related("city", "concept")
        .order_by("city__position", "level", "position")
    )
