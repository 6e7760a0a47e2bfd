"""What the records of what happened need every day."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.conf import settings

from audit.chain import write_anchor
from common.clock import beijing_today
from common.history import purge_history

log = structlog.get_logger(__name__)


@shared_task(name="audit.anchor")
def anchor() -> None:
    """Publish the head of the chain; what is cut off later no longer fits it."""
    file = write_anchor(settings.AUDIT_ANCHORS, beijing_today().isoformat())
    log.info("audit anchored", file=file.name)


@shared_task(name="audit.purge_history")
def purge() -> None:
    """Row history ends some time after its rows; the audit log itself is kept."""
    log.info("history purged", rows=purge_history())
