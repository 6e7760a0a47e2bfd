"""Reads rankings; parts and reasons are computed here, by the definition that ranked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Generic, TypeVar, overload

from django.db.models import QuerySet

import capabilities.queries
import scenarios.queries
from capabilities.models import Capability
from matching.engine.profile import STANDARD
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Scorer
from matching.engine.text import TextModel
from matching.explanations import Pair, Part, explain, explain_unmet
from matching.lists import unpack
from matching.models import CurrentRun, MatchList, MatchRun, Side
from matching.pipeline import Domain, load_capabilities, load_domain, load_scenarios, plain
from scenarios.models import Scenario

M = TypeVar("M", Scenario, Capability)

MAXIMUM = sum(STANDARD.maxima().values())
# Of fifty records no more than their entries in a list say: texts may be long.
NAMED = (
    *("public_id", "name", "organization__public_id", "organization__name"),
    *("organization__seat", "organization__is_demonstration", "organization__city__code"),
)


@dataclass(frozen=True)
class Match(Generic[M]):
    """A counterpart with its score out of MAXIMUM and the parts that add up to it.

    ``record`` knows its name, address and organization; all else takes a query.
    """

    record: M
    score: int
    parts: list[Part]

    @property
    def is_tied_by_tags(self) -> bool:
        """False where the tags give no points: other parts alone made the place."""
        return any(part.points for part in self.parts if part.name == "tag")


@dataclass(frozen=True)
class Fit:
    """How a scenario and a capability suit each other, listed or not.

    ``unmet``: the hard filters that keep the pair out of every list, in words.
    """

    score: int
    parts: list[Part]
    unmet: list[str]


class Matches(Sequence[Match[M]]):
    """A top list, best first: its length is known at once, parts and reasons come by slice.

    ``ranked_at`` is None, and the list empty, for what is not ranked: drafts and the like.
    """

    def __init__(
        self,
        pairs: list[Pair],
        rows: QuerySet[M] | None = None,
        ranked_at: datetime | None = None,
        known: tuple[Domain, TextModel] | None = None,
    ) -> None:
        self._pairs = pairs
        self._rows: QuerySet[M] | None = rows
        self._known = known
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
        if not pairs or self._rows is None or self._known is None:
            return []
        named = self._rows.select_related("organization__city").only(*NAMED)
        rows = named.in_bulk([pair.key for pair in pairs])
        parts = explain(pairs, *self._known)
        return [
            Match(rows[pair.key], pair.score, own)
            for pair, own in zip(pairs, parts, strict=True)
            if pair.key in rows
        ]


def capabilities_for(scenario: Scenario) -> Matches[Capability]:
    """The capabilities that suit an open scenario best. The caller may see the scenario."""
    return _matches(Side.SCENARIO, scenario.pk, capabilities.queries.open_for_matching())


def scenarios_for(capability: Capability) -> Matches[Scenario]:
    """The open scenarios that suit a published capability best. The caller may see it."""
    return _matches(Side.CAPABILITY, capability.pk, scenarios.queries.open_for_matching())


def _matches(side: Side, record: int, rows: QuerySet[M]) -> Matches[M]:
    """The list of one record, as its pairs stand now; ``rows`` are the counterparts to show."""
    own = (
        MatchList.objects.filter(
            run__in=CurrentRun.objects.values("run"), side=side, record_id=record
        )
        .select_related("run")
        .defer("run__statistics")
        .first()
    )
    if own is None:
        return Matches([])
    domain, model = load_domain(), _statistics(own.run_id)
    one, others = [record], unpack(bytes(own.entries)).keys.tolist()
    asking, offered = (one, others) if side is Side.SCENARIO else (others, one)
    pairs = _pairs(
        load_scenarios(scenarios.queries.open_for_matching().filter(pk__in=asking), domain).records,
        load_capabilities(
            capabilities.queries.open_for_matching().filter(pk__in=offered), domain
        ).records,
        domain,
        model,
    )
    other = Side.CAPABILITY if side is Side.SCENARIO else Side.SCENARIO
    seen = [pair.seen_from(other) for pair in pairs]
    best = sorted(seen, key=lambda pair: (-pair.score, pair.key))
    return Matches(best, rows, own.ranked_at, (domain, model))


def fits(scenario: Scenario, offered: Collection[Capability]) -> dict[int, Fit]:
    """How each of ``offered`` suits the scenario, by key, whatever state either side is in.

    By the definition and the statistics that rank; empty before the first run. The caller may
    see all of them.
    """
    run = CurrentRun.objects.values_list("run", flat=True).first()
    if run is None or not offered:
        return {}
    domain, model = load_domain(), _statistics(run)
    asking = load_scenarios(Scenario.objects.filter(pk=scenario.pk), domain).records
    answering = load_capabilities(
        Capability.objects.filter(pk__in=[each.pk for each in offered]), domain
    ).records
    pairs = _scored(asking, answering, domain, model)
    spelled = {plain(each): each for each in scenario.required_qualifications}
    told = zip(
        pairs,
        explain(pairs, domain, model),
        explain_unmet(pairs, domain, spelled),
        strict=True,
    )
    return {pair.capability.key: Fit(pair.score, parts, unmet) for pair, parts, unmet in told}


def _pairs(
    asking: list[ScenarioRecord],
    offered: list[CapabilityRecord],
    domain: Domain,
    model: TextModel,
) -> list[Pair]:
    """Every pair that may still stand in a list, scored as it is now."""
    return [pair for pair in _scored(asking, offered, domain, model) if pair.counted]


def _scored(
    asking: list[ScenarioRecord],
    offered: list[CapabilityRecord],
    domain: Domain,
    model: TextModel,
) -> list[Pair]:
    """Every pair, scored as it is now."""
    scorer = Scorer(offered, domain.tables, model, STANDARD)
    pairs = []
    for scenario in asking:
        scores = scorer.score(scenario)
        counted = scores.counted
        for place, capability in enumerate(offered):
            points = {part: int(each[place]) for part, each in scores.parts.items()}
            stated = {part: bool(each[place]) for part, each in scores.stated.items()}
            pairs.append(Pair(scenario, capability, points, stated, bool(counted[place])))
    return pairs


@lru_cache(maxsize=2)
def _statistics(run_id: int) -> TextModel:
    """A run's statistics never change."""
    packed = MatchRun.objects.values_list("statistics", flat=True).get(pk=run_id)
    return TextModel.unpack(bytes(packed))
