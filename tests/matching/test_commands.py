"""``manage.py rank`` and the tasks that do the same in the background."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from matching import services, tasks
from matching.models import CurrentRun, MatchRun, Side
from matching.queries import capabilities_for
from matching.services import rank_all
from scenarios.models import Scenario
from tests.records import make_capability, make_scenario


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("rank", *arguments, stdout=output, verbosity=0)
    return output.getvalue()


@pytest.mark.django_db
def test_command_ranks_what_has_changed_and_says_so() -> None:
    make_scenario(name="巡检")
    make_capability(name="巡检")

    assert run().startswith("ranked generation 1: 1 scenarios × 1 capabilities in ")
    assert run() == "ranking unchanged\n"
    assert run("--force").startswith("ranked generation 2: ")


@pytest.mark.django_db
def test_progress_is_shown_on_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    make_scenario(name="巡检")
    make_capability(name="巡检")

    call_command("rank", stdout=StringIO(), verbosity=1)

    assert "匹配: 100%" in capfd.readouterr().err


def test_command_waits_for_another_full_run_and_finds_the_lists_up_to_date(
    committed_db: str, capfd: pytest.CaptureFixture[str]
) -> None:
    make_scenario(name="巡检")

    def rank_beside() -> str:
        try:
            call_command("rank", stdout=(output := StringIO()))
            return output.getvalue()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            rank_all()
            answer = pool.submit(rank_beside)
            time.sleep(1.2)  # more than one attempt
            assert not answer.done()
        assert answer.result(timeout=20) == "ranking unchanged\n"

    assert capfd.readouterr().err == "another ranking is under way; waiting for its end\n"
    assert MatchRun.objects.count() == 1


def test_command_and_tasks_leave_a_running_full_run_alone(committed_db: str) -> None:
    make_scenario(name="巡检")
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [services._FULL_RUN])
    try:
        for seconds in ("0", "0.1"):
            with pytest.raises(CommandError, match="另一轮全量匹配正在进行"):
                run("--wait", seconds)
        tasks.rank_all()
        tasks.sweep()
        assert not MatchRun.objects.exists()
    finally:
        # Said, not left to the end of the connection, which the server may see a moment later.
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        other.close()
    services.sweep()
    assert CurrentRun.objects.get().run.generation == 1


@pytest.mark.django_db
def test_task_ranks_one_record_of_either_side() -> None:
    capability = make_capability(name="巡检")
    services.rank_all()
    scenario = make_scenario(name="巡检")

    tasks.rank_one(Side.SCENARIO, scenario.pk)
    assert [each.record for each in capabilities_for(scenario)] == [capability]

    Scenario.objects.filter(pk=scenario.pk).update(name="海水淡化")
    tasks.rank_one(Side.CAPABILITY, capability.pk)
    assert list(capabilities_for(scenario)) == []
    assert CurrentRun.objects.get().run.generation == 1
