"""Which worker does what."""

from __future__ import annotations

import pytest
from celery import Task, current_app
from django.conf import settings

import matching.tasks
import outbox.tasks


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        (outbox.tasks.prune, settings.CELERY_TASK_DEFAULT_QUEUE),
        (matching.tasks.sweep, settings.MATCHING_QUEUE),
        (matching.tasks.rank_all, settings.MATCHING_QUEUE),
    ],
)
def test_tasks_go_to_the_workers_that_have_what_they_need(task: Task, queue: str) -> None:
    assert current_app.amqp.router.route({}, task.name)["queue"].name == queue
