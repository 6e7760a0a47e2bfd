"""What the audit log needs every day."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.conf import settings

from audit.chain import write_anchor
from common.clock import beijing_today

log = structlog.get_logger(__name__)


@shared_task(name="audit.anchor")
def anchor() -> None:
    """Publish the head of the chain; what is cut off later no longer fits it."""
    file = write_anchor(settings.AUDIT_ANCHORS, beijing_today().isoformat())
    log.info("audit anchored", file=file.name)
