"""Celery carries delivery ids; the work is in ``services.deliver``."""

import structlog
from celery import shared_task

from outbox import services

log = structlog.get_logger(__name__)


@shared_task(name="outbox.deliver")
def deliver(delivery_id: int) -> None:
    """No retry of its own: the relay sends a row that is still pending again when it is due."""
    done = services.deliver(delivery_id)
    log.info("outbox_delivery", delivery_id=delivery_id, effect=done)


@shared_task(name="outbox.prune")
def prune() -> None:
    log.info("outbox_pruned", messages=services.prune())
