"""What this app holds of a person, and what keeps somebody from going (PIPL)."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts.models import User
from organizations.enums import MemberRole
from organizations.enums import OrganizationState as State
from organizations.models import Invitation, JoinRequest, Membership, Organization
from organizations.services import DISCARDABLE

_CHANGES = {"insert": "joined", "update": "changed", "delete": "left"}


def memberships_part(person: User) -> list[dict[str, Any]]:
    rows = Membership.objects.filter(user=person).select_related("organization").order_by("pk")
    return [
        {"organization": each.organization.name, "role": each.role, "since": each.created_at}
        for each in rows
    ]


def membership_history_part(person: User) -> list[dict[str, Any]]:
    """What the person was when, in which organization; what is gone has the name no more."""
    past = Membership.pgh_event_model.objects.filter(user=person).order_by("pgh_id")  # type: ignore[attr-defined]
    rows = list(past.values("organization", "role", "pgh_label", "pgh_created_at"))
    known = Organization.objects.in_bulk({row["organization"] for row in rows})
    return [
        {
            "organization": known[key].name if (key := row["organization"]) in known else "",
            "role": row["role"],
            "change": _CHANGES[row["pgh_label"]],
            "at": row["pgh_created_at"],
        }
        for row in rows
    ]


def join_requests_part(person: User) -> list[dict[str, Any]]:
    """By number: an organization that never answered may not be known by name."""
    rows = JoinRequest.objects.filter(user=person).select_related("organization").order_by("pk")
    return [
        {
            "organization": each.organization.identifier,
            "message": each.message,
            "state": each.state,
            "at": each.created_at,
        }
        for each in rows
    ]


def invitations_part(person: User) -> list[dict[str, Any]]:
    rows = Invitation.objects.filter(email__iexact=person.email).select_related("organization")
    return [
        {"organization": each.organization.name, "role": each.role, "at": each.created_at}
        for each in rows.order_by("pk")
    ]


def last_owner(person: User) -> str | None:
    """An organization keeps its last owner: with the ways out, of which one leads through those
    who keep its accounts, where nobody is left to take over.
    """
    owned = Membership.objects.filter(user=person, role=MemberRole.OWNER)
    others = Membership.objects.filter(role=MemberRole.OWNER).exclude(user=person)
    alone = owned.exclude(organization__in=others.values("organization"))
    bound = alone.select_related("organization").order_by("pk")
    said = [_way_out(each.organization) for each in bound]
    return "".join(said) or None


def _way_out(organization: Organization) -> str:
    name = f"{organization}（演示）" if organization.is_demonstration else str(organization)
    ways = "请先在“成员”页把负责人移交给其他成员，或邀请接任的人"
    if organization.state in DISCARDABLE:
        ways += "；不再登记的，可在该组织的页面“放弃登记”"
    elif organization.state == State.SUBMITTED:
        ways += "；不再登记的，可在该组织的页面先“撤回修改”，再“放弃登记”"
    else:
        contact = f"（{settings.SITE_CONTACT}）" if settings.SITE_CONTACT else ""
        ways += f"；没有人接任的，请联系所在地主管部门{contact}另设负责人"
    return f"您是“{name}”的最后一位负责人：{ways}。"
