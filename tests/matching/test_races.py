"""Who writes lists when two want to: real connections that wait for the pointer's row."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from matching import services, tasks
from matching.models import CurrentRun, MatchRun, RunState
from matching.services import Changes, rank_all, rank_changed, stale, sweep
from outbox.consumers import Busy
from outbox.models import Delivery, DeliveryState
from outbox.services import deliver
from scenarios.facts import ScenarioFacts
from scenarios.models import Scenario
from scenarios.services import change_scenario
from tests.matching.test_services import from_scratch, stored
from tests.races import queued_behind
from tests.records import make_capability, make_member, make_scenario


@pytest.fixture
def scenario(committed_db: str) -> Scenario:
    """One of a present generation."""
    found = make_scenario(name="甲地巡检")
    make_capability(name="巡检")
    make_capability(name="海水淡化")
    rank_all()
    Delivery.objects.update(state=DeliveryState.DONE)
    return found


def rename(scenario: Scenario) -> Changes:
    editor = make_member(scenario.organization)
    change_scenario(scenario=scenario, facts=ScenarioFacts(name="海水淡化"), actor=editor)
    return Changes(scenarios=frozenset({scenario.pk}))


def hold() -> None:
    CurrentRun.objects.select_for_update().get()


def impatient(action: Callable[[], object]) -> object:
    """The action with a lock timeout of 0.2 s: the settings' ten are too long for a test."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    return action()


def refused_while_held(action: Callable[[], object]) -> BaseException | None:
    """What ``action`` raises when somebody else holds the pointer for longer than it waits."""

    def attempt() -> object:
        try:
            return impatient(action)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        hold()
        return pool.submit(attempt).exception(timeout=20)


@pytest.mark.parametrize(
    "catch_up",
    [rank_changed, lambda changes: sweep()],
    ids=["rank_changed", "sweep"],
)
def test_who_waited_for_a_full_run_writes_into_its_generation(
    scenario: Scenario, catch_up: Callable[[Changes], object]
) -> None:
    """The full run has read everything, and commits while the other waits for the pointer."""
    queued_behind(lambda: rank_all(force=True), lambda: catch_up(rename(scenario)))

    run = CurrentRun.objects.get().run
    assert run.generation == 2
    assert stored(run) == from_scratch(run)
    assert len(stale(run)) == 0


@pytest.mark.parametrize(
    "rank",
    [
        lambda scenario: rank_changed(Changes(scenarios=frozenset({scenario.pk}))),
        lambda scenario: sweep(),
        lambda scenario: rank_all(force=True),
    ],
    ids=["rank_changed", "sweep", "rank_all"],
)
def test_who_waits_too_long_for_the_pointer_may_ask_again(
    scenario: Scenario, rank: Callable[[Scenario], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "LAST_STEP_SECONDS", 1)
    changes = rename(scenario)

    error = refused_while_held(lambda: rank(scenario))

    assert isinstance(error, Busy)
    assert str(error) == "匹配清单正在更新，请稍后再试。"
    assert MatchRun.objects.exclude(state=RunState.ABANDONED).count() == 1
    rank_changed(changes)
    run = CurrentRun.objects.get().run
    assert stored(run) == from_scratch(run)


def test_full_run_waits_longer_than_a_request_may_before_it_gives_its_work_up(
    scenario: Scenario,
) -> None:
    def timeout() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return str(cursor.fetchone()[0])

    def attempt() -> str:
        impatient(lambda: rank_all(force=True))
        return timeout()

    after = queued_behind(hold, attempt, meanwhile=lambda: time.sleep(0.6))

    assert CurrentRun.objects.get().run.generation == 2
    assert after == "200ms"  # and no longer than its transaction


def test_news_that_find_the_pointer_held_are_brought_again_and_count_no_attempt(
    scenario: Scenario,
) -> None:
    rename(scenario)
    news = Delivery.objects.get(consumer="matching.rank_scenario", state=DeliveryState.PENDING)

    assert refused_while_held(lambda: deliver(news.pk, 0)) is None

    news.refresh_from_db()
    assert (news.state, news.attempts, news.last_error) == (DeliveryState.PENDING, 0, "")
    assert deliver(news.pk, 0)
    run = CurrentRun.objects.get().run
    assert stored(run) == from_scratch(run)


def test_task_that_finds_the_pointer_held_leaves_it_to_the_next_one(scenario: Scenario) -> None:
    rename(scenario)

    assert refused_while_held(tasks.sweep) is None

    assert len(stale(CurrentRun.objects.get().run)) == 1
    tasks.sweep()
    assert len(stale(CurrentRun.objects.get().run)) == 0
