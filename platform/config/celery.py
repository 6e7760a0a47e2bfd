"""The Celery application; tasks live in each app's ``tasks.py``."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

from common.database_roles import MightyRole, refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("scenebridge")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def _judge_role(**_: Any) -> None:
    try:
        refuse_to_start()
    except MightyRole as error:
        raise SystemExit(str(error)) from None  # Celery only logs what receivers raise otherwise
