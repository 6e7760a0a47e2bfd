"""Who wants to hear of what; apps register their consumers in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from outbox.models import Message


class Busy(Exception):
    """What a handler raises when somebody else is doing the same: it is asked again shortly, and
    the run counts as none.
    """


Handler = Callable[[Message], None]


@dataclass(frozen=True)
class Consumer:
    """``handler`` runs in the transaction that marks the delivery done.

    Deliveries arrive in any order: a handler asks for the present state and does not trust that
    the message is the newest. ``coalesce``: one run serves every pending delivery of the same
    key, and no two runs for one key overlap, so that an old reading never overwrites a new one.
    ``queue``: the Celery queue whose workers run it.
    """

    name: str
    topics: frozenset[str]
    handler: Handler
    coalesce: bool = False
    queue: str = settings.CELERY_TASK_DEFAULT_QUEUE


_consumers: dict[str, Consumer] = {}


def register(
    name: str,
    *,
    topics: set[str],
    handler: Handler,
    coalesce: bool = False,
    queue: str = settings.CELERY_TASK_DEFAULT_QUEUE,
) -> Consumer:
    """Raises ValueError when another handler already has the name."""
    known = _consumers.get(name)
    if known is not None and known.handler is not handler:
        raise ValueError(f"consumer {name!r} is registered twice")
    consumer = Consumer(name, frozenset(topics), handler, coalesce, queue)
    _consumers[name] = consumer
    return consumer


def get(name: str) -> Consumer:
    """Raises KeyError for a consumer that this version of the code does not have."""
    return _consumers[name]


def queue_of(name: str) -> str:
    """A consumer that this version of the code does not have fails in the default queue."""
    known = _consumers.get(name)
    return known.queue if known else settings.CELERY_TASK_DEFAULT_QUEUE


def listening_to(topic: str) -> list[Consumer]:
    return [consumer for consumer in _consumers.values() if topic in consumer.topics]
