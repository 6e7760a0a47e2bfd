"""Why a pair has its points: which tags, which focus areas, which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from heapq import heapify, heappop

import numpy as np

from matching.engine.concepts import KEEPS, ONE, Link, Nearness
from matching.engine.focus import Focus, worth
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.runs import Runs
from matching.engine.text import Floats, Ints, Text, TextModel, codes, fold, terms

SHOWN_WORDS = 5
LONGEST_WORD = 20
# Above what a record can hold; single signs that fold into many letters could make more of it.
READ_CHARACTERS = 20_000


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


def tag_links(
    scenario: ScenarioRecord, capability: CapabilityRecord, near: Nearness
) -> list[TagLink]:
    """For each tag of the scenario its best counterpart, the nearest first; none for strangers."""
    links = []
    for asked in scenario.concepts:
        best = max(
            capability.concepts,
            key=lambda tag: (near.value[asked, tag], -tag),
            default=None,
        )
        if best is not None and near.value[asked, best]:
            links.append(tag_link(asked, best, near))
    return sorted(links, key=lambda each: -each.share)


def tag_link(asked: int, offered: int, near: Nearness) -> TagLink:
    """The way from one tag to the other that ``Nearness.value`` took."""
    keeps = np.array([KEEPS[Link(each)] for each in range(len(Link))] + [0], dtype=np.int64)
    onward = keeps[near.kin] * near.alike[:, offered] // ONE
    ways = near.alike[asked][:, None] * onward // ONE
    first, second = (int(each) for each in np.unravel_index(np.argmax(ways), ways.shape))
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
    focus: Sequence[Focus],
    near: Nearness,
) -> FocusLink | None:
    """The focus area of ``city`` that gave the pair its points, None where there is none."""
    found: FocusLink | None = None
    own = [
        (place, each, worth(each, near)) for place, each in enumerate(focus) if each.city == city
    ]
    for tag in capability.concepts:
        relevance = max((int(near.value[asked, tag]) for asked in scenario.concepts), default=0)
        best: dict[int, tuple[int, int]] = {}
        for place, each, values in own:
            value = int(values[tag])
            if value > best.get(each.source, (0, 0))[0]:
                best[each.source] = (value, place)
        total = min(sum(value for value, _ in best.values()), ONE)
        gain = relevance * total // ONE
        if gain and (found is None or gain > found.relevance * found.worth // ONE):
            places = sorted(best.values(), reverse=True)
            found = FocusLink(tag, total, relevance, tuple(place for _, place in places))
    return found


def shared_characters(scenario: Text, capability: Text, model: TextModel) -> list[str]:
    """Single characters that both texts have, the most telling first."""
    both = sorted({*fold(" ".join(scenario))} & {*fold(" ".join(capability))} - {" "})
    weights = model.idf(terms(" ".join(both)))
    return [both[place] for place in np.argsort(-weights, kind="stable")[:SHOWN_WORDS]]


def shared_words(scenario: Text, capability: Text, model: TextModel) -> list[str]:
    """Longest runs of two characters or more that both texts have, the most telling first.

    Near linear in both texts: anybody may ask for fifty long ones at once (THREATS A16).
    """
    offered = fold(" ".join(capability))[:READ_CHARACTERS]
    starts, lengths = _runs(scenario).shared_with(offered)
    starts, lengths = starts[lengths >= 2], np.minimum(lengths[lengths >= 2], LONGEST_WORD)
    weights = _weights(offered, starts, lengths, model)
    found = {
        offered[start : start + length]: weight
        for start, length, weight in zip(
            starts.tolist(), lengths.tolist(), weights.tolist(), strict=True
        )
    }
    ranked = [(-weight, word) for word, weight in found.items()]
    heapify(ranked)
    kept: list[str] = []
    while ranked and len(kept) < SHOWN_WORDS:
        _, word = heappop(ranked)
        if not any(word in longer for longer in kept):
            kept.append(word)
    return kept


@lru_cache(maxsize=2)  # one scenario's list is told pair by pair
def _runs(text: Text) -> Runs:
    return Runs(fold(" ".join(text))[:READ_CHARACTERS])


def _weights(text: str, starts: Ints, lengths: Ints, model: TextModel) -> Floats:
    """The sum of ``model.idf(terms(run))`` for each run of a folded text."""
    single, pairs = (model.idf(each) for each in codes(text))
    weights = np.zeros(len(starts))
    for length in np.unique(lengths):
        alike = lengths == length
        places = starts[alike][:, None] + np.arange(length)
        every = np.concatenate([single[places], pairs[places[:, :-1]]], axis=1)
        weights[alike] = every.sum(axis=1)
    return weights


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
