"""How well a ranker finds what people judged to fit: the measures and their spread.

Gain of a judged pair is 2^(level − 1) − 1, of any other pair 0; the discount at rank r is
1 / log2(r + 1), and nDCG divides by the best order possible (Järvelin & Kekäläinen 2002, with
the gain of Burges et al. 2005). A pair is relevant from level 3 on. Per need:

``judged_ndcg10``  nDCG of the first ten when only the need's judged achievements are ranked;
``full_ndcg10``    nDCG of the first ten of all achievements;
``mrr10``          1 / rank of the first relevant one among the first ten of all, else 0;
``recall50``       share of the relevant ones that are among the first fifty of all.

Both nDCG are averaged over the needs with some gain to be had (a pair of level 2 or more), the
other two over the needs with a relevant pair; for the rest the measure is undefined (NaN).
Unjudged achievements count as unrelated: what only a better ranker would find is held against it.

Ties are broken by the achievement's id, ascending, as the order of the files or of the
judgements could be that of relevance. Input order never changes a figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
# (title, body) of a need → one score per achievement of the collection, in its order; the
# higher the better.
Scorer: TypeAlias = Callable[[str, str], NDArray[Any]]
# Measure → one value per need of the collection, in its order; NaN where it is undefined.
Values: TypeAlias = dict[str, Floats]

MEASURES = ("judged_ndcg10", "full_ndcg10", "mrr10", "recall50")
RELEVANT_LEVEL = 3

RESAMPLES = 10_000
PERCENTILES = (2.5, 97.5)
SEED = 20251121  # any fixed number: two runs must print the same interval


@dataclass(frozen=True)
class Need:
    """What somebody looks for; ``body`` may be empty."""

    key: str
    title: str
    body: str


@dataclass(frozen=True)
class Achievement:
    key: str
    title: str


@dataclass(frozen=True)
class Judged:
    """One need's judgements: positions of achievements (ascending) and their levels, (n,) each."""

    positions: NDArray[np.int64]
    levels: Floats


@dataclass(frozen=True)
class Collection:
    """Needs and achievements in the order of their ids, and the judgements between them."""

    needs: tuple[Need, ...]
    achievements: tuple[Achievement, ...]
    judged: Mapping[str, Judged]

    @classmethod
    def of(
        cls,
        needs: Iterable[Need],
        achievements: Iterable[Achievement],
        judgements: Iterable[tuple[str, str, int]],
    ) -> Collection:
        """From records in any order; ``judgements`` are (need, achievement, level).

        A pair judged more than once counts with the mean of its levels: no judge outranks
        another, and neither do the first or the last line.
        """
        sorted_needs = tuple(sorted(needs, key=lambda each: each.key))
        sorted_achievements = tuple(sorted(achievements, key=lambda each: each.key))
        position = {each.key: index for index, each in enumerate(sorted_achievements)}
        levels: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for need, achievement, level in judgements:
            levels[need][position[achievement]].append(level)
        judged = {
            need: Judged(
                np.array(sorted(pairs), dtype=np.int64),
                np.array([np.mean(pairs[each]) for each in sorted(pairs)], dtype=np.float64),
            )
            for need, pairs in levels.items()
        }
        return cls(sorted_needs, sorted_achievements, judged)


@dataclass(frozen=True)
class Interval:
    """A mean over ``needs`` needs and its 95 % bootstrap interval; all NaN over none."""

    mean: float
    low: float
    high: float
    needs: int


def evaluate(
    scorer: Scorer,
    collection: Collection,
    watch: Callable[[Sequence[Need], str], Iterable[Need]] = lambda needs, _: needs,
) -> Values:
    """Every measure for every need; ``watch`` passes the needs on and may show how far it is.

    Raises ValueError if the scorer does not give each achievement one number.
    """
    values = {measure: np.full(len(collection.needs), np.nan) for measure in MEASURES}
    for row, need in enumerate(watch(collection.needs, "needs")):
        judged = collection.judged.get(need.key)
        if judged is None:
            continue
        scores = np.asarray(scorer(need.title, need.body), dtype=np.float64)
        if scores.shape != (len(collection.achievements),) or np.isnan(scores).any():
            raise ValueError(f"need {need.key}: one number per achievement is expected")
        for measure, value in _measures(scores, judged).items():
            values[measure][row] = value
    return values


def _measures(scores: Floats, judged: Judged) -> dict[str, float]:
    """The measures that are defined for one need."""
    found: dict[str, float] = {}
    # Positions follow ids, so that a stable sort breaks ties by id.
    order = np.argsort(-scores, kind="stable")
    gains = np.zeros(len(scores))
    gains[judged.positions] = 2.0 ** (judged.levels - 1) - 1
    ideal = _dcg10(np.sort(gains)[::-1])
    if ideal > 0:
        judged_order = judged.positions[np.argsort(-scores[judged.positions], kind="stable")]
        found["judged_ndcg10"] = _dcg10(gains[judged_order]) / ideal
        found["full_ndcg10"] = _dcg10(gains[order]) / ideal
    relevant = np.zeros(len(scores), dtype=np.bool_)
    relevant[judged.positions] = judged.levels >= RELEVANT_LEVEL
    if relevant.any():
        hits = np.flatnonzero(relevant[order[:10]])
        found["mrr10"] = 1 / (int(hits[0]) + 1) if hits.size else 0.0
        found["recall50"] = int(relevant[order[:50]].sum()) / int(relevant.sum())
    return found


def _dcg10(gains: Floats) -> float:
    """Discounted sum of the first ten gains, given in the order of the ranking."""
    first = gains[:10]
    return float(np.sum(first / np.log2(np.arange(2, len(first) + 2))))


def difference(ours: Values, theirs: Values) -> Values:
    """Per need ``ours`` − ``theirs``: over the same needs, so that an interval of it is paired."""
    return {measure: ours[measure] - theirs[measure] for measure in MEASURES}


def interval(values: Floats) -> Interval:
    """Mean of the defined values and the percentile bootstrap over needs (Efron 1979).

    The same values always give the same interval, whatever was computed before.
    """
    defined = values[~np.isnan(values)]
    if not defined.size:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    draws = np.random.default_rng(SEED).integers(0, defined.size, (RESAMPLES, defined.size))
    low, high = np.percentile(defined[draws].mean(axis=1), PERCENTILES)
    return Interval(float(defined.mean()), float(low), float(high), int(defined.size))
