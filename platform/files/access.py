"""Who reaches a file: whoever reaches the record that holds it; apps above state it here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Model, Q

from common.actor import Actor
from files.models import StoredFile


@dataclass(frozen=True)
class Holder:
    """Records of one kind that hold files, with conditions on ``StoredFile``.

    ``reached``: what an actor may read by them. ``own``: what is the actor's own side's, whose
    reading nobody writes down. ``record_of``: the one that holds a file, None if none does.
    """

    reached: Callable[[Actor], Q]
    own: Callable[[Actor], Q]
    record_of: Callable[[StoredFile], Model | None]


_holders: list[Holder] = []


def register(holder: Holder) -> None:
    if holder not in _holders:
        _holders.append(holder)


def reached_by_records(actor: Actor) -> Q:
    condition = Q(pk__in=())
    for holder in _holders:
        condition |= holder.reached(actor)
    return condition


def own_by_records(actor: Actor) -> Q:
    condition = Q(pk__in=())
    for holder in _holders:
        condition |= holder.own(actor)
    return condition


def record_of(file: StoredFile) -> Model | None:
    """The record that holds the file; None for an upload that none has taken."""
    found = (holder.record_of(file) for holder in _holders)
    return next((record for record in found if record is not None), None)
