"""The relay: from due rows to Celery, woken by NOTIFY, never trusting it alone."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError, connection
from kombu.exceptions import OperationalError as BrokerLost

from outbox import services
from outbox.services import Claim
from outbox.tasks import deliver

log = structlog.get_logger(__name__)

POLL_SECONDS = 2.0


def run(stop: threading.Event) -> None:
    """Relay until ``stop`` is set; survives the loss of PostgreSQL or Redis."""
    while not stop.is_set():
        try:
            with connection.wrap_database_errors:
                _listen(stop)
        except (OperationalError, InterfaceError) as error:
            log.warning("relay_database_lost", error=str(error))
            connection.close()
            stop.wait(POLL_SECONDS)


def _listen(stop: threading.Event) -> None:
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {services.CHANNEL}")
    raw = connection.connection
    while not stop.is_set():
        send_due(_to_celery)
        # One notice is enough: everything due is sent in one go.
        with contextlib.suppress(StopIteration):
            next(iter(raw.notifies(timeout=POLL_SECONDS, stop_after=1)))


def _to_celery(claim: Claim) -> None:
    deliver.apply_async((claim.delivery_id, claim.attempt), queue=claim.queue)


def send_due(send: Callable[[Claim], object]) -> int:
    """Claim and send everything due; returns how many were sent.

    While the broker is away nothing is sent; the rows stay due.
    """
    sent = 0
    while batch := services.claim():
        for position, claim in enumerate(batch):
            try:
                send(claim)
            except BrokerLost as error:
                log.warning("relay_broker_lost", error=str(error))
                services.release(batch[position:])
                return sent
            sent += 1
    return sent
