"""Writes the audit log."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import connection, models

from audit.models import AuditEvent
from common.actor import Actor, require_actor


def record(
    *, actor: Actor, verb: str, obj: models.Model, details: dict[str, Any] | None = None
) -> AuditEvent:
    """Add an event in the transaction of the change that it tells of.

    Raises RuntimeError outside a transaction: an event and its change stand or fall together.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record() must run in the transaction of the change.")
    actor = require_actor(actor)
    return AuditEvent.objects.create(
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        actor_label=actor.label,
        verb=verb,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        details=details or {},
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )
