"""Who reaches a file: whoever reaches the record that holds it; apps above state it here."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q

from common.actor import Actor

# The files that an actor reaches by records of one kind, as a condition on ``StoredFile``.
Provider = Callable[[Actor], Q]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    if provider not in _providers:
        _providers.append(provider)


def reached_by_records(actor: Actor) -> Q:
    condition = Q(pk__in=())
    for provider in _providers:
        condition |= provider(actor)
    return condition
