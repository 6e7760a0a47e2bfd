"""Writes the audit log."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import connection, models

from audit.context import address
from audit.models import AuditEvent
from common.actor import Actor, require_actor


def record(
    *,
    actor: Actor,
    verb: str,
    obj: models.Model,
    details: dict[str, Any] | None = None,
    before: str = "",
    after: str = "",
) -> AuditEvent:
    """Add an event in the transaction of the change that it tells of.

    ``before`` and ``after``: digests of what the object said (``audit.digests``). At commit the
    database chains the event to the one before. Raises RuntimeError outside a transaction: an
    event and its change stand or fall together.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record() must run in the transaction of the change.")
    actor = require_actor(actor)
    return AuditEvent.objects.create(
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        actor_label=actor.label,
        token_id=actor.token_id,
        verb=verb,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        organization_id=actor.organization_id or _organization_of(obj),
        details=details or {},
        before=before,
        after=after,
        address=address.get(),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )


def _organization_of(obj: models.Model) -> int | None:
    """Whom the object belongs to, as its model tells (``audited_organization_id``)."""
    for name in ("audited_organization_id", "organization_id"):
        found = getattr(obj, name, None)
        if isinstance(found, int):
            return found
    return None
