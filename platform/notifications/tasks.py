"""What the clock asks for; both are safe to run again."""

import structlog
from celery import shared_task

from notifications import services

log = structlog.get_logger(__name__)


@shared_task(name="notifications.write_digests")
def write_digests() -> None:
    log.info("notifications_digests_written", digests=services.write_digests())


@shared_task(name="notifications.prune")
def prune() -> None:
    log.info("notifications_pruned", notices=services.prune())
