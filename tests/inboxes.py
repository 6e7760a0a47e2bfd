"""News on its way to people: real messages and deliveries, without the relay in between."""

from __future__ import annotations

from datetime import timedelta

from common.actor import Actor
from common.models import database_now
from notifications.models import Notification
from outbox import services
from outbox.models import Delivery, DeliveryState


def deliver_news() -> None:
    """Carry out what waits for the consumers of notices and mails, and what follows from it."""
    waiting = Delivery.objects.filter(
        consumer__startswith="notifications.", state=DeliveryState.PENDING
    )
    while rows := list(waiting.order_by("pk").values_list("pk", "attempts")):
        for pk, attempts in rows:
            assert services.deliver(pk, attempts)


def forget_news() -> None:
    """What was told so far is no concern of the test; the day's mails begin anew."""
    Delivery.objects.filter(consumer__startswith="notifications.").delete()
    Notification.objects.all().delete()


def titles(actor: Actor) -> list[str]:
    """What the actor was ever told, the oldest first."""
    told = Notification.objects.filter(user=actor.user_id).order_by("pk")
    return list(told.values_list("title", flat=True))


def make_yesterday() -> None:
    """All that was told so far; today's digest is for that."""
    Notification.objects.update(created_at=database_now() - timedelta(days=1))
