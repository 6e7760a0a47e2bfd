"""Why a pair has its points: which tags and focus areas; or why it is in no list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from matching.engine.concepts import KEEPS, ONE, Link, Nearness
from matching.engine.focus import Named
from matching.engine.records import CapabilityRecord, ScenarioRecord


@dataclass(frozen=True)
class TagLink:
    """``asked`` and ``offered`` are tied by ``link``, ``share`` thousandths of the tag part.

    Where other schemes lie between, the link stands between ``near_asked`` and ``near_offered``,
    which are equal or close to the tags themselves.
    """

    asked: int
    offered: int
    link: Link
    share: int
    near_asked: int
    near_offered: int


def tied_tags(
    scenario: ScenarioRecord, capability: CapabilityRecord, near: Nearness
) -> list[tuple[int, int]]:
    """Each tag of the scenario with its best counterpart, the nearest first; no strangers."""
    found = []
    for asked in scenario.concepts:
        shares = near.rows[asked]
        best = max(capability.concepts, key=lambda tag: (shares[tag], -tag), default=None)
        if best is not None and shares[best]:
            found.append((shares[best], asked, best))
    found.sort(key=lambda each: -each[0])
    return [(asked, offered) for _, asked, offered in found]


def tag_link(asked: int, offered: int, near: Nearness) -> TagLink:
    """The way from one tag to the other that ``Nearness.value`` took; the two are no strangers."""
    _, first, second = max(
        (
            (before * (KEEPS[Link(kin)] * after // ONE) // ONE, one, other)
            for one, before in near.likes[asked]
            for other, after in near.likes[offered]
            if (kin := int(near.kin[one, other])) >= 0
        ),
        key=lambda way: way[0],  # the first of equals
    )
    link = Link(int(near.kin[first, second]))
    if link is Link.EQUAL and asked != offered:  # nothing but likeness lies between the two
        # Beside the two, a third may be close to both: then its tie to the one offered is shown.
        first, second = (asked if first == offered else first), offered
        link = Link.EXACT if near.alike[first, second] == KEEPS[Link.EXACT] else Link.CLOSE
    return TagLink(asked, offered, link, int(near.value[asked, offered]), first, second)


@dataclass(frozen=True)
class FocusLink:
    """``concept`` of the capability is a focus of a city: ``focus`` are places in the given list,
    the best of each source; ``worth`` in thousandths, ``relevance`` its nearness to the scenario.
    """

    concept: int
    worth: int
    relevance: int
    focus: tuple[int, ...]


def focus_link(
    city: int | None,
    scenario: ScenarioRecord,
    capability: CapabilityRecord,
    named: Mapping[int, Sequence[Named]],
    near: Nearness,
) -> FocusLink | None:
    """The focus area of ``city`` that gave the pair its points, None where there is none.

    ``named``: see ``named_by_city``.
    """
    if city is None or city not in named:
        return None
    found, most = None, 0
    for tag in capability.concepts:
        own = named[city][tag]
        relevance = max((near.rows[asked][tag] for asked in scenario.concepts), default=0)
        gain = relevance * own.worth // ONE
        if gain > most:
            found, most = FocusLink(tag, own.worth, relevance, own.places), gain
    return found


class Must(StrEnum):
    """The hard filters, in the order in which they are told."""

    OWN = "own"
    CONCEPT = "concept"
    READINESS = "readiness"
    QUALIFICATION = "qualification"
    CITY = "city"


@dataclass(frozen=True)
class Unmet:
    """A hard filter that a pair does not pass, with the tag or qualification that is missing."""

    must: Must
    concept: int | None = None
    qualification: str = ""


def unmet(scenario: ScenarioRecord, capability: CapabilityRecord, near: Nearness) -> list[Unmet]:
    """Why a pair is in no list; empty exactly when ``Scorer.score`` calls it eligible."""
    found = []
    if capability.organization in scenario.organizations:
        found.append(Unmet(Must.OWN))
    found += [
        Unmet(Must.CONCEPT, concept=concept)
        for concept in scenario.must_concepts
        if not any(near.covers[concept, tag] for tag in capability.concepts)
    ]
    lowest = scenario.readiness[0] if scenario.must_readiness else None
    if lowest is not None and (capability.readiness is None or capability.readiness < lowest):
        found.append(Unmet(Must.READINESS))
    found += [
        Unmet(Must.QUALIFICATION, qualification=each)
        for each in sorted(scenario.must_qualifications - capability.qualifications)
    ]
    served = capability.cities_served
    if scenario.city is not None and served and scenario.city not in served:
        found.append(Unmet(Must.CITY))
    return found
