"""What people are on the platform itself; apps above state it, as they register here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from common.actor import Grant

# Rows (duty, authority, body, city, district) of the person with this key, as Grant has them.
Provider = Callable[[int], "QuerySet[Any, Any]"]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    if provider not in _providers:
        _providers.append(provider)


def grants_of(user_id: int) -> frozenset[Grant]:
    """One query, however many apps state grants: every page of a signed-in person asks."""
    if not _providers:
        return frozenset()
    first, *rest = (provider(user_id).order_by() for provider in _providers)
    rows = first.union(*rest, all=True) if rest else first
    return frozenset(Grant(*row) for row in rows)
