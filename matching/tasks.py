"""Ranking in the background; each task is safe to run again."""

import structlog
from celery import group, shared_task
from django.conf import settings

from matching import queries, services
from matching.models import MatchRun, Side

log = structlog.get_logger(__name__)


@shared_task(name="matching.rank_all")
def rank_all(*, force: bool = False) -> None:
    """Begin a full run; its parts go to whoever of the queue is free."""
    try:
        run = services.begin_run(force=force, parts=settings.MATCHING_PARTS)
    except services.RankingElsewhere as error:
        log.info("matching_elsewhere", reason=error.message)
        return
    if run is not None:
        _send_parts(run)


@shared_task(name="matching.rank_part")
def rank_part(run_id: int, number: int) -> None:
    """Rank some blocks; whoever ends the last part sends for the finish."""
    run = queries.run_by_id(run_id)
    try:
        services.rank_part(run, number)
    except services.Outdated as error:
        _begin_again(run, error)
        return
    except services.RankingElsewhere as error:
        log.info("matching_part_given_up", run=run_id, part=number, reason=error.message)
        return
    if services.is_ranked(run):
        finish.delay(run_id)


@shared_task(name="matching.finish")
def finish(run_id: int) -> None:
    run = queries.run_by_id(run_id)
    try:
        services.finish_run(run)
    except services.Outdated as error:
        _begin_again(run, error)
    except services.RankingElsewhere as error:
        services.give_up(run)
        log.info("matching_run_given_up", run=run_id, reason=error.message)


@shared_task(name="matching.rank_one")
def rank_one(side: str, record_id: int) -> None:
    """``side``: ``scenario`` or ``capability``."""
    one = frozenset({record_id})
    changes = (
        services.Changes(scenarios=one)
        if Side(side) is Side.SCENARIO
        else services.Changes(capabilities=one)
    )
    services.rank_changed(changes)
    log.info("matching_ranked_one", side=side, record_id=record_id)


@shared_task(name="matching.sweep")
def sweep() -> None:
    """Deadlines that passed, whatever no message told of, and runs that lost their workers."""
    for run in services.idle_runs():
        log.info("matching_run_taken_up", generation=run.generation)
        _send_parts(run)
    if services.needs_full_run():
        rank_all.delay()
        return
    try:
        log.info("matching_swept", records=services.sweep())
    except services.RankingElsewhere as error:
        log.info("matching_elsewhere", reason=error.message)


def _begin_again(run: MatchRun, error: services.Outdated) -> None:
    services.give_up(run)
    log.warning("matching_run_outdated", run=run.pk, reason=repr(error.__cause__))
    rank_all.delay(force=True)


def _send_parts(run: MatchRun) -> None:
    waiting = services.waiting_parts(run)
    if waiting:
        group(rank_part.s(run.pk, number) for number in waiting).apply_async()
    else:
        finish.delay(run.pk)
