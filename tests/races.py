"""Two people at once: real threads, real connections, one starting line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, transaction

T = TypeVar("T")


def at_once(*actions: Callable[[], T]) -> list[T]:
    """Run all actions at the same moment; returns their results, raises what any of them raised."""
    barrier = threading.Barrier(len(actions))

    def start(action: Callable[[], T]) -> T:
        barrier.wait()
        try:
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(start, actions))


def queued_behind(
    first: Callable[[], object],
    then: Callable[[], T],
    *,
    meanwhile: Callable[[], object] = lambda: None,
) -> T:
    """What ``then`` gives when it waits for a lock that ``first`` holds until it is committed.

    ``meanwhile`` runs before the commit, with the other already waiting.
    """

    def wait() -> T:
        try:
            return then()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            waiting = pool.submit(wait)
            until_somebody_waits()
            meanwhile()
        return waiting.result()


def until_somebody_waits() -> None:
    """Until another connection waits for a lock of this one, ten seconds at most."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
                " AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits for a lock")
