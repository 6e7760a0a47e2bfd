"""How long a change takes on its whole way: outbox, relay, queue, matching worker, lists."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction

from matching.benchmark.pages import Timing
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
REDIS_DATABASE = 14
TOPICS = {
    Side.SCENARIO: "scenarios.scenario.change",
    Side.CAPABILITY: "capabilities.capability.change",
}


def measure_queued(edits: Mapping[Side, Callable[[], int]], changes: int) -> dict[Side, Timing]:
    """From the commit of a change to the commit of all lists that it touches.

    ``edits`` change one record of a side each and return its key. Raises RuntimeError when a
    change is not ranked.
    """
    with ExitStack() as running:
        for arguments in (RELAY, MATCHER):
            running.enter_context(_process(arguments))
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


@contextmanager
def _process(arguments: list[str]) -> Iterator[None]:
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, *arguments],
        cwd=settings.ROOT,
        env={**os.environ, **_environment()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        child.terminate()
        child.wait()


def _environment() -> dict[str, str]:
    """This process's database, and a part of Redis that no site uses."""
    database, mark, options = os.environ["DATABASE_URL"].partition("?")
    server = database.rpartition("/")[0]
    redis = settings.REDIS_URL.partition("?")[0]
    if redis.startswith("unix:"):
        redis += f"?db={REDIS_DATABASE}"
    else:
        redis = urlsplit(redis)._replace(path=f"/{REDIS_DATABASE}").geturl()
    return {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}{mark}{options}",
        "REDIS_URL": redis,
        "SCENEBRIDGE_MATCHING_HOME": str(settings.MATCHING_HOME),
    }
