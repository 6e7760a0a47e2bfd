"""What days bring: evidence runs out, and its files are kept no longer than needed."""

import structlog
from celery import shared_task

from common.actor import Actor
from organizations import evidence

log = structlog.get_logger(__name__)


@shared_task(name="organizations.watch_evidence")
def watch_evidence() -> None:
    """Every night; each round of a batch, until nothing is left of the day."""
    actor = Actor.system("organizations.watch_evidence")
    expired = reminded = 0
    while count := evidence.expire_evidence(actor=actor):
        expired += count
    while count := evidence.remind_of_evidence(actor=actor):
        reminded += count
    log.info("evidence_watched", expired=expired, reminded=reminded)


@shared_task(name="organizations.discard_files")
def discard_files() -> None:
    """Every night; likewise."""
    actor = Actor.system("organizations.discard_files")
    discarded = 0
    while count := evidence.discard_files(actor=actor):
        discarded += count
    log.info("evidence_files_discarded", files=discarded)
