"""Ranking in the background; each task is safe to run again."""

import structlog
from celery import shared_task

from matching import services
from matching.models import Side

log = structlog.get_logger(__name__)


@shared_task(name="matching.rank_all")
def rank_all() -> None:
    try:
        run = services.rank_all()
    except services.RankingElsewhere as error:
        log.info("matching_elsewhere", reason=error.message)
        return
    log.info("matching_full_run", generation=run.generation if run else None)


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
    """Deadlines that passed, and whatever no message told of."""
    try:
        log.info("matching_swept", records=services.sweep())
    except services.RankingElsewhere as error:
        log.info("matching_elsewhere", reason=error.message)
