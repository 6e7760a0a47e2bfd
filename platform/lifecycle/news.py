"""What every verb leaves behind: an audit event and a message, with the change itself."""

from __future__ import annotations

from typing import Any

from django.db import models

import audit.services
import outbox.services
from audit.digests import digest_of
from common.actor import Actor


def announce(
    obj: models.Model,
    name: str,
    actor: Actor,
    *,
    recorded: dict[str, Any] | None = None,
    told: dict[str, Any] | None = None,
    before: str = "",
    after: str | None = None,
) -> None:
    """Write verb and topic ``<app>.<model>.<name>`` for ``obj``, in the caller's transaction.

    ``recorded`` are the details that the audit event keeps, ``told`` goes into the payload beside
    ``id``; the message's key is ``<app>.<model>:<id>``. ``before`` and ``after`` are digests of
    what the object said; unless given, ``after`` is of its columns as they are now.
    """
    label = obj._meta.label_lower
    verb = f"{label}.{name}"
    digest = digest_of(obj) if after is None else after
    audit.services.record(
        actor=actor, verb=verb, obj=obj, details=recorded, before=before, after=digest
    )
    outbox.services.publish(
        topic=verb,
        key=f"{label}:{obj.pk}",
        payload={"id": obj.pk, **(told or {})},
        by_user_id=actor.user_id,
    )
