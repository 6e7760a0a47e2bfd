"""Reads the audit log."""

from __future__ import annotations

from django.db import models

from audit.models import AuditEvent


def events_of(obj: models.Model) -> models.QuerySet[AuditEvent]:
    """What was done to one object, oldest first."""
    return AuditEvent.objects.filter(
        object_type=obj._meta.label_lower, object_id=str(obj.pk)
    ).order_by("id")
