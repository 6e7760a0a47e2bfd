"""Reads the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from audit.models import AuditEvent
from common.contact import mask_email


@dataclass(frozen=True)
class Doer:
    """Who acted. Of people their name of today, which whoever closed the account has no longer;
    ``account`` and ``email`` (masked, empty where it is gone) tell people of one name apart.
    """

    name: str
    account: int | None = None
    email: str = ""

    def __str__(self) -> str:
        return self.name


def events_of(obj: models.Model) -> models.QuerySet[AuditEvent]:
    """What was done to one object, oldest first."""
    return AuditEvent.objects.filter(
        object_type=obj._meta.label_lower, object_id=str(obj.pk)
    ).order_by("id")


def count_by(user_id: int, verb: str, since: datetime) -> int:
    """How often somebody did this, whatever has become of what it was done to."""
    return AuditEvent.objects.filter(actor_user_id=user_id, verb=verb, at__gt=since).count()


def doers_of(events: Iterable[AuditEvent]) -> dict[int, Doer]:
    """By key of the event, in one query.

    What the log itself calls a person is never shown: it can neither be mended nor forgotten.
    """
    rows = list(events)
    keys = {event.actor_user_id for event in rows if event.actor_user_id is not None}
    people = get_user_model()._default_manager.in_bulk(keys)
    return {event.pk: _doer(event, people) for event in rows}


def _doer(event: AuditEvent, people: Mapping[int, Any]) -> Doer:
    if event.actor_user_id is None:
        return Doer(event.actor_label)
    person: Any = people.get(event.actor_user_id)
    name = str(person) if person else _("账号已删除")
    if event.token_id is not None:
        # Older entries have the name of the token's maker after its own.
        name = f"{event.actor_label.partition(' · ')[0]} · {name}"
    has_address = person is not None and person.deleted_at is None
    email = mask_email(person.email) if has_address else ""
    return Doer(name, event.actor_user_id, email)


def latest(verb: str, *, field: str) -> models.Subquery:
    """For a query over the verb's own model: ``field`` of the last such event of each row."""
    model = verb.rpartition(".")[0]
    events = AuditEvent.objects.filter(
        object_type=model, object_id=Cast(models.OuterRef("pk"), models.CharField()), verb=verb
    )
    return models.Subquery(events.order_by("-id").values(field)[:1])
