"""Reads rankings; parts and reasons are computed here, by the definition that ranked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Generic, TypeVar, overload

import numpy as np
from django.db import connection, transaction
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Now

from capabilities import queries as _capabilities
from capabilities.models import Capability
from matching import lists
from matching.engine.profile import STANDARD
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Scorer
from matching.engine.text import TextModel
from matching.explanations import Pair, Part, explain, explain_unmet
from matching.lists import unpack
from matching.models import (
    CurrentRun,
    MatchHistory,
    MatchList,
    MatchPart,
    MatchRun,
    RunState,
    Side,
)
from matching.pipeline import (
    CAPABILITY_FACTS,
    SCENARIO_FACTS,
    Domain,
    capability_records,
    capability_rows,
    load_capabilities,
    load_domain,
    load_scenarios,
    plain,
    scenario_records,
    scenario_rows,
)
from scenarios import queries as _scenarios
from scenarios.models import Scenario

M = TypeVar("M", Scenario, Capability)

MAXIMUM = sum(STANDARD.maxima().values())
ENTRY_BYTES = 8
# 平台默认: a run that has not moved for so long has lost its workers.
FORSAKEN = timedelta(minutes=15)
HISTORY_SHOWN = 20  # 平台默认: changes of a list, the latest
# Of fifty records no more than their entries in a list say: texts may be long.
NAMED = (
    *("public_id", "name", "organization__public_id", "organization__name"),
    *("organization__seat", "organization__is_demonstration", "organization__city__code"),
)


@dataclass(frozen=True)
class Match(Generic[M]):
    """A counterpart with its score out of MAXIMUM and the parts that add up to it.

    ``record`` knows what ranks it, its address and organization; all else takes a query.
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
        records: Mapping[int, M] | None = None,
        ranked_at: datetime | None = None,
        known: tuple[Domain, TextModel] | None = None,
    ) -> None:
        self._pairs = pairs
        self._records: Mapping[int, M] = records or {}
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
        if not pairs or self._known is None:
            return []
        parts = explain(pairs, *self._known)
        return [
            Match(self._records[pair.key], pair.score, own)
            for pair, own in zip(pairs, parts, strict=True)
        ]


def capabilities_for(scenario: Scenario) -> Matches[Capability]:
    """The capabilities that suit an open scenario best. The caller may see the scenario."""
    return _matches(Side.SCENARIO, scenario.pk)


def scenarios_for(capability: Capability) -> Matches[Scenario]:
    """The open scenarios that suit a published capability best. The caller may see it."""
    return _matches(Side.CAPABILITY, capability.pk)


def _matches(side: Side, record: int) -> Matches[Any]:
    """The list of one record, as its pairs stand now."""
    own = (
        MatchList.objects.filter(
            run__in=CurrentRun.objects.values("run"), side=side, record_id=record
        )
        .values_list("run", "entries", "ranked_at")
        .first()
    )
    if own is None:
        return Matches([])
    run, entries, ranked_at = own
    domain, model = load_domain(), _statistics(run)
    one, others = [record], unpack(bytes(entries)).keys.tolist()
    asking, offered = (one, others) if side is Side.SCENARIO else (others, one)
    scenarios = {row.pk: row for row in _open_scenarios().filter(pk__in=asking)}
    capabilities = {row.pk: row for row in _open_capabilities().filter(pk__in=offered)}
    pairs = _pairs(
        scenario_records(scenarios.values(), domain),
        capability_records(capabilities.values(), domain),
        domain,
        model,
    )
    other = Side.CAPABILITY if side is Side.SCENARIO else Side.SCENARIO
    seen = [pair.seen_from(other) for pair in pairs]
    best = sorted(seen, key=lambda pair: (-pair.score, pair.key))
    shown = capabilities if side is Side.SCENARIO else scenarios
    return Matches(best, shown, ranked_at, (domain, model))


@cache
def _open_scenarios() -> QuerySet[Any]:
    """What a page reads of scenarios: put together once, which takes as long as to read them."""
    rows = scenario_rows(_scenarios.open_for_matching())
    return rows.select_related("organization__city").only(*NAMED, *SCENARIO_FACTS)


@cache
def _open_capabilities() -> QuerySet[Any]:
    rows = capability_rows(_capabilities.open_for_matching())
    return rows.select_related("organization__city").only(*NAMED, *CAPABILITY_FACTS)


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
    scores = Scorer(offered, domain.tables, model, STANDARD).score_all(asking)
    points, stated = (
        {part: each.tolist() for part, each in arrays.items()}
        for arrays in (scores.parts, scores.stated)
    )
    counted = scores.counted.tolist()
    return [
        Pair(
            scenario,
            capability,
            {part: each[row][column] for part, each in points.items()},
            {part: each[row][column] for part, each in stated.items()},
            bool(counted[row][column]),
        )
        for row, scenario in enumerate(asking)
        for column, capability in enumerate(offered)
    ]


@lru_cache(maxsize=2)
def _statistics(run_id: int) -> TextModel:
    """A run's statistics never change."""
    packed = MatchRun.objects.values_list("statistics", flat=True).get(pk=run_id)
    return TextModel.unpack(bytes(packed))


@dataclass(frozen=True)
class Ranked(Generic[M]):
    """A counterpart that has a record in its own list, at ``place`` (from 1) with ``score``."""

    record: M
    place: int
    score: int


class Rankings(Sequence[Ranked[M]]):
    """Whose lists a record stands in, best place first: names are read by slice."""

    def __init__(self, found: list[tuple[int, int, int]], rows: QuerySet[M]) -> None:
        """``found``: place, score and key of each that may be seen."""
        self._found = found
        self._rows: QuerySet[M] = rows

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, number: int) -> Ranked[M]: ...
    @overload
    def __getitem__(self, number: slice) -> list[Ranked[M]]: ...
    def __getitem__(self, number: int | slice) -> Ranked[M] | list[Ranked[M]]:
        if isinstance(number, int):
            return self._named([self._found[number]])[0]
        return self._named(self._found[number])

    def _named(self, found: list[tuple[int, int, int]]) -> list[Ranked[M]]:
        named = _named(self._rows, [key for _, _, key in found])
        return [Ranked(named[key], place, score) for place, score, key in found if key in named]


def scenarios_ranking(capability: Capability) -> Rankings[Scenario]:
    """The open scenarios in whose lists the capability stands. The caller may see it."""
    own = _capabilities.open_for_matching().filter(pk=capability.pk)
    return _ranking(Side.SCENARIO, own, _scenarios.open_for_matching())


def capabilities_ranking(scenario: Scenario) -> Rankings[Capability]:
    """The published capabilities in whose lists the scenario stands. The caller may see it."""
    own = _scenarios.open_for_matching().filter(pk=scenario.pk)
    return _ranking(Side.CAPABILITY, own, _capabilities.open_for_matching())


def _ranking(side: Side, own: QuerySet[Any], rows: QuerySet[M]) -> Rankings[M]:
    """Lists of ``side`` that hold the one record ``own``; none when it takes no part now."""
    key = own.values_list("pk", flat=True).first()
    if key is None:
        return Rankings([], rows)
    holders, places, scores = _holders(side, key)
    seen = set(rows.filter(pk__in=holders).values_list("pk", flat=True))
    found = [
        (place, score, holder)
        for holder, place, score in zip(holders, places, scores, strict=True)
        if holder in seen
    ]
    return Rankings(sorted(found, key=lambda each: (each[0], -each[1], each[2])), rows)


def _holders(side: Side, key: int) -> tuple[list[int], list[int], list[int]]:
    """Whose lists hold ``key``, at which place and with which score.

    No index serves this, and none is needed: PostgreSQL looks through the packed lists of a
    province in a fraction of a second. By the index of the lists, for they are not alone in their
    table: the planner would rather read all generations in their order, which takes twice as long.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "SELECT record_id, entries FROM matching_matchlist"
            " WHERE run_id = (SELECT run_id FROM matching_currentrun) AND side = %s"
            " AND position(%s in entries) > 0",
            [side.value, lists.pack_key(key)],
        )
        rows = [(holder, bytes(entries)) for holder, entries in cursor]
    counts = np.array([len(entries) for _, entries in rows], np.int64) // ENTRY_BYTES
    every = unpack(b"".join(entries for _, entries in rows))
    # The bytes may also stand across two entries.
    found = np.flatnonzero(every.keys == key)
    row = np.searchsorted(np.cumsum(counts), found, side="right")
    places = found - (np.cumsum(counts) - counts)[row] + 1
    holders = [rows[each][0] for each in row]
    return holders, places.tolist(), every.scores[found].tolist()


def _named(rows: QuerySet[M], keys: Collection[int]) -> dict[int, M]:
    """Those of the records that are among ``rows``, with what names them."""
    return rows.select_related("organization__city").only(*NAMED).in_bulk(list(keys))


@dataclass(frozen=True)
class Past(Generic[M]):
    """The first places of a record's list from ``since`` on, as far as they may still be seen;
    ``came``: those of them that were not there before; ``gone``: how many left.

    The earliest known has nothing before it: ``is_first``, and nobody came.
    """

    since: datetime
    generation: int
    records: list[M]
    came: frozenset[int]
    gone: int
    is_first: bool


def history_of_scenario(scenario: Scenario) -> list[Past[Capability]]:
    """How the first places of its list changed, the latest first. The caller may see it."""
    return _history(Side.SCENARIO, scenario.pk, _capabilities.open_for_matching())


def history_of_capability(capability: Capability) -> list[Past[Scenario]]:
    return _history(Side.CAPABILITY, capability.pk, _scenarios.open_for_matching())


def _history(side: Side, key: int, rows: QuerySet[M]) -> list[Past[M]]:
    latest = MatchHistory.objects.filter(side=side, record_id=key).order_by("-pk")
    known = list(latest[: HISTORY_SHOWN + 1])
    lists_of_keys: list[list[int]] = [unpack(bytes(each.entries)).keys.tolist() for each in known]
    named = _named(rows, {other for own in lists_of_keys for other in own})
    past: list[Past[M]] = []
    for place, row in enumerate(known[:HISTORY_SHOWN]):
        own = lists_of_keys[place]
        before = lists_of_keys[place + 1] if place + 1 < len(known) else None
        past.append(
            Past(
                since=row.ranked_at,
                generation=row.generation,
                records=[named[other] for other in own if other in named],
                came=frozenset(() if before is None else (set(own) - set(before)) & named.keys()),
                gone=0 if before is None else len(set(before) - set(own)),
                is_first=before is None,
            )
        )
    return past


@dataclass(frozen=True)
class Progress:
    """A full ranking under way: ``share`` of its blocks that are done, 0 to 1."""

    generation: int
    state: RunState
    share: float

    @property
    def percent(self) -> int:
        return int(self.share * 100)


def progress() -> Progress | None:
    """Of the full ranking that is under way, None when there is none, or nobody at work on it."""
    run = (
        MatchRun.objects.filter(
            state__in=[RunState.READING, RunState.RANKING], seen_at__gt=Now() - FORSAKEN
        )
        .order_by("-generation")
        .values_list("pk", "generation", "state")
        .first()
    )
    if run is None:
        return None
    key, generation, state = run
    parts = MatchPart.objects.filter(run=key).aggregate(
        done=Sum("blocks_done"), blocks=Sum(F("last_block") - F("first_block"))
    )
    return Progress(generation, RunState(state), (parts["done"] or 0) / (parts["blocks"] or 1))


@dataclass(frozen=True)
class Present:
    """The generation that readers see; ``seen_at``: when it was last found to be up to date."""

    generation: int
    finished_at: datetime
    seen_at: datetime
    scenario_count: int
    capability_count: int


def run_by_id(key: int) -> MatchRun:
    """Raises DoesNotExist: a run that a task speaks of is there."""
    return MatchRun.objects.get(pk=key)


def present() -> Present | None:
    """None before the first ranking."""
    shown = CurrentRun.objects.values_list(
        "run__generation",
        "run__created_at",
        "run__seen_at",
        "run__scenario_count",
        "run__capability_count",
    ).first()
    return Present(*shown) if shown else None
