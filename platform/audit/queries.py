"""Reads the audit log."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Cast

from audit.models import AuditEvent


def events_of(obj: models.Model) -> models.QuerySet[AuditEvent]:
    """What was done to one object, oldest first."""
    return AuditEvent.objects.filter(
        object_type=obj._meta.label_lower, object_id=str(obj.pk)
    ).order_by("id")


def latest(verb: str, *, field: str) -> models.Subquery:
    """For a query over the verb's own model: ``field`` of the last such event of each row."""
    model = verb.rpartition(".")[0]
    events = AuditEvent.objects.filter(
        object_type=model, object_id=Cast(models.OuterRef("pk"), models.CharField()), verb=verb
    )
    return models.Subquery(events.order_by("-id").values(field)[:1])
