"""What runs by the clock."""

import structlog
from celery import shared_task

from accounts import closing

log = structlog.get_logger(__name__)


@shared_task(name="accounts.purge")
def purge() -> None:
    log.info("accounts_purged", **closing.purge())
