"""What no record took is removed."""

import structlog
from celery import shared_task

from files import services

log = structlog.get_logger(__name__)


@shared_task(name="files.purge")
def purge() -> None:
    log.info("files_purged", files=services.purge())
