"""What audit administrators read of the audit log, and what it is called there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.apps import apps
from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.utils.translation import gettext as _

import audit.services
from accounts.enums import ConsentKind, Duty
from accounts.jurisdiction import is_province_wide, within
from accounts.models import User
from audit.models import AuditEvent
from audit.queries import Doer, doers_of
from authorities.verbs import verb_label
from common.actor import Actor, require_actor
from common.errors import Forbidden
from organizations.models import Organization

# Words of the details that stand before the key of a row.
REFERRING = {
    "user": "accounts.user",
    "organization": "organizations.organization",
    "operator": "organizations.organization",
    "authority": "authorities.authority",
}
CONSENTS = {"accounts.user.give_consent", "accounts.user.withdraw_consent"}
Reference = tuple[str, str]  # kind and key


def events_visible_to(actor: Actor) -> QuerySet[AuditEvent]:
    """Everything for the province's auditors; for others what concerns organizations of theirs.

    The latest first; ``seq`` and ``hash`` are its place in the chain, None where it has none.
    """
    events = AuditEvent.objects.annotate(seq=F("link__seq"), hash=F("link__hash"))
    if is_province_wide(actor, Duty.AUDIT):
        return events
    own = Organization.objects.filter(within(actor, Duty.AUDIT)).values("pk")
    return events.filter(organization_id__in=own)


@dataclass(frozen=True)
class Mentioned:
    """What the details of an event state by its key; no name where the row is gone."""

    what: str
    name: str
    is_invented: bool = False


@dataclass(frozen=True)
class Told:
    """An event of ``events_visible_to``, and what is named in it as it is called now, if at all.

    ``is_invented``: the object is of the demonstration, or of an organization of it.
    """

    event: Any
    label: str
    kind: str
    name: str
    is_invented: bool
    organization: Organization | None
    doer: Doer
    mentioned: list[Mentioned]


def told(events: Iterable[AuditEvent]) -> list[Told]:
    """In one query for each kind of what is named in them."""
    rows = list(events)
    named = _Named(rows)
    doers = doers_of(rows)
    return [_told(event, named, doers[event.pk]) for event in rows]


def export_events(
    *, events: QuerySet[AuditEvent], asked: dict[str, Any], actor: Actor
) -> list[Told]:
    """What a file of the log holds; that somebody took one away is on record too.

    ``asked``: what the reader looked for, without names or addresses of people. Raises Forbidden.
    """
    actor = require_actor(actor)
    if actor.user_id is None or not actor.holds(Duty.AUDIT):
        raise Forbidden("只有审计管理员可以导出操作记录。")
    person = User.objects.get(pk=actor.user_id)
    with transaction.atomic():
        found = told(events)
        details = {"asked": asked, "rows": len(found)}
        audit.services.record(
            actor=actor, verb="audit.auditevent.export_log", obj=person, details=details
        )
    return found


class _Named:
    """The rows that some events name by kind and key."""

    def __init__(self, events: list[AuditEvent]) -> None:
        self.rows: dict[tuple[str, str], Model] = {}
        keys: dict[str, set[int]] = {}
        for event in events:
            for kind, key in (_object(event), _concerned(event), *_references(event).values()):
                if key.isdecimal():
                    keys.setdefault(kind, set()).add(int(key))
        for kind, found in keys.items():
            for key, row in _with_relations(apps.get_model(kind)).in_bulk(found).items():
                self.rows[kind, str(key)] = row


def _object(event: AuditEvent) -> Reference:
    return event.object_type, event.object_id


def _concerned(event: AuditEvent) -> Reference:
    return Organization._meta.label_lower, str(event.organization_id or "")


def _references(event: AuditEvent) -> dict[str, Reference]:
    """By the word of ``REFERRING``; those of a step stand one level deeper."""
    deeper = event.details.get("details")
    stated = {**event.details, **(deeper if isinstance(deeper, dict) else {})}
    return {
        word: (kind, str(stated[word]))
        for word, kind in REFERRING.items()
        if type(stated.get(word)) is int
    }


def _with_relations(model: type[Model]) -> QuerySet[Any]:
    """A row may be called by what it points at."""
    names = [each.name for each in model._meta.concrete_fields if each.is_relation]
    rows = model._base_manager.all()
    return rows.select_related(*names) if names else rows


def _told(event: AuditEvent, named: _Named, doer: Doer) -> Told:
    found, concerned = (named.rows.get(each) for each in (_object(event), _concerned(event)))
    return Told(
        event,
        verb_label(event.verb),
        _kind(event.object_type),
        _name(found),
        _is_invented(found) or _is_invented(concerned),
        cast("Organization | None", concerned),
        doer,
        [*_consented(event), *_mentioned(event, named)],
    )


def _mentioned(event: AuditEvent, named: _Named) -> Iterator[Mentioned]:
    for kind, key in _references(event).values():
        found = named.rows.get((kind, key))
        yield Mentioned(f"{_kind(kind)} {key}", _name(found), _is_invented(found))


def _consented(event: AuditEvent) -> Iterator[Mentioned]:
    kind = event.details.get("kind")
    if event.verb in CONSENTS and kind in ConsentKind.values:
        yield Mentioned(str(_("事项")), str(ConsentKind(kind).label))


def _kind(label: str) -> str:
    return str(apps.get_model(label)._meta.verbose_name)


def _name(found: Model | None) -> str:
    """A model whose rows are called otherwise elsewhere says how here (``audited_name``)."""
    return str(getattr(found, "audited_name", found or ""))


def _is_invented(found: Model | None) -> bool:
    return getattr(found, "is_demonstration", False)
