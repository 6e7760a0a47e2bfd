"""What tokens leave behind is cleared by beat."""

import structlog
from celery import shared_task

from tokens import idempotency

log = structlog.get_logger(__name__)


@shared_task(name="tokens.prune_answers")
def prune_answers() -> None:
    log.info("idempotency_answers_pruned", answers=idempotency.prune())
