"""Publishing, claiming and carrying out deliveries.

The path of a message: ``publish`` writes message and deliveries in the caller's transaction;
the relay ``claim``s due rows and hands their ids to Celery, each in the queue of its consumer;
the task calls ``deliver``. Redis only speeds things up: a row that nobody finishes is due again
after OUTBOX_RESEND_SECONDS.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now

from outbox import consumers
from outbox.models import Delivery, DeliveryState, Message

CHANNEL = "outbox"
BUSY_SECONDS = 1
PRUNE_BATCH = 1000


def publish(
    *, topic: str, key: str, payload: dict[str, Any] | None = None, by_user_id: int | None = None
) -> Message:
    """Tell everybody who listens to ``topic``, after the current transaction commits.

    ``key`` names the record (``scenarios.scenario:42``), ``by_user_id`` the person who did it.
    Raises RuntimeError outside a transaction: news without its change, or the change without its
    news, would be a lie.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("outbox.publish() must run in the transaction of the change.")
    message = Message.objects.create(
        topic=topic, key=key, payload=payload or {}, by_user_id=by_user_id
    )
    Delivery.objects.bulk_create(
        Delivery(message=message, consumer=consumer.name, key=key)
        for consumer in consumers.listening_to(topic)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])  # sent at commit
    return message


@dataclass(frozen=True)
class Claim:
    """A due row, the number of runs it has had (only a task with the present number runs) and
    the Celery queue of its consumer.
    """

    delivery_id: int
    attempt: int
    queue: str


def claim(limit: int = 100) -> list[Claim]:
    """Take due deliveries for sending, oldest first.

    Rows that another relay or a running handler holds are passed over. Each row's next due time
    is set at once, so that it comes again by itself when the task is lost on the way. A row whose
    last permitted run neither finished nor failed took its worker down: it is set aside.
    """
    with transaction.atomic():
        due = list(
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(state=DeliveryState.PENDING, due_at__lte=Now())
            .order_by("due_at", "id")
            .values_list("id", "attempts", "consumer")[:limit]
        )
        exhausted = [pk for pk, runs, _ in due if runs >= settings.OUTBOX_MAX_ATTEMPTS]
        Delivery.objects.filter(pk__in=exhausted).update(
            state=DeliveryState.DEAD, last_error="the worker ended during the last run"
        )
        claims = [
            Claim(pk, runs, consumers.queue_of(consumer))
            for pk, runs, consumer in due
            if runs < settings.OUTBOX_MAX_ATTEMPTS
        ]
        Delivery.objects.filter(pk__in=[each.delivery_id for each in claims]).update(
            due_at=Now() + _resend_pause()
        )
    return claims


def release(claims: list[Claim]) -> None:
    """Undo a claim whose rows could not be sent: they are due again now."""
    ids = [each.delivery_id for each in claims]
    Delivery.objects.filter(pk__in=ids, state=DeliveryState.PENDING).update(due_at=Now())


def deliver(delivery_id: int, attempt: int) -> bool:
    """Run the consumer of a delivery; returns whether this call had its effect.

    Safe to call any number of times, at once or again:

    1. Only the task that carries the present number of runs goes on: copies that piled up while
       no worker ran, or that another run has overtaken, do nothing.
    2. Count the run and commit that, so that a handler which kills its worker is counted too.
    3. Run the handler and mark the row done in one transaction.
    4. When the handler fails, keep the reason and wait longer each time; after
       OUTBOX_MAX_ATTEMPTS runs the row is set aside as dead, for a person to look into.
    """
    if not _begin(delivery_id, attempt):
        return False
    try:
        with transaction.atomic():
            return _run(delivery_id)
    except consumers.Busy:
        _postpone(delivery_id)
        return False
    except Exception:
        _fail(delivery_id, traceback.format_exc(limit=-8))
        raise


def _begin(delivery_id: int, attempt: int) -> bool:
    with transaction.atomic():
        row = _held(delivery_id)
        if row is None or row.attempts != attempt:
            return False
        # The due time moves on too: no relay may take the row before the run holds it.
        Delivery.objects.filter(pk=row.pk).update(
            attempts=attempt + 1, due_at=Now() + _resend_pause()
        )
        return True


def _resend_pause() -> timedelta:
    return timedelta(seconds=settings.OUTBOX_RESEND_SECONDS)


def _run(delivery_id: int) -> bool:
    delivery = _held(delivery_id)
    if delivery is None:
        return False
    consumer = consumers.get(delivery.consumer)
    served = [delivery.pk]
    if consumer.coalesce:
        if not _only_run_for(delivery):
            raise consumers.Busy
        # Committed before the handler reads, hence covered by what it reads.
        served += (
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(consumer=consumer.name, key=delivery.key, state=DeliveryState.PENDING)
            .exclude(pk=delivery.pk)
            .values_list("pk", flat=True)
        )
    consumer.handler(delivery.message)
    Delivery.objects.filter(pk__in=served).update(
        state=DeliveryState.DONE, done_at=Now(), last_error=""
    )
    return True


def pending(*, consumers: str) -> list[int]:
    """Deliveries not done yet for the consumers whose names begin so.

    What is read afterwards holds the changes that they tell of.
    """
    waiting = Delivery.objects.filter(
        consumer__startswith=consumers, state=DeliveryState.PENDING
    ).order_by("pk")
    return list(waiting.values_list("pk", flat=True))


def settle(deliveries: list[int]) -> None:
    """Mark done what the caller's transaction has done at one go; runs under way go on."""
    free = Delivery.objects.select_for_update(skip_locked=True).filter(
        pk__in=deliveries, state=DeliveryState.PENDING
    )
    Delivery.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(
        state=DeliveryState.DONE, done_at=Now(), last_error=""
    )


def _held(delivery_id: int) -> Delivery | None:
    """The pending row, locked until the transaction ends; None when done or held elsewhere."""
    return (
        Delivery.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("message")
        .filter(pk=delivery_id, state=DeliveryState.PENDING)
        .first()
    )


def _only_run_for(delivery: Delivery) -> bool:
    """Whether no other run for this consumer and key is under way; holds until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"outbox {delivery.consumer} {delivery.key}"],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _postpone(delivery_id: int) -> None:
    pause = timedelta(seconds=BUSY_SECONDS)
    Delivery.objects.filter(pk=delivery_id, state=DeliveryState.PENDING).update(
        attempts=F("attempts") - 1, due_at=Now() + pause
    )


def _fail(delivery_id: int, reason: str) -> None:
    with transaction.atomic():
        row = _held(delivery_id)
        if row is None:
            return
        pauses = settings.OUTBOX_RETRY_SECONDS
        pause = timedelta(seconds=pauses[min(row.attempts, len(pauses)) - 1])
        exhausted = row.attempts >= settings.OUTBOX_MAX_ATTEMPTS
        Delivery.objects.filter(pk=row.pk).update(
            state=DeliveryState.DEAD if exhausted else DeliveryState.PENDING,
            due_at=Now() + pause,
            last_error=reason[-4000:].replace("\0", "�"),  # PostgreSQL stores no NUL
        )


def revive(*, consumer: str | None = None) -> int:
    """Give dead deliveries a new set of attempts; returns how many."""
    dead = Delivery.objects.filter(state=DeliveryState.DEAD)
    if consumer is not None:
        dead = dead.filter(consumer=consumer)
    return dead.update(state=DeliveryState.PENDING, attempts=0, due_at=Now())


def prune() -> int:
    """Delete messages that everybody has had for OUTBOX_KEEP_DAYS; returns how many.

    In batches, so that no statement outlasts its time limit. A message nobody listened to counts
    from when it was written.
    """
    age = Now() - timedelta(days=settings.OUTBOX_KEEP_DAYS)
    kept = Delivery.objects.filter(message=OuterRef("pk")).exclude(
        state=DeliveryState.DONE, done_at__lt=age
    )
    old = Message.objects.filter(~Exists(kept), created_at__lt=age)
    deleted = 0
    while batch := list(old.values_list("pk", flat=True)[:PRUNE_BATCH]):
        Message.objects.filter(pk__in=batch).delete()
        deleted += len(batch)
    return deleted
