"""Reads stored files."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from common.actor import Actor
from files.access import own_by_records, reached_by_records
from files.models import StoredFile


def visible_to(actor: Actor) -> QuerySet[StoredFile]:
    """Files of records that the actor reaches, and own uploads that no record holds yet."""
    return StoredFile.objects.filter(reached_by_records(actor) | _untaken(actor))


def own_files(actor: Actor) -> QuerySet[StoredFile]:
    """Those of the actor's own side, among what it sees."""
    return StoredFile.objects.filter(own_by_records(actor) | _untaken(actor))


def _untaken(actor: Actor) -> Q:
    if actor.user_id is None:
        return Q(pk__in=())
    return Q(uploader_id=actor.user_id, attached_at=None)
