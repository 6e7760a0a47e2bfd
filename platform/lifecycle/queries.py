"""Reads what happened to a record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models

import audit.queries
from lifecycle.transitions import lifecycle_of


@dataclass(frozen=True)
class PastStep:
    """``by`` is who took it, by the name of today (``user_id`` when a person), ``reason`` what
    was said.
    """

    at: datetime
    name: str
    label: str
    by: str
    user_id: int | None
    reason: str


def steps_of(record: models.Model) -> list[PastStep]:
    """The life of a record so far, oldest first. The caller may see the record."""
    lifecycle = lifecycle_of(record)
    labels = {**lifecycle.writing, **{each.name: each.label for each in lifecycle.transitions}}
    events = list(audit.queries.events_of(record))
    doers = audit.queries.doers_of(events)
    return [
        PastStep(
            event.at,
            name,
            str(labels[name]),
            str(doers[event.pk]),
            event.actor_user_id,
            event.details.get("details", {}).get("reason", ""),
        )
        for event in events
        if (name := event.verb.rpartition(".")[2]) in labels
    ]
