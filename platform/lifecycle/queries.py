"""Reads what happened to a record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import audit.queries
from lifecycle.transitions import lifecycle_of

# Verbs that write a record without moving its state.
_WRITING: dict[str, str | Promise] = {
    "create": _("创建"),
    "change": _("修改"),
    "change_contact": _("修改联系方式"),
}


@dataclass(frozen=True)
class PastStep:
    """``by`` is who took it (``user_id`` when a person), ``reason`` what was said."""

    at: datetime
    name: str
    label: str
    by: str
    user_id: int | None
    reason: str


def steps_of(record: models.Model) -> list[PastStep]:
    """The life of a record so far, oldest first. The caller may see the record."""
    labels = {each.name: each.label for each in lifecycle_of(record).transitions} | _WRITING
    return [
        PastStep(
            event.at,
            name,
            str(labels[name]),
            event.actor_label,
            event.actor_user_id,
            event.details.get("details", {}).get("reason", ""),
        )
        for event in audit.queries.events_of(record)
        if (name := event.verb.rpartition(".")[2]) in labels
    ]
