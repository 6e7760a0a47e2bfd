"""Reads rankings; parts and reasons are computed here, by the definition that ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar, overload

import capabilities.queries
import scenarios.queries
from capabilities.models import Capability
from matching.engine.profile import STANDARD
from matching.engine.ranking import TopList
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Scorer
from matching.engine.text import TextModel
from matching.explanations import Pair, Part, explain
from matching.models import CurrentRun, MatchList, MatchRun, Side
from matching.pipeline import Domain, load_capabilities, load_domain, load_scenarios
from matching.services import unpack
from scenarios.models import Scenario

M = TypeVar("M", Scenario, Capability)

MAXIMUM = sum(STANDARD.maxima().values())


@dataclass(frozen=True)
class Match(Generic[M]):
    """A counterpart with its score out of MAXIMUM and the parts that add up to it."""

    record: M
    score: int
    parts: list[Part]


class Matches(Sequence[Match[M]]):
    """A top list, best first: its length is known at once, parts and reasons come by slice.

    ``ranked_at`` is None, and the list empty, for what is not ranked: drafts and the like.
    """

    def __init__(
        self,
        pairs: list[Pair],
        rows: Any = None,
        ranked_at: datetime | None = None,
        model: TextModel | None = None,
    ) -> None:
        self._pairs = pairs
        self._rows = rows
        self._model = model
        self.ranked_at = ranked_at

    def __len__(self) -> int:
        return len(self._pairs)

    @overload
    def __getitem__(self, place: int) -> Match[M]: ...
    @overload
    def __getitem__(self, place: slice) -> list[Match[M]]: ...
    def __getitem__(self, place: int | slice) -> Match[M] | list[Match[M]]:
        if isinstance(place, int):
            return self._explained([self._pairs[place]])[0]
        return self._explained(self._pairs[place])

    def _explained(self, pairs: list[Pair]) -> list[Match[M]]:
        if not pairs or self._model is None:
            return []
        rows = self._rows.in_bulk([pair.key for pair in pairs])
        parts = explain(pairs, load_domain(), self._model)
        return [
            Match(rows[pair.key], pair.score, own)
            for pair, own in zip(pairs, parts, strict=True)
            if pair.key in rows
        ]


def capabilities_for(scenario: Scenario) -> Matches[Capability]:
    """The capabilities that suit an open scenario best. The caller may see the scenario."""
    run, own = _list_of(Side.SCENARIO, scenario.pk)
    if run is None or own is None:
        return Matches([])
    domain, model = load_domain(), _model(run)
    open_scenarios = scenarios.queries.open_for_matching()
    asking = load_scenarios(open_scenarios.filter(pk=scenario.pk), domain).records
    rows = capabilities.queries.open_for_matching()
    offered = load_capabilities(rows.filter(pk__in=_keys(own)), domain).records
    pairs = _pairs(asking, offered, domain, model)
    shown = capabilities.queries.with_details(rows)
    return Matches(_best(pairs, Side.CAPABILITY), shown, own.ranked_at, model)


def scenarios_for(capability: Capability) -> Matches[Scenario]:
    """The open scenarios that suit a published capability best. The caller may see it."""
    run, own = _list_of(Side.CAPABILITY, capability.pk)
    if run is None or own is None:
        return Matches([])
    domain, model = load_domain(), _model(run)
    open_capabilities = capabilities.queries.open_for_matching()
    offered = load_capabilities(open_capabilities.filter(pk=capability.pk), domain).records
    rows = scenarios.queries.open_for_matching()
    asking = load_scenarios(rows.filter(pk__in=_keys(own)), domain).records
    pairs = _pairs(asking, offered, domain, model)
    shown = scenarios.queries.with_details(rows)
    return Matches(_best(pairs, Side.SCENARIO), shown, own.ranked_at, model)


def current_run() -> MatchRun | None:
    """The generation that readers see."""
    pointer = CurrentRun.objects.select_related("run").first()
    return pointer.run if pointer else None


def _list_of(side: Side, record: int) -> tuple[MatchRun | None, MatchList | None]:
    own = (
        MatchList.objects.filter(
            run__in=CurrentRun.objects.values("run"), side=side, record_id=record
        )
        .select_related("run")
        .defer("run__statistics")
        .first()
    )
    return (own.run, own) if own else (None, None)


def _keys(own: MatchList) -> list[int]:
    packed: TopList = unpack(bytes(own.keys), bytes(own.scores))
    return [int(key) for key in packed.keys]


def _pairs(
    asking: list[ScenarioRecord],
    offered: list[CapabilityRecord],
    domain: Domain,
    model: TextModel,
) -> list[Pair]:
    """Every pair that may still stand in a list, scored as it is now."""
    scorer = Scorer(offered, domain.tables, model, STANDARD)
    pairs = []
    for scenario in asking:
        scores = scorer.score(scenario)
        for place, capability in enumerate(offered):
            if scores.counted[place]:
                points = {part: int(each[place]) for part, each in scores.parts.items()}
                stated = {part: bool(each[place]) for part, each in scores.stated.items()}
                pairs.append(Pair(scenario, capability, points, stated))
    return pairs


def _best(pairs: list[Pair], counterpart: Side) -> list[Pair]:
    keyed = [pair.seen_from(counterpart) for pair in pairs]
    return sorted(keyed, key=lambda pair: (-pair.score, pair.key))


def _model(run: MatchRun) -> TextModel:
    return _unpacked(run.pk)


@lru_cache(maxsize=2)
def _unpacked(run_id: int) -> TextModel:
    """A run's statistics never change."""
    packed = MatchRun.objects.values_list("statistics", flat=True).get(pk=run_id)
    return TextModel.unpack(bytes(packed))
