"""From a verb to its ranking through relay, worker and Redis, whatever is killed on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from common.errors import Conflict
from matching import services
from matching.models import CurrentRun, MatchList, MatchRun, RunState, Side
from matching.queries import capabilities_for
from matching.services import rank_all
from matching.worker import CHECKPOINT_CHANGES, folder_of, forget, remember
from outbox.models import Delivery, DeliveryState
from scenarios.facts import ScenarioFacts
from scenarios.services import change_scenario
from tests.processes import MATCHING_QUEUE, RELAY, process, start_worker, wait_until
from tests.races import at_once
from tests.records import make_capability, make_member, make_scenario

RUN_THAT_STOPS_BEFORE_THE_SWAP = """
import time
import django

django.setup()
from matching import services

def stop(run):
    print("written", flush=True)
    time.sleep(60)

services._show = stop
services.rank_all(force=True)
"""


PART_THAT_STOPS_IN_THE_MIDDLE = """
import time
import django

django.setup()
from matching import services

def watch(blocks, what):
    for block in blocks:
        print("ranking", flush=True)
        time.sleep(60)
        yield block

services.rank_part(services.begin_run(force=True, parts=1), 0, watch=watch)
"""
SAVE_THAT_STOPS_BEFORE_THE_RENAME = """
import time
from pathlib import Path
import django

django.setup()
from matching import worker
from matching.models import CurrentRun

def stop(*_):
    print("written", flush=True)
    time.sleep(60)

worker.CHECKPOINT_CHANGES = 1
worker.book_of(CurrentRun.objects.get().run)
Path.replace = stop
worker.remember()
"""
RANK_WITH_LITTLE_PATIENCE = """
import django

django.setup()
from django.core.management import call_command
from matching.management.commands import rank

rank.SILENCE_SECONDS = 1
call_command("rank", "--workers")
"""
RANK_BY_WORKERS = ["manage.py", "rank", "--workers"]
SEND = ["-m", "celery", "--app", "config", "call"]


def ranked(scenario_id: int) -> list[MatchList]:
    return list(
        MatchList.objects.filter(
            run__in=CurrentRun.objects.values("run"), side=Side.SCENARIO, record_id=scenario_id
        )
    )


def pending() -> int:
    """Of those that workers of the matching queue carry out."""
    own = Delivery.objects.filter(consumer__startswith="matching.")
    return own.exclude(state=DeliveryState.DONE).count()


@contextmanager
def ranking_held_up() -> Iterator[None]:
    """Holds the row that every ranking of single records locks first."""
    holding, finish = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            CurrentRun.objects.select_for_update().get()
            holding.set()
            finish.wait(60)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(10)
    try:
        yield
    finally:
        finish.set()
        thread.join()


def test_publishing_and_editing_are_ranked_within_seconds(
    environment: dict[str, str], tmp_path: Path
) -> None:
    robot, membrane = make_capability(name="巡检机器人"), make_capability(name="海水淡化膜")
    rank_all()
    Delivery.objects.update(state=DeliveryState.DONE)
    with process(RELAY, environment, tmp_path / "relay.log"):
        worker = start_worker(environment, tmp_path, MATCHING_QUEUE)
        try:
            scenario = make_scenario(name="码头巡检")
            wait_until(lambda: ranked(scenario.pk), seconds=10, what="the ranking")
            assert [each.record for each in capabilities_for(scenario)] == [robot]

            editor = make_member(scenario.organization)
            facts = ScenarioFacts(name="海岛海水淡化")
            change_scenario(scenario=scenario, facts=facts, actor=editor)
            wait_until(
                lambda: [each.record for each in capabilities_for(scenario)] == [membrane],
                seconds=10,
                what="the ranking after the edit",
            )
        finally:
            worker.stop()


def test_worker_killed_between_publish_and_ranking_ranks_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    make_capability(name="巡检机器人")
    rank_all()
    Delivery.objects.update(state=DeliveryState.DONE)
    scenario = make_scenario(name="码头巡检")
    with process(RELAY, environment, tmp_path / "relay.log"):
        with ranking_held_up():
            worker = start_worker(environment, tmp_path, MATCHING_QUEUE)
            wait_until(lambda: worker.says("outbox.deliver["), what="the task to begin")
            worker.kill()
        assert ranked(scenario.pk) == []

        worker = start_worker(environment, tmp_path, MATCHING_QUEUE)
        try:
            wait_until(lambda: pending() == 0, what="the delivery after the kill")
        finally:
            worker.stop()

    (own,) = ranked(scenario.pk)
    assert own.version == type(scenario).objects.get(pk=scenario.pk).updated_at
    effects = Delivery.objects.filter(
        consumer="matching.rank_scenario", message__topic="scenarios.scenario.publish"
    )
    assert [each.state for each in effects] == [DeliveryState.DONE]
    assert MatchRun.objects.count() == 1


def test_worker_killed_in_a_full_run_leaves_the_old_generation_whole(
    environment: dict[str, str], tmp_path: Path
) -> None:
    scenario = make_scenario(name="码头巡检")
    make_capability(name="巡检机器人")
    rank_all()
    Delivery.objects.update(state=DeliveryState.DONE)
    before = [bytes(each.entries) for each in ranked(scenario.pk)]
    command = ["-c", RUN_THAT_STOPS_BEFORE_THE_SWAP]
    inside = {**environment, "PYTHONPATH": "platform:."}
    with process(command, inside, tmp_path / "run.log") as run:
        wait_until(lambda: run.says("written"), what="all lists of the new generation")
        run.kill()

    assert CurrentRun.objects.get().run.generation == 1
    assert [bytes(each.entries) for each in ranked(scenario.pk)] == before
    wait_until(_free_for_a_full_run, what="the dead run's end")
    assert CurrentRun.objects.get().run.generation == 3
    assert [bytes(each.entries) for each in ranked(scenario.pk)] == before


def test_worker_saves_its_lists_between_two_tasks(
    environment: dict[str, str], tmp_path: Path
) -> None:
    scenario = make_scenario(name="码头巡检")
    run = rank_all()
    assert run is not None
    worker = start_worker(environment, tmp_path, MATCHING_QUEUE)
    try:
        for _ in range(CHECKPOINT_CHANGES):
            services.rank_changed(services.Changes(scenarios=frozenset({scenario.pk})))
        saved = folder_of(run) / "changes.npz"
        assert not saved.exists()
        send = [*SEND, "matching.rank_one", "--args", f'["scenario", {scenario.pk}]']
        finished(send, environment, tmp_path / "send.log")
        wait_until(saved.exists, what="the checkpoint")
    finally:
        worker.stop()
    assert run.changes.count() == CHECKPOINT_CHANGES + 1


def test_worker_killed_in_saving_its_lists_leaves_what_was_saved(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.worker.CHECKPOINT_CHANGES", 1)
    scenario = make_scenario(name="码头巡检")
    make_capability(name="巡检机器人")
    run = rank_all()
    assert run is not None
    saved = folder_of(run) / "changes.npz"
    change = services.Changes(scenarios=frozenset({scenario.pk}))
    services.rank_changed(change)
    remember()
    before = saved.read_bytes()
    services.rank_changed(change)
    inside = {**environment, "PYTHONPATH": "platform:."}
    command = ["-c", SAVE_THAT_STOPS_BEFORE_THE_RENAME]
    with process(command, inside, tmp_path / "save.log") as child:
        wait_until(lambda: child.says("written"), what="the draft")
        child.kill()

    assert saved.read_bytes() == before
    forget()
    services.rank_changed(change)
    remember()
    assert saved.read_bytes() != before
    assert [each.name for each in saved.parent.glob("changes*")] == [saved.name]


def test_workers_rank_what_the_command_asks_for_and_it_shows_how_far_they_are(
    environment: dict[str, str], tmp_path: Path
) -> None:
    scenario = make_scenario(name="码头巡检")
    capability = make_capability(name="巡检机器人")
    worker = start_worker(environment, tmp_path, MATCHING_QUEUE)
    try:
        first = finished(RANK_BY_WORKERS, environment, tmp_path / "first.log")
        assert "匹配: 100%" in first
        assert "ranked generation 1: 1 scenarios × 1 capabilities in " in first
        assert [each.record for each in capabilities_for(scenario)] == [capability]

        again = finished(RANK_BY_WORKERS, environment, tmp_path / "again.log")
        assert again.splitlines()[-1] == "ranking unchanged"
        forced = finished([*RANK_BY_WORKERS, "--force"], environment, tmp_path / "forced.log")
        assert "ranked generation 2: 1 scenarios × 1 capabilities in " in forced
        assert worker.says("matching.rank_part[")
    finally:
        worker.stop()


def test_command_that_asks_nobody_says_how_to_start_a_matcher(
    environment: dict[str, str], tmp_path: Path
) -> None:
    inside = {**environment, "PYTHONPATH": "platform:."}

    said = finished(["-c", RANK_WITH_LITTLE_PATIENCE], inside, tmp_path / "run.log", fails=True)

    assert "no progress for 1 s: no matcher seems to run." in said
    assert "celery --app config worker --queues matching" in said
    assert not MatchRun.objects.exists()


def test_command_waits_in_silence_while_somebody_reads_or_writes(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Which may take minutes and show nothing."""
    rank_all()
    inside = {**environment, "PYTHONPATH": "platform:."}
    reading = services._announced()
    with process(["-c", RANK_WITH_LITTLE_PATIENCE], inside, tmp_path / "run.log") as command:
        with services._working_on(reading):
            wait_until(lambda: command.says("匹配"), what="the command to wait")
            MatchRun.objects.filter(pk=reading.pk).update(
                seen_at=timezone.now() - timedelta(seconds=services.IDLE_SECONDS + 1)
            )
            time.sleep(4)
            assert command.running
        wait_until(lambda: not command.running, what="its end")
        assert command.says("no progress for 1 s")


def test_worker_killed_in_a_part_leaves_it_to_another(
    environment: dict[str, str], tmp_path: Path
) -> None:
    scenario = make_scenario(name="码头巡检")
    make_capability(name="巡检机器人")
    rank_all()
    before = [bytes(each.entries) for each in ranked(scenario.pk)]
    inside = {**environment, "PYTHONPATH": "platform:."}
    long_ago = timezone.now() - timedelta(seconds=services.IDLE_SECONDS + 1)
    command = ["-c", PART_THAT_STOPS_IN_THE_MIDDLE]
    with process(command, inside, tmp_path / "part.log") as part:
        wait_until(lambda: part.says("ranking"), what="the part to begin")
        MatchRun.objects.filter(generation=2).update(seen_at=long_ago)
        assert services.idle_runs() == []
        part.kill()
    wait_until(lambda: [run.generation for run in services.idle_runs()] == [2], what="its end")
    assert CurrentRun.objects.get().run.generation == 1

    worker = start_worker(environment, tmp_path, MATCHING_QUEUE)
    try:
        finished([*SEND, "matching.sweep"], environment, tmp_path / "send.log")
        wait_until(lambda: CurrentRun.objects.get().run.generation == 2, what="the finish")
    finally:
        worker.stop()
    assert [bytes(each.entries) for each in ranked(scenario.pk)] == before
    assert MatchRun.objects.get(generation=2).state == RunState.DONE


def finished(
    command: list[str], environment: dict[str, str], log: Path, *, fails: bool = False
) -> str:
    """What a process said until its end."""
    with process(command, environment, log) as child:
        wait_until(lambda: not child.running, seconds=60, what=str(command))
        assert child.failed == fails, log.read_text(encoding="utf-8")
    return log.read_text(encoding="utf-8")


def _free_for_a_full_run() -> bool:
    try:
        return rank_all(force=True) is not None
    except Conflict:
        return False


def test_two_full_runs_at_once_are_one(committed_db: str) -> None:
    make_scenario()
    both = threading.Barrier(2, timeout=20)

    def attempt() -> str:
        try:
            with transaction.atomic():
                rank_all(force=True)
                both.wait()  # neither commits before the other has tried
        except Conflict as error:
            both.wait()
            return error.message
        return "ranked"

    assert sorted(at_once(attempt, attempt)) == [
        "ranked",
        "另一轮全量匹配正在进行，请稍后再试。",
    ]
    assert MatchRun.objects.count() == 1
