"""How long the service takes at scale, from its call to committed rows.

Works in the database that ``connection`` leads to, which should be one made for it: ``fill``
writes as many records as are asked for, ``measure`` ranks and changes them.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from capabilities.enums import CapabilityState
from capabilities.models import Capability
from common.database_roles import as_owner
from common.models import BATCH, link
from matching import services, worker
from matching.benchmark.data import Data
from matching.benchmark.pages import Timing, measure_pages
from matching.benchmark.processes import environment
from matching.benchmark.queued import measure_queued
from matching.engine.ranking import TOP
from matching.models import CurrentRun, MatchList, MatchRun, Side
from matching.pipeline import Domain
from matching.services import Changes
from organizations.enums import LegalKind, OrganizationState
from organizations.models import Organization
from scenarios.enums import ScenarioState, Strength
from scenarios.models import Scenario, TechnicalNeed

SEED = 20261121
ORGANIZATIONS_PER_CITY = 100
HIGHEST_READINESS = 9


@dataclass(frozen=True)
class Change:
    """Milliseconds from service call to committed rows, and lists written, of a changed record."""

    count: int
    p50: float
    p95: float
    lists_touched: float  # on average


@dataclass(frozen=True)
class ServiceTimes:
    """``full_run``: seconds by step. ``change``, ``queued``: by side. The rest in milliseconds.

    ``queued``: p50 and p95 from the commit of a change through outbox, relay and queue.

    ``cold_first_ms``: a fresh process of the worker, from the fork (compiled code is imported
    behind it) to its first answer; ``ready_first_ms``: the answer alone. ``sweep_ms``: a look at
    every record that finds nothing to do.
    """

    full_run: dict[str, float]
    change: dict[str, Change]
    queued: dict[str, dict[str, float]]
    cold_first_ms: float
    ready_first_ms: float
    sweep_ms: float


def fill(data: Data, domain: Domain) -> None:
    """Write the records as published ones of verified organizations.

    A supplier has its seat in one city, so capabilities of one owner in several cities are given
    to several organizations; a few thousand organizations in all.
    """
    concepts = {number: pk for pk, number in domain.concepts.items()}
    cities = {number: pk for pk, number in domain.cities.items()}
    with transaction.atomic():
        owners = _owners(cities)
        _fill_scenarios(data, concepts, cities, [each for own in owners.values() for each in own])
        _fill_capabilities(data, concepts, cities, owners)


def analyse() -> None:
    """As the server does by itself, some time later; outside of transactions."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure(changes: int, *, seed: int = SEED) -> ServiceTimes:
    """A full run, then ``changes`` changes on either side, one by one."""
    chance = random.Random(seed)  # noqa: S311
    full_run = _full_run()
    sides = {Side.SCENARIO: _edit_scenario, Side.CAPABILITY: _edit_capability}
    taken = {side.value: _changed(changes, side, edit, chance) for side, edit in sides.items()}
    began = time.perf_counter()
    services.sweep()
    swept = time.perf_counter() - began
    cold, ready = _first_answers(_edit_scenario(chance))
    edits = {side: partial(edit, chance) for side, edit in sides.items()}
    queued = {
        side.value: {"p50": timing.p50 * 1000, "p95": timing.p95 * 1000}
        for side, timing in measure_queued(edits, changes).items()
    }
    return ServiceTimes(full_run, taken, queued, cold * 1000, ready * 1000, swept * 1000)


def pages(side: Side, requests: int) -> Timing:
    """Pages of so many different records with full lists; raises ValueError when there are none."""
    run = CurrentRun.objects.get().run
    own = run.lists.filter(side=side).order_by("record_id")
    full = [row.record_id for row in own.iterator() if len(row.entries) == 8 * TOP]
    if not full:
        raise ValueError(f"no {side} has a full list")
    chosen = full[:: max(len(full) // requests, 1)][:requests]
    model: type[Scenario | Capability] = Scenario if side == Side.SCENARIO else Capability
    return measure_pages(list(model.objects.filter(pk__in=chosen)), requests)


def _owners(cities: dict[int, int]) -> dict[int | None, list[int]]:
    """Organizations by the number of their city, those from elsewhere under None."""
    places: list[int | None] = [*sorted(cities), None]
    made = iter(
        Organization.objects.bulk_create(
            (
                Organization(
                    name=f"测算组织{place}-{each}",
                    legal_kind=LegalKind.ENTERPRISE,
                    identifier=f"{place}-{each}",
                    city_id=None if place is None else cities[place],
                    seat="省外" if place is None else "",
                    state=OrganizationState.VERIFIED,
                )
                for place in places
                for each in range(ORGANIZATIONS_PER_CITY)
            ),
            batch_size=BATCH,
        )
    )
    return {place: [next(made).pk for _ in range(ORGANIZATIONS_PER_CITY)] for place in places}


def _fill_scenarios(
    data: Data, concepts: dict[int, int], cities: dict[int, int], hosts: list[int]
) -> None:
    records = data.scenarios
    partners = [
        sorted({hosts[each % len(hosts)] for each in record.organizations}) for record in records
    ]
    now = timezone.now()
    rows = Scenario.objects.bulk_create(
        (
            Scenario(
                organization_id=own[0],
                name=record.title,
                problem=record.body,
                city_id=None if record.city is None else cities[record.city],
                budget_min_fen=record.budget[0],
                budget_max_fen=record.budget[1],
                readiness_min=record.readiness[0],
                readiness_max=record.readiness[1] and min(record.readiness[1], HIGHEST_READINESS),
                readiness_is_must=record.must_readiness,
                required_qualifications=sorted(record.must_qualifications),
                state=ScenarioState.PUBLISHED,
                published_at=now,
            )
            for record, own in zip(records, partners, strict=True)
        ),
        batch_size=BATCH,
    )
    keys = [row.pk for row in rows]
    link(Scenario.co_publishers, zip(keys, (own[1:] for own in partners), strict=True))
    link(Scenario.concepts, zip(keys, _named(concepts, records), strict=True))
    TechnicalNeed.objects.bulk_create(
        (
            TechnicalNeed(
                scenario_id=key,
                position=place,
                strength=Strength.MUST,
                text=record.title,
                concept_id=concepts[concept],
            )
            for key, record in zip(keys, records, strict=True)
            for place, concept in enumerate(record.must_concepts)
        ),
        batch_size=BATCH,
    )


def _fill_capabilities(
    data: Data,
    concepts: dict[int, int],
    cities: dict[int, int],
    owners: dict[int | None, list[int]],
) -> None:
    records = data.capabilities
    rows = Capability.objects.bulk_create(
        (
            Capability(
                organization_id=owners[record.city][record.organization % ORGANIZATIONS_PER_CITY],
                name=record.title,
                summary=record.body,
                readiness=record.readiness,
                price_min_fen=record.price[0],
                price_max_fen=record.price[1],
                qualifications=sorted(record.qualifications),
                state=CapabilityState.PUBLISHED,
            )
            for record in records
        ),
        batch_size=BATCH,
    )
    keys = [row.pk for row in rows]
    link(Capability.concepts, zip(keys, _named(concepts, records), strict=True))
    served = ([cities[each] for each in record.cities_served] for record in records)
    link(Capability.cities_served, zip(keys, served, strict=True))


def _named(concepts: dict[int, int], records: Iterable[Any]) -> Iterable[list[int]]:
    return ([concepts[each] for each in record.concepts] for record in records)


def _full_run() -> dict[str, float]:
    began = time.perf_counter()
    run = services.begin_run(force=True, parts=1)
    if run is None:
        raise RuntimeError("a run that was forced did not begin")
    read = time.perf_counter()
    services.rank_part(run, 0)
    ranked = time.perf_counter()
    services.finish_run(run)
    written = time.perf_counter()
    return {"reading": read - began, "ranking": ranked - read, "writing": written - ranked}


def _changed(
    count: int, side: Side, edit: Callable[[random.Random], int], chance: random.Random
) -> Change:
    taken, touched = [], []
    run = CurrentRun.objects.get().run
    rank(side, edit(chance))  # what was only mapped so far is read once
    for _ in range(count):
        key = edit(chance)
        last = MatchList.objects.filter(run=run).order_by("-ranked_at")[0].ranked_at
        began = time.perf_counter()
        rank(side, key)
        taken.append((time.perf_counter() - began) * 1000)
        touched.append(_written_since(run, last))
        worker.remember()  # as a process of the worker does between two tasks
    timing = Timing.of(taken)
    return Change(count, timing.p50, timing.p95, statistics.fmean(touched))


def _written_since(run: MatchRun, moment: Any) -> int:
    return run.lists.filter(ranked_at__gt=moment).count()


def rank(side: Side, key: int) -> None:
    one = frozenset({key})
    services.rank_changed(
        Changes(scenarios=one) if side is Side.SCENARIO else Changes(capabilities=one)
    )


def _edit_scenario(chance: random.Random) -> int:
    """Give a scenario the text of another; returns its key."""
    key, other = chance.sample(sorted(Scenario.objects.values_list("pk", flat=True)), 2)
    text = Scenario.objects.values("name", "problem").get(pk=other)
    Scenario.objects.filter(pk=key).update(**text, updated_at=timezone.now())
    return key


def _edit_capability(chance: random.Random) -> int:
    key, other = chance.sample(sorted(Capability.objects.values_list("pk", flat=True)), 2)
    text = Capability.objects.values("name", "summary").get(pk=other)
    Capability.objects.filter(pk=key).update(**text, updated_at=timezone.now())
    return key


def _first_answers(scenario: int) -> tuple[float, float]:
    """Seconds of a fresh process until its first answer: warming included, and without."""
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "matching.benchmark.cold", str(scenario)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(ended.stdout.splitlines()[-1])
    return told["cold"], told["ready"]
