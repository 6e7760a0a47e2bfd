from typing import ClassVar

from celery import current_app
from celery.signals import celeryd_after_setup, task_postrun, worker_process_init
from django.apps import AppConfig
from django.conf import settings

from common.database_roles import EVERYDAY


class MatchingConfig(AppConfig):
    name = "matching"
    # Analysed after each full run: PostgreSQL would only warn that somebody else owns it.
    runtime_privileges: ClassVar[dict[str, str]] = {"matching_matchlist": f"{EVERYDAY}, MAINTAIN"}

    def ready(self) -> None:
        from matching import receivers  # noqa: F401

        celeryd_after_setup.connect(_warm_children)


def _warm_children(**_: object) -> None:
    """Of a worker of the matching queue; after Celery's own receivers, which drop connections."""
    if settings.MATCHING_QUEUE in current_app.amqp.queues.consume_from:
        worker_process_init.connect(_warm)


def _warm(**_: object) -> None:
    """After the fork: threads and locks of compiled code would not survive it."""
    from matching.worker import warm

    warm()
    task_postrun.connect(_remember)


def _remember(**_: object) -> None:
    """Between two tasks, when their transactions are over."""
    from matching.worker import remember

    remember()
