"""What every verb leaves behind: an audit event and a message, with the change itself."""

from __future__ import annotations

from typing import Any

from django.db import models

import audit.services
import outbox.services
from common.actor import Actor


def announce(
    obj: models.Model,
    name: str,
    actor: Actor,
    *,
    recorded: dict[str, Any] | None = None,
    told: dict[str, Any] | None = None,
) -> None:
    """Write verb and topic ``<app>.<model>.<name>`` for ``obj``, in the caller's transaction.

    ``recorded`` are the details that the audit event keeps, ``told`` goes into the payload beside
    ``id``; the message's key is ``<app>.<model>:<id>``.
    """
    label = obj._meta.label_lower
    verb = f"{label}.{name}"
    audit.services.record(actor=actor, verb=verb, obj=obj, details=recorded)
    outbox.services.publish(
        topic=verb, key=f"{label}:{obj.pk}", payload={"id": obj.pk, **(told or {})}
    )
