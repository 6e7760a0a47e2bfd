"""Who was given duties of an authority and who lost them: read from the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.enums import Duty
from audit.models import AuditEvent
from audit.queries import doers_of
from authorities.models import Appointment, Authority, Delegation
from common.contact import mask_email

LABELS = {
    "authorities.authority.create": _("登记部门"),
    "authorities.appointment.appoint": _("任命"),
    "authorities.appointment.end": _("结束任职"),
    "authorities.delegation.delegate": _("委托"),
    "authorities.delegation.end": _("结束委托"),
}
CHANGED = _("变更职责")


@dataclass(frozen=True)
class Decision:
    """``whom`` is a person or an operator; ``former`` are the duties that were replaced."""

    at: datetime
    label: str | Promise
    by: str
    whom: str
    duties: list[str]
    former: list[str]
    ends_on: date | None
    reason: str


def decisions_on(authority: Authority, most: int) -> list[Decision]:
    """The latest first. The caller administers the people of the authority."""
    appointments = {
        str(each.pk): each.user.name or mask_email(each.user.email)
        for each in Appointment.objects.filter(authority=authority).select_related("user")
    }
    delegations = {
        str(each.pk): str(each.operator)
        for each in Delegation.objects.filter(authority=authority).select_related("operator")
    }
    whom = {
        Appointment._meta.label_lower: appointments,
        Delegation._meta.label_lower: delegations,
        Authority._meta.label_lower: {str(authority.pk): ""},
    }
    concerning = Q(pk__in=())
    for kind, rows in whom.items():
        concerning |= Q(object_type=kind, object_id__in=rows)
    events = AuditEvent.objects.filter(concerning, verb__in=LABELS).order_by("-id")[:most]
    doers = doers_of(events)
    return [
        _told(event, str(doers[event.pk]), whom[event.object_type][event.object_id])
        for event in events
    ]


def _told(event: AuditEvent, by: str, whom: str) -> Decision:
    stated = event.details
    former = _labels(stated.get("before", ()))
    last = stated.get("ends_on")
    return Decision(
        at=event.at,
        label=CHANGED if former else LABELS[event.verb],
        by=by,
        whom=whom,
        duties=_labels(stated.get("after") or stated.get("duties", ())),
        former=former,
        ends_on=date.fromisoformat(last) if last else None,
        reason=stated.get("reason", ""),
    )


def _labels(duties: Iterable[str]) -> list[str]:
    return [str(Duty(each).label) for each in duties]
