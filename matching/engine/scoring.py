"""The definition of the score: points by part for scenarios against capabilities.

There is no second definition: ``Scorer`` explains pairs and is what every other way to rank is
held against. Vectorised over both sides; every value is a whole number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine.concepts import ONE, Nearness, Table
from matching.engine.profile import PARTS, Profile
from matching.engine.records import CapabilityRecord, Range, ScenarioRecord
from matching.engine.text import TextIndex, TextModel

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Of ONE, lost for each level below or above the range that a scenario asks for. Too raw is worse
# than riper than needed.
BELOW_PER_LEVEL = 350
ABOVE_PER_LEVEL = 100


@dataclass(frozen=True)
class Tables:
    """What concepts and cities mean to each other.

    ``focus``: (cities, concepts) in thousandths; ``metro``: (cities, cities), whether two cities
    are the same or share a metro circle.
    """

    near: Nearness
    focus: Table
    metro: Mask


@dataclass(frozen=True)
class Scores:
    """``parts``: points by part name, each of shape (capabilities,), or (scenarios, capabilities)
    where several are asked for; ``eligible``: passes filters.

    ``stated``: whether both sides state what the part compares.
    """

    parts: dict[str, Ints]
    stated: dict[str, Mask]
    eligible: Mask

    @property
    def total(self) -> Ints:
        return np.asarray(np.sum(list(self.parts.values()), axis=0, dtype=np.int64))

    @property
    def counted(self) -> Ints:
        """Totals, 0 for what no list may hold.

        Ripe and cheap is not enough: a match shares a tag or a word.
        """
        related = (self.parts["tag"] > 0) | (self.parts["text"] > 0)
        return np.where(self.eligible & related, self.total, 0)

    def of(self, scenario: int) -> Scores:
        """One row of several."""
        return Scores(
            {part: points[scenario] for part, points in self.parts.items()},
            {part: stated[scenario] for part, stated in self.stated.items()},
            self.eligible[scenario],
        )


class _Tags:
    """The tags of records in one row."""

    def __init__(self, records: Sequence[ScenarioRecord] | Sequence[CapabilityRecord]) -> None:
        self.counts = _ints(len(each.concepts) for each in records)
        self.all = _ints(tag for each in records for tag in each.concepts)
        self.owners = np.repeat(np.arange(len(records)), self.counts)
        self._tagged = np.flatnonzero(self.counts)
        self._starts = (np.cumsum(self.counts) - self.counts)[self._tagged]

    def fold(self, how: np.ufunc, by_tag: Ints, axis: int = -1) -> Ints:
        """What ``how`` makes of the tags of each record; 0 for records without tags."""
        by_tag = np.moveaxis(by_tag, axis, -1)
        folded = np.zeros((*by_tag.shape[:-1], len(self.counts)), dtype=np.int64)
        if len(self._tagged):
            folded[..., self._tagged] = how.reduceat(by_tag, self._starts, axis=-1)
        return np.moveaxis(folded, -1, axis)


class Scorer:
    """Capabilities laid out in arrays, to be asked with scenarios."""

    def __init__(
        self,
        capabilities: Sequence[CapabilityRecord],
        tables: Tables,
        model: TextModel,
        profile: Profile,
    ) -> None:
        self._tables = tables
        self._profile = profile
        self._size = len(capabilities)
        self.keys = _ints(each.key for each in capabilities)
        self._organization = _ints(each.organization for each in capabilities)
        self._text = TextIndex(model, [(each.title, each.body) for each in capabilities])
        self._city = _ints(_number(each.city) for each in capabilities)
        self._readiness = _ints(_number(each.readiness) for each in capabilities)
        self._price = np.array(
            [_ends(each.price) for each in capabilities], dtype=np.int64
        ).reshape(-1, 2)
        self._qualifications = [each.qualifications for each in capabilities]
        self._tags = _Tags(capabilities)
        cities = len(tables.focus)
        self._serves = np.ones((self._size, cities), dtype=bool)
        for row, each in enumerate(capabilities):
            if each.cities_served:
                self._serves[row] = False
                self._serves[row, list(each.cities_served)] = True

    def score(self, scenario: ScenarioRecord) -> Scores:
        """Points of every capability, in the order in which they were given."""
        return self.score_all([scenario]).of(0)

    def score_all(self, scenarios: Sequence[ScenarioRecord]) -> Scores:
        """``score`` of several: much quicker together than one by one, but all in memory."""
        asked = _Tags(scenarios)
        city = _column(_number(each.city) for each in scenarios)
        relevance = self._tables.near.value[np.ix_(asked.all, self._tags.all)]
        nearest = asked.fold(np.maximum, relevance, 0)  # of each scenario, by tag of a capability
        maxima = self._profile.maxima()
        shares = {
            "tag": self._tag(asked, relevance, nearest),
            "host_focus": self._focus(nearest, city),
            "supplier_focus": self._focus(nearest, self._city[self._tags.owners]),
            "readiness": self._readiness_fit([each.readiness for each in scenarios]),
            "scale": self._scale_fit([each.budget for each in scenarios]),
            "nearness": self._nearby(city).astype(np.int64) * ONE,
        }
        points = {name: share * maxima[name] // ONE for name, share in shares.items()}
        texts = [(each.title, each.body) for each in scenarios]
        points["text"] = self._text.points_each(texts, maxima["text"])
        parts = {part: points[part] for part in PARTS}
        return Scores(parts, self._stated(scenarios, city), self._eligible(scenarios, city))

    def _tag(self, asked: _Tags, relevance: Ints, nearest: Ints) -> Ints:
        best = self._tags.fold(np.maximum, nearest)
        covered = asked.fold(np.add, self._tags.fold(np.maximum, relevance), 0)
        coverage = covered // np.maximum(asked.counts, 1)[:, None]
        return np.asarray((best + coverage) // 2)

    def _focus(self, nearest: Ints, city: Ints) -> Ints:
        """Is what the capability does a focus of the city: of the scenario's, or of the supplier's?

        Weighed by nearness to the scenario: a focus that the scenario is not about says nothing.
        0 without a city: the supplier's may lie outside the province.
        """
        worth = np.where(city >= 0, self._tables.focus[city, self._tags.all], 0)
        return self._tags.fold(np.maximum, nearest * worth // ONE)

    def _readiness_fit(self, asked: Sequence[Range]) -> Ints:
        lower, upper = (_column(range_[end] or (1, 9)[end] for range_ in asked) for end in (0, 1))
        below = np.maximum(lower - self._readiness, 0) * BELOW_PER_LEVEL
        above = np.maximum(self._readiness - upper, 0) * ABOVE_PER_LEVEL
        fit = np.maximum(ONE - below - above, 0)
        return np.where((self._readiness >= 0) & _are_stated(asked), fit, 0)

    def _scale_fit(self, budgets: Sequence[Range]) -> Ints:
        """Whole when the budget reaches the lowest price, in proportion down to half of it."""
        purse = _column((lower if upper is None else upper) or 0 for lower, upper in budgets)
        lowest = np.where(self._price[:, 0] >= 0, self._price[:, 0], self._price[:, 1])
        # Floats: fen times ONE may pass 2**63; a share of a thousandth needs no more precision.
        share = np.floor(ONE * purse.astype(np.float64) / np.maximum(lowest, 1))
        share = np.where(lowest <= purse, ONE, np.minimum(share, ONE - 1))
        fits = (lowest >= 0) & (share * 2 >= ONE) & _are_stated(budgets)
        return np.where(fits, share, 0).astype(np.int64)

    def _nearby(self, city: Ints) -> Mask:
        return np.asarray((city >= 0) & (self._city >= 0) & self._tables.metro[city, self._city])

    def _stated(self, scenarios: Sequence[ScenarioRecord], city: Ints) -> dict[str, Mask]:
        tagged = (self._tags.counts > 0) & (_column(len(each.concepts) for each in scenarios) > 0)
        budgets, levels = (
            [each.budget for each in scenarios],
            [each.readiness for each in scenarios],
        )
        return {
            "tag": tagged,
            "host_focus": tagged & (city >= 0),
            "supplier_focus": tagged & (self._city >= 0),
            "text": np.ones_like(tagged),
            "readiness": (self._readiness >= 0) & _are_stated(levels),
            "scale": np.asarray((self._price >= 0).any(axis=1) & _are_stated(budgets)),
            "nearness": (self._city >= 0) & (city >= 0),
        }

    def _eligible(self, scenarios: Sequence[ScenarioRecord], city: Ints) -> Mask:
        """Hard filters: own organizations excluded, must-haves met, the city served."""
        lowest = _column(
            _number(each.readiness[0] if each.must_readiness else None) for each in scenarios
        )
        eligible = (self._readiness >= lowest) & ((city < 0) | self._serves.T[city[:, 0]])
        for row, scenario in enumerate(scenarios):
            for organization in scenario.organizations:
                eligible[row] &= self._organization != organization
            for concept in scenario.must_concepts:
                covered = self._tables.near.covers[concept, self._tags.all].astype(np.int64)
                eligible[row] &= self._tags.fold(np.maximum, covered) > 0
            if scenario.must_qualifications:
                eligible[row] &= np.array(
                    [scenario.must_qualifications <= each for each in self._qualifications], bool
                )
        return np.asarray(eligible)


def _ints(values: object) -> Ints:
    return np.fromiter(values, dtype=np.int64)  # type: ignore[call-overload,no-any-return]


def _column(values: Iterable[int]) -> Ints:
    """One row for each scenario."""
    return _ints(values)[:, None]


def _are_stated(ranges: Sequence[Range]) -> Mask:
    return np.array([each != (None, None) for each in ranges], dtype=bool)[:, None]


def _number(value: int | None) -> int:
    return -1 if value is None else value


def _ends(range_: Range) -> tuple[int, int]:
    return _number(range_[0]), _number(range_[1])
