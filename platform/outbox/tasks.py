"""Celery carries delivery ids; the work is in ``services.deliver``."""

import structlog
from celery import shared_task

from outbox import services

log = structlog.get_logger(__name__)


@shared_task(name="outbox.deliver", acks_late=False, reject_on_worker_lost=False)
def deliver(delivery_id: int, attempt: int) -> None:
    """Neither retried nor kept by the broker: the relay sends a pending row again when it is due.

    So a message that kills its worker comes back counted and paced, not at once and for ever.
    """
    done = services.deliver(delivery_id, attempt)
    log.info("outbox_delivery", delivery_id=delivery_id, effect=done)


@shared_task(name="outbox.prune")
def prune() -> None:
    log.info("outbox_pruned", messages=services.prune())
