"""Reads the state of the outbox, for operators."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Min

from outbox.models import Delivery, DeliveryState


def unfinished_by_consumer() -> list[dict[str, Any]]:
    """Rows of consumer, state, count, oldest message and one error, for what is not done."""
    rows = (
        Delivery.objects.exclude(state=DeliveryState.DONE)
        .values("consumer", "state")
        .annotate(count=Count("pk"), oldest=Min("message__created_at"), error=Max("last_error"))
        .order_by("consumer", "state")
    )
    return [dict(row) for row in rows]
