"""The definition of the score: points by part for one scenario against many capabilities.

Batch runs, the ranking of one record and the explanation of a pair all call ``Scorer.score``:
there is no second definition. Vectorised over capabilities; every value is a whole number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """``parts``: points by part name, each of shape (capabilities,); ``eligible``: passes filters.

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


class Scorer:
    """Capabilities laid out in arrays, to be asked with one scenario at a time."""

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
        # Tags of all capabilities in one row; reduceat folds them back into capabilities.
        counts = [len(each.concepts) for each in capabilities]
        self._tagged = np.flatnonzero(counts)
        self._tags = _ints(tag for each in capabilities for tag in each.concepts)
        self._starts = np.cumsum([0, *(count for count in counts if count)])[:-1].astype(np.int64)
        self._tag_owner = np.repeat(np.arange(self._size), counts)
        cities = len(tables.focus)
        self._serves = np.ones((self._size, cities), dtype=bool)
        for row, each in enumerate(capabilities):
            if each.cities_served:
                self._serves[row] = False
                self._serves[row, list(each.cities_served)] = True

    def score(self, scenario: ScenarioRecord) -> Scores:
        """Points of every capability, in the order in which they were given."""
        return next(self.score_each([scenario]))

    def score_each(self, scenarios: Sequence[ScenarioRecord]) -> Iterator[Scores]:
        """``score`` of a page's scenarios: texts are quicker read together than one by one."""
        texts = [(each.title, each.body) for each in scenarios]
        points = self._text.points_each(texts, self._profile.maxima()["text"])
        return map(self._scores, scenarios, points)

    def _scores(self, scenario: ScenarioRecord, text: Ints) -> Scores:
        relevance = self._relevance(scenario)  # by tag of a capability
        best = self._fold(relevance.max(axis=0, initial=0))
        coverage = (
            np.sum([self._fold(row) for row in relevance], axis=0) // len(relevance)
            if len(relevance)
            else np.zeros(self._size, np.int64)
        )
        maxima = self._profile.maxima()
        shares = {
            "tag": (best + coverage) // 2,
            "host_focus": self._host_focus(scenario, relevance),
            "supplier_focus": self._supplier_focus(relevance),
            "readiness": self._readiness_fit(scenario.readiness),
            "scale": self._scale_fit(scenario.budget),
            "nearness": self._nearby(scenario.city).astype(np.int64) * ONE,
        }
        points = {name: share * maxima[name] // ONE for name, share in shares.items()}
        points["text"] = text
        parts = {part: points[part] for part in PARTS}
        return Scores(parts, self._stated(scenario), self._eligible(scenario))

    def _relevance(self, scenario: ScenarioRecord) -> Ints:
        """Nearness of each of the scenario's tags (rows) to each capability's tag (columns)."""
        return self._tables.near.value[np.ix_(_ints(scenario.concepts), self._tags)]

    def _fold(self, by_tag: Ints) -> Ints:
        """The best of each capability's tags; 0 for capabilities without tags."""
        folded = np.zeros(self._size, dtype=np.int64)
        if len(self._tagged):
            folded[self._tagged] = np.maximum.reduceat(by_tag, self._starts)
        return folded

    def _host_focus(self, scenario: ScenarioRecord, relevance: Ints) -> Ints:
        """Is what the capability does a focus of the scenario's city?

        Weighed by nearness to the scenario: a focus that the scenario is not about says nothing.
        """
        if scenario.city is None:
            return np.zeros(self._size, dtype=np.int64)
        worth = self._tables.focus[scenario.city, self._tags]
        return self._fold(relevance.max(axis=0, initial=0) * worth // ONE)

    def _supplier_focus(self, relevance: Ints) -> Ints:
        """The same for the city of the supplier; 0 when it lies outside the province."""
        city = self._city[self._tag_owner]
        worth = np.where(city >= 0, self._tables.focus[city, self._tags], 0)
        return self._fold(relevance.max(axis=0, initial=0) * worth // ONE)

    def _readiness_fit(self, asked: Range) -> Ints:
        if asked == (None, None):
            return np.zeros(self._size, dtype=np.int64)
        lower, upper = asked[0] or 1, asked[1] or 9
        below = np.maximum(lower - self._readiness, 0) * BELOW_PER_LEVEL
        above = np.maximum(self._readiness - upper, 0) * ABOVE_PER_LEVEL
        fit = np.maximum(ONE - below - above, 0)
        return np.where(self._readiness >= 0, fit, 0)

    def _scale_fit(self, budget: Range) -> Ints:
        """Whole when the budget reaches the lowest price, in proportion down to half of it."""
        if budget == (None, None):
            return np.zeros(self._size, dtype=np.int64)
        purse = budget[1] if budget[1] is not None else budget[0]
        lowest = np.where(self._price[:, 0] >= 0, self._price[:, 0], self._price[:, 1])
        # Floats: fen times ONE may pass 2**63; a share of a thousandth needs no more precision.
        share = np.floor(ONE * float(purse or 0) / np.maximum(lowest, 1))
        share = np.where(lowest <= (purse or 0), ONE, np.minimum(share, ONE - 1))
        return np.where((lowest >= 0) & (share * 2 >= ONE), share, 0).astype(np.int64)

    def _nearby(self, city: int | None) -> Mask:
        if city is None:
            return np.zeros(self._size, dtype=bool)
        return np.asarray((self._city >= 0) & self._tables.metro[city, self._city])

    def _stated(self, scenario: ScenarioRecord) -> dict[str, Mask]:
        everywhere = np.ones(self._size, dtype=bool)
        tagged = np.zeros(self._size, dtype=bool)
        tagged[self._tagged] = bool(scenario.concepts)
        return {
            "tag": tagged,
            "host_focus": tagged & (scenario.city is not None),
            "supplier_focus": tagged & (self._city >= 0),
            "text": everywhere,
            "readiness": (self._readiness >= 0) & (scenario.readiness != (None, None)),
            "scale": np.asarray((self._price >= 0).any(axis=1) & (scenario.budget != (None, None))),
            "nearness": (self._city >= 0) & (scenario.city is not None),
        }

    def _eligible(self, scenario: ScenarioRecord) -> Mask:
        """Hard filters: own organizations excluded, must-haves met, the city served."""
        eligible = np.ones(self._size, dtype=bool)
        for organization in scenario.organizations:
            eligible &= self._organization != organization
        for concept in scenario.must_concepts:
            covered = self._tables.near.covers[concept, self._tags].astype(np.int64)
            eligible &= self._fold(covered) > 0
        if scenario.must_readiness and scenario.readiness[0] is not None:
            eligible &= self._readiness >= scenario.readiness[0]
        if scenario.must_qualifications:
            eligible &= np.array(
                [scenario.must_qualifications <= own for own in self._qualifications], dtype=bool
            )
        if scenario.city is not None:
            eligible &= self._serves[:, scenario.city]
        return eligible


def _ints(values: object) -> Ints:
    return np.fromiter(values, dtype=np.int64)  # type: ignore[call-overload,no-any-return]


def _number(value: int | None) -> int:
    return -1 if value is None else value


def _ends(range_: Range) -> tuple[int, int]:
    return _number(range_[0]), _number(range_[1])
