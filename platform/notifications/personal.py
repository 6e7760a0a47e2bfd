"""What the site holds of a person here (PIPL, articles 45 and 47)."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from common.actor import Actor
from notifications.models import Digest, Notification, Preference


def notices_part(person: User) -> list[dict[str, Any]]:
    rows = Notification.objects.filter(user=person).order_by("pk")
    names = ("category", "title", "text", "reason", "created_at", "read_at")
    return [dict(row) for row in rows.values(*names)]


def preferences_part(person: User) -> list[dict[str, Any]]:
    rows = Preference.objects.filter(user=person).order_by("pk")
    return [dict(row) for row in rows.values("organization__name", "category", "mode")]


def erase(person: User, actor: Actor) -> None:
    """Nobody reads the notices of a closed account."""
    Notification.objects.filter(user=person).delete()
    Digest.objects.filter(user=person).delete()
    Preference.objects.filter(user=person).delete()
