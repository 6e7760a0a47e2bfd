"""Publishing, claiming and carrying out deliveries.

The path of a message: ``publish`` writes message and deliveries in the caller's transaction;
the relay ``claim``s due rows and hands their ids to Celery; the task calls ``deliver``. Redis
only speeds things up: a row that nobody finishes is due again after OUTBOX_RESEND_SECONDS.
"""

from __future__ import annotations

import traceback
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


def publish(*, topic: str, key: str, payload: dict[str, Any] | None = None) -> Message:
    """Tell everybody who listens to ``topic``, after the current transaction commits.

    ``key`` names the record (``scenarios.scenario:42``). Raises RuntimeError outside a
    transaction: news without its change, or the change without its news, would be a lie.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("outbox.publish() must run in the transaction of the change.")
    message = Message.objects.create(topic=topic, key=key, payload=payload or {})
    Delivery.objects.bulk_create(
        Delivery(message=message, consumer=consumer.name, key=key)
        for consumer in consumers.listening_to(topic)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])  # sent at commit
    return message


def claim(limit: int = 100) -> list[int]:
    """Take due deliveries for sending; returns their ids, oldest first.

    Rows that another relay or a running handler holds are passed over. Each row's next due time
    is set at once, so that it comes again by itself when the task is lost on the way.
    """
    with transaction.atomic():
        due = list(
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(state=DeliveryState.PENDING, due_at__lte=Now())
            .order_by("due_at", "id")
            .values_list("id", flat=True)[:limit]
        )
        pause = timedelta(seconds=settings.OUTBOX_RESEND_SECONDS)
        Delivery.objects.filter(pk__in=due).update(due_at=Now() + pause)
    return due


def release(delivery_ids: list[int]) -> None:
    """Undo a claim whose rows could not be sent: they are due again now."""
    Delivery.objects.filter(pk__in=delivery_ids, state=DeliveryState.PENDING).update(due_at=Now())


def deliver(delivery_id: int) -> bool:
    """Run the consumer of a delivery; returns whether this call had its effect.

    Safe to call any number of times, at once or again:

    1. Count the run and commit that, so that a handler which kills its worker is counted too.
       A row that is finished, or held by another run, is left alone.
    2. Run the handler and mark the row done in one transaction.
    3. When the handler fails, keep the reason and wait longer each time; after
       OUTBOX_MAX_ATTEMPTS runs the row is set aside as dead, for a person to look into.
    """
    if not _begin(delivery_id):
        return False
    try:
        with transaction.atomic():
            return _run(delivery_id)
    except Exception:
        _fail(delivery_id, traceback.format_exc(limit=-8))
        raise


def _begin(delivery_id: int) -> bool:
    with transaction.atomic():
        row = _held(delivery_id)
        if row is None:
            return False
        if row.attempts >= settings.OUTBOX_MAX_ATTEMPTS:
            Delivery.objects.filter(pk=row.pk).update(state=DeliveryState.DEAD)
            return False
        Delivery.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1)
        return True


def _run(delivery_id: int) -> bool:
    delivery = _held(delivery_id)
    if delivery is None:
        return False
    consumer = consumers.get(delivery.consumer)
    served = [delivery.pk]
    if consumer.coalesce:
        if not _only_run_for(delivery):
            pause = timedelta(seconds=BUSY_SECONDS)
            Delivery.objects.filter(pk=delivery.pk).update(
                attempts=F("attempts") - 1, due_at=Now() + pause
            )
            return False
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
    """Delete messages delivered to everybody longer ago than OUTBOX_KEEP_DAYS; returns how many.

    In batches, so that no statement outlasts its time limit.
    """
    unfinished = Delivery.objects.filter(message=OuterRef("pk")).exclude(state=DeliveryState.DONE)
    old = Message.objects.filter(
        ~Exists(unfinished), created_at__lt=Now() - timedelta(days=settings.OUTBOX_KEEP_DAYS)
    )
    deleted = 0
    while batch := list(old.values_list("pk", flat=True)[:PRUNE_BATCH]):
        Message.objects.filter(pk__in=batch).delete()
        deleted += len(batch)
    return deleted
