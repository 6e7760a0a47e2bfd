"""Reads stored files."""

from __future__ import annotations

from pathlib import Path

from django.db.models import Q, QuerySet

from common.actor import Actor
from files import storage
from files.access import reached_by_records
from files.models import StoredFile


def visible_to(actor: Actor) -> QuerySet[StoredFile]:
    """Files of records that the actor reaches, and own uploads that no record holds yet."""
    reached = reached_by_records(actor)
    if actor.user_id is not None:
        reached |= Q(uploader_id=actor.user_id, attached_at=None)
    return StoredFile.objects.filter(reached)


def path_of(file: StoredFile) -> Path:
    """Where its bytes lie; the caller has asked ``visible_to``."""
    return storage.path_of(file.key)
