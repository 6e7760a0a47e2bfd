"""What a city's focus areas are worth for a concept, in thousandths.

A sub-industry that a text names counts more than a field, a city named itself more than one named
with its region. Each source (the province, the city) counts once, with the best that it says;
sources add up. What lies inside a focus area belongs to it: so a sub-industry that no city names
falls back to its field. Lists are open (等): absence never excludes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.concepts import ONE, Nearness, Table

SUB_INDUSTRY = 600
FIELD = 400
GROUP_SHARE = 500  # of ONE: named with a group of cities


@dataclass(frozen=True)
class Focus:
    """``source`` names ``concept`` as a focus of ``city``; all three are numbers from 0."""

    city: int
    concept: int
    source: int
    is_field: bool
    is_group: bool

    @property
    def strength(self) -> int:
        own = FIELD if self.is_field else SUB_INDUSTRY
        return own * GROUP_SHARE // ONE if self.is_group else own


def worth(each: Focus, near: Nearness) -> Table:
    """What one focus area is worth for every concept; shape (concepts,).

    Whole for the concept itself and for what lies inside it, by likeness for what is equal or
    close to either in other schemes.
    """
    alike = near.alike[:, each.concept]
    inside = np.where(near.parents, alike, 0).max(axis=1, initial=0)
    inside = (near.alike * inside // ONE).max(axis=1, initial=0)
    return np.asarray(np.maximum(alike, inside) * each.strength // ONE)


@dataclass(frozen=True)
class Named:
    """What a city says of a concept: ``worth`` as in ``focus_table``, and the places in a list of
    the focus areas that it comes from, the best of each source, the worthiest first.
    """

    worth: int
    places: tuple[int, ...]


def named_by_city(focus: Sequence[Focus], near: Nearness) -> dict[int, list[Named]]:
    """Of each city that names any, by concept."""
    best: dict[int, list[dict[int, tuple[int, int]]]] = {}
    for place, each in enumerate(focus):
        values = worth(each, near)
        own = best.setdefault(each.city, [{} for _ in values])
        for concept in np.flatnonzero(values):
            value = int(values[concept])
            if value > own[concept].get(each.source, (0, 0))[0]:
                own[concept][each.source] = value, place
    return {city: list(map(_named, own)) for city, own in best.items()}


def _named(by_source: dict[int, tuple[int, int]]) -> Named:
    ranked = sorted(by_source.values(), reverse=True)
    return Named(min(sum(value for value, _ in ranked), ONE), tuple(place for _, place in ranked))


def focus_table(cities: int, focus: Sequence[Focus], near: Nearness) -> Table:
    """Worth of every concept in every city; shape (cities, concepts), 0 to ONE."""
    size = len(near.value)
    by_source: dict[tuple[int, int], Table] = {}
    for each in focus:
        known = by_source.setdefault((each.city, each.source), np.zeros(size, np.int64))
        np.maximum(known, worth(each, near), out=known)
    table = np.zeros((cities, size), dtype=np.int64)
    for (city, _), values in by_source.items():
        table[city] += values
    return np.minimum(table, ONE)
