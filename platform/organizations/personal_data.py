"""What this app holds of a person, and what keeps somebody from going (PIPL)."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from organizations.enums import MemberRole
from organizations.models import Invitation, JoinRequest, Membership


def memberships_part(person: User) -> list[dict[str, Any]]:
    rows = Membership.objects.filter(user=person).select_related("organization").order_by("pk")
    return [
        {"organization": each.organization.name, "role": each.role, "since": each.created_at}
        for each in rows
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
    """An organization that has an owner keeps one: hand it over first."""
    owned = Membership.objects.filter(user=person, role=MemberRole.OWNER)
    others = Membership.objects.filter(role=MemberRole.OWNER).exclude(user=person)
    alone = owned.exclude(organization__in=others.values("organization"))
    owning = [each.organization for each in alone.select_related("organization")]
    names = [f"{each}（演示）" if each.is_demonstration else str(each) for each in owning]
    if not names:
        return None
    return f"您是“{'”“'.join(names)}”的最后一位负责人，请先把负责人移交给其他成员。"
