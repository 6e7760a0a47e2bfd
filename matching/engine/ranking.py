"""Top lists both ways, exact and in one order whatever the order of the input."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from matching.engine.records import ScenarioRecord
from matching.engine.scoring import Ints, Scorer

TOP = 50
# A list's entry as one number: the score above the reversed key, so that the greater number is
# the better place and equal scores go by ascending key.
KEY_BITS = 40
KEY_MASK = (1 << KEY_BITS) - 1
# Kept beyond those that are shown: a few may leave before a list must be made anew.
SIZE = 64


def entries(scores: Ints, keys: Ints) -> Ints:
    return np.where(scores > 0, (scores.astype(np.int64) << KEY_BITS) | (KEY_MASK - keys), 0)


def scores_of(listed: Ints) -> Ints:
    return listed >> KEY_BITS


def keys_of(listed: Ints) -> Ints:
    """The record of each entry; meaningless for 0."""
    return KEY_MASK - (listed & KEY_MASK)


@dataclass(frozen=True)
class TopList:
    """Keys and scores of the best, best first; equal scores by ascending key."""

    keys: Ints
    scores: Ints


def top(keys: Ints, scores: Ints, size: int = TOP) -> TopList:
    """The best ``size`` of what has any point at all."""
    chosen = np.flatnonzero(scores > 0)
    if len(chosen) > 4 * size:  # sort only what can be in the list; ties at the edge stay in
        edge = np.partition(scores[chosen], len(chosen) - size)[len(chosen) - size]
        chosen = chosen[scores[chosen] >= edge]
    order = np.lexsort((keys[chosen], -scores[chosen]))[:size]
    return TopList(keys[chosen][order], scores[chosen][order])


@dataclass(frozen=True)
class Ranking:
    """Top lists by key: capabilities of each scenario, scenarios of each capability."""

    of_scenarios: dict[int, TopList]
    of_capabilities: dict[int, TopList]


def rank(scenarios: Iterable[ScenarioRecord], scorer: Scorer, size: int = TOP) -> Ranking:
    """Score every pair once; memory grows with the records, not with the pairs."""
    of_scenarios: dict[int, TopList] = {}
    best = _Columns(scorer.keys, size)
    for scenario in scenarios:
        counted = scorer.score(scenario).counted
        of_scenarios[scenario.key] = top(scorer.keys, counted, size)
        best.add(scenario.key, counted)
    return Ranking(of_scenarios, best.lists())


class _Columns:
    """The best scenarios of every capability so far: merged block by block."""

    BLOCK = 64

    def __init__(self, keys: Ints, size: int) -> None:
        self._keys = keys
        self._size = size
        self._best_keys = np.zeros((len(keys), 0), dtype=np.int64)
        self._best_scores = np.zeros((len(keys), 0), dtype=np.int64)
        self._waiting: list[tuple[int, Ints]] = []

    def add(self, key: int, scores: Ints) -> None:
        self._waiting.append((key, scores))
        if len(self._waiting) == self.BLOCK:
            self._merge()

    def _merge(self) -> None:
        if not self._waiting:
            return
        keys = np.array([key for key, _ in self._waiting], dtype=np.int64)
        keys = np.broadcast_to(keys, (len(self._keys), len(keys)))
        keys = np.concatenate([self._best_keys, keys], axis=1)
        scores = np.stack([scores for _, scores in self._waiting], axis=1)
        scores = np.concatenate([self._best_scores, scores], axis=1)
        order = np.lexsort((keys, -scores), axis=1)[:, : self._size]
        self._best_keys = np.take_along_axis(keys, order, axis=1)
        self._best_scores = np.take_along_axis(scores, order, axis=1)
        self._waiting.clear()

    def lists(self) -> dict[int, TopList]:
        self._merge()
        counts = (self._best_scores > 0).sum(axis=1)
        return {
            int(key): TopList(keys[:count], scores[:count])
            for key, keys, scores, count in zip(
                self._keys, self._best_keys, self._best_scores, counts, strict=True
            )
        }
