"""Publishing, claiming and carrying out deliveries.

The path of a message: ``publish`` writes message and deliveries in the caller's transaction;
the relay ``claim``s due rows and hands their ids to Celery; the task calls ``deliver``. Redis
only speeds things up: a row that nobody finishes is claimed again when it is due.
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

    1. Lock due rows, passing over those that another relay holds.
    2. Count the attempt and set the row's next due time, so that it comes again by itself when
       the task is lost on the way.
    3. Set rows aside as dead whose last attempt has run out.
    """
    with transaction.atomic():
        due = list(
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(state=DeliveryState.PENDING, due_at__lte=Now())
            .order_by("due_at", "id")
            .values_list("id", "attempts")[:limit]
        )
        for pk, attempts in due:
            if attempts >= settings.OUTBOX_MAX_ATTEMPTS:
                Delivery.objects.filter(pk=pk).update(state=DeliveryState.DEAD)
            else:
                Delivery.objects.filter(pk=pk).update(
                    attempts=F("attempts") + 1, due_at=Now() + _pause_after(attempts)
                )
    return [pk for pk, attempts in due if attempts < settings.OUTBOX_MAX_ATTEMPTS]


def release(delivery_ids: list[int]) -> None:
    """Undo a claim whose rows could not be sent: due again now, the attempt not counted."""
    Delivery.objects.filter(pk__in=delivery_ids, state=DeliveryState.PENDING).update(
        attempts=F("attempts") - 1, due_at=Now()
    )


def deliver(delivery_id: int) -> bool:
    """Run the consumer of a delivery; returns whether this call had its effect.

    Safe to call any number of times, at once or again. A handler's failure is written to the
    row, which stays pending until its attempts run out.
    """
    try:
        with transaction.atomic():
            return _deliver_locked(delivery_id)
    except Exception:
        # The handler's transaction is gone; the reason is kept for whoever looks into it.
        Delivery.objects.filter(pk=delivery_id, state=DeliveryState.PENDING).update(
            last_error=traceback.format_exc(limit=-8)[-4000:]
        )
        raise


def _deliver_locked(delivery_id: int) -> bool:
    delivery = (
        Delivery.objects.select_for_update(of=("self",), no_key=True)
        .select_related("message")
        .filter(pk=delivery_id, state=DeliveryState.PENDING)
        .first()
    )
    if delivery is None:
        return False
    consumer = consumers.get(delivery.consumer)
    served = [delivery.pk]
    if consumer.coalesce:
        # Committed before the handler reads, hence covered by what it reads. Rows that another
        # worker holds are left to it.
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


def revive(*, consumer: str | None = None) -> int:
    """Give dead deliveries a new set of attempts; returns how many."""
    dead = Delivery.objects.filter(state=DeliveryState.DEAD)
    if consumer is not None:
        dead = dead.filter(consumer=consumer)
    return dead.update(state=DeliveryState.PENDING, attempts=0, due_at=Now())


def prune() -> int:
    """Delete messages delivered to everybody longer ago than OUTBOX_KEEP_DAYS; returns how many."""
    unfinished = Delivery.objects.filter(message=OuterRef("pk")).exclude(state=DeliveryState.DONE)
    old = Message.objects.filter(
        ~Exists(unfinished), created_at__lt=Now() - timedelta(days=settings.OUTBOX_KEEP_DAYS)
    )
    _, per_model = old.delete()
    return per_model.get(Message._meta.label, 0)


def _pause_after(attempts: int) -> timedelta:
    pauses = settings.OUTBOX_RETRY_SECONDS
    return timedelta(seconds=pauses[min(attempts, len(pauses) - 1)])
