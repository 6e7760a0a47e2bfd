"""How long a change takes on its whole way: outbox, relay, queue, matching worker, lists."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from django.conf import settings
from django.db import transaction

from matching.benchmark.pages import Timing
from matching.benchmark.processes import running
from matching.models import Side
from outbox.models import Delivery, DeliveryState
from outbox.services import publish

# The same processes as on a site.
CELERY = ["-m", "celery", "--app", "config", "worker", "--queues", settings.MATCHING_QUEUE]
MATCHER = [*CELERY, "--concurrency", "2", "--without-mingle", "--without-gossip"]
RELAY = ["manage.py", "relay"]
WARMING = 4  # each process of the worker reads the snapshot once
PATIENCE_SECONDS = 120
POLL_SECONDS = 0.002
TOPICS = {
    Side.SCENARIO: "scenarios.scenario.change",
    Side.CAPABILITY: "capabilities.capability.change",
}


def measure_queued(edits: Mapping[Side, Callable[[], int]], changes: int) -> dict[Side, Timing]:
    """From the commit of a change to the commit of all lists that it touches.

    ``edits`` change one record of a side each and return its key. Raises RuntimeError when a
    change is not ranked.
    """
    with running(RELAY), running(MATCHER):
        for _ in range(WARMING):
            for side, edit in edits.items():
                _seconds(side, edit)
        return {
            side: Timing.of([_seconds(side, edit) for _ in range(changes)])
            for side, edit in edits.items()
        }


def _seconds(side: Side, edit: Callable[[], int]) -> float:
    with transaction.atomic():
        key = edit()
        message = publish(topic=TOPICS[side], key=f"{side}:{key}", payload={"id": key})
    began = time.perf_counter()
    waiting = Delivery.objects.filter(message=message, consumer=f"matching.rank_{side}").exclude(
        state=DeliveryState.DONE
    )
    while waiting.exists():
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise RuntimeError(f"not ranked in {PATIENCE_SECONDS} s: {waiting.get().last_error}")
        time.sleep(POLL_SECONDS)
    return time.perf_counter() - began
