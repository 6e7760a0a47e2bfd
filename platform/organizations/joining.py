"""Verbs by which people come to act for an organization: they ask, or are invited."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

import audit.queries
from accounts.services import lock_person
from audit.digests import digest_of
from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden, InvalidInput, NotFound
from common.facts import clean_email
from common.models import database_now, refuse_duplicates
from common.permissions import may
from common.text import clean_line
from lifecycle.news import announce
from lifecycle.services import advance
from lifecycle.steps import Steps
from organizations.enums import (
    IdentifierScheme,
    InvitationState,
    JoinRequestState,
    MemberRole,
    OrganizationState,
)
from organizations.models import Invitation, JoinRequest, Membership, Organization
from organizations.queries import by_identifier, invitations_to_answer
from organizations.services import lock_organization
from organizations.validators import clean_identifier

# 平台默认: a week to answer an invitation, and bounds that keep nobody from honest work.
INVITATION_DAYS = 7
MOST_REQUESTS = 5
LONGEST_MESSAGE = 200
_MEMBER = "您已经是这个组织的成员。"
_ASKED = "您已经申请加入这个组织，请等待答复。"


def ask_to_join(
    *, scheme: IdentifierScheme, identifier: str, message: str = "", actor: Actor
) -> JoinRequest:
    """Ask the owners of the organization that has exactly this identifier.

    Raises Forbidden, InvalidInput (a wrong number), NotFound (nobody has it), Conflict (member
    already, asked already, too many questions open).
    """
    actor = require_actor(actor)
    person = actor.user_id
    if person is None or not may("organizations.ask_to_join", actor):
        raise Forbidden("登录并验证邮箱后才能申请加入组织。")
    organization = by_identifier(scheme, _checked_identifier(scheme, identifier))
    if organization is None:
        raise NotFound("没有用这个证件号码登记的组织。请核对号码，或登记您的单位。")
    said = _line(message, "message", LONGEST_MESSAGE)
    with transaction.atomic():
        lock_person(person)
        if Membership.objects.filter(organization=organization, user_id=person).exists():
            raise Conflict(_MEMBER)
        own = JoinRequest.objects.filter(user_id=person, state=JoinRequestState.PENDING)
        if own.count() >= MOST_REQUESTS:
            raise Conflict(f"您有 {MOST_REQUESTS} 份加入申请等待答复，请先等待或撤回。")
        with refuse_duplicates("organizations_one_join_request", _ASKED):
            request = JoinRequest.objects.create(
                organization=organization, user_id=person, message=said
            )
        announce(request, "create", actor, told={"organization": organization.pk})
    return request


def accept_join_request(
    *, request: JoinRequest, actor: Actor, role: MemberRole = MemberRole.VIEWER
) -> JoinRequest:
    """Let whoever asked act for the organization, in a role that the actor chooses."""
    with transaction.atomic():
        advance(request, "accept", actor)
        _join(request.organization, request.user_id, role, actor)
    return request


def decline_join_request(*, request: JoinRequest, actor: Actor) -> JoinRequest:
    return advance(request, "decline", actor)


def withdraw_join_request(*, request: JoinRequest, actor: Actor) -> JoinRequest:
    return advance(request, "withdraw", actor)


REQUEST_STEPS = Steps(
    "request",
    {
        "accept": accept_join_request,
        "decline": decline_join_request,
        "withdraw": withdraw_join_request,
    },
)


def invite(*, organization: Organization, email: str, role: MemberRole, actor: Actor) -> Invitation:
    """Ask somebody by mail to act for the organization.

    What comes of it is the same whether the address has an account or not (THREATS A21). An older
    invitation of the address that has run out gives way. Raises Forbidden, InvalidInput,
    Conflict (a member already, invited already, too many today or before it is verified).
    """
    actor = require_actor(actor)
    person = actor.user_id
    if person is None or not may("organizations.invite", actor, organization):
        raise Forbidden("只有负责人可以邀请成员。")
    address = _checked_email(email)
    nonce = secrets.token_hex(16)
    with transaction.atomic():
        lock_person(person)
        locked = lock_organization(organization)
        now = database_now()
        rows = Invitation.objects.filter(organization=organization)
        for old in rows.filter(
            state=InvitationState.PENDING, email__iexact=address, expires_at__lte=Now()
        ):
            advance(old, "revoke", actor)
        if organization.memberships.filter(user__email__iexact=address).exists():
            raise Conflict("这个邮箱的主人已经是成员。")
        _refuse_too_many_invitations(locked, person, now)
        taken = "这个邮箱已有一份没有答复的邀请，可以先撤销它再重新邀请。"
        with refuse_duplicates("organizations_one_invitation", taken):
            invitation = Invitation.objects.create(
                organization=organization,
                email=address,
                role=role,
                nonce=nonce,
                token_hash=_hash(_token(nonce)),
                expires_at=now + timedelta(days=INVITATION_DAYS),
                inviter_id=person,
            )
        announce(
            invitation,
            "create",
            actor,
            recorded={"role": role},
            told={"organization": organization.pk},
        )
    return invitation


def _refuse_too_many_invitations(organization: Organization, person: int, now: datetime) -> None:
    """So that nobody mails strangers through the site; the caller holds both locks.

    Anybody may begin a draft under any name: until somebody has checked it, an organization asks
    a few, and those that it took back count for a day.
    """
    a_day, few = settings.INVITATIONS_A_DAY, settings.INVITATIONS_BEFORE_VERIFICATION
    yesterday = now - timedelta(days=1)
    today = Q(created_at__gt=yesterday)
    # Those of registrations that were given up are gone, the mails were sent.
    if audit.queries.count_by(person, "organizations.invitation.create", yesterday) >= a_day:
        raise Conflict(f"一人一天最多发出 {a_day} 份邀请，请明天再试。")
    rows = organization.invitations
    if rows.filter(today).count() >= a_day:
        raise Conflict(f"一个组织一天最多发出 {a_day} 份邀请，请明天再试。")
    if organization.state == OrganizationState.VERIFIED:
        return
    waiting = Q(state=InvitationState.PENDING, expires_at__gt=now)
    taken_back = Q(today, state=InvitationState.REVOKED)
    if rows.filter(waiting | taken_back).count() >= few:
        raise Conflict(
            f"组织核验通过之前，最多有 {few} 份等待答复的邀请；撤销的在 24 小时内仍计入。"
        )


def token_of(invitation: Invitation) -> str:
    """What the mail carries: derived anew, never stored."""
    return _token(invitation.nonce)


def links_to_answer(actor: Actor) -> list[tuple[Invitation, str]]:
    """Open invitations of the person with their tokens: whose mailbox it is known to be gets here
    no more than the mail says.
    """
    return [(each, token_of(each)) for each in invitations_to_answer(actor)]


def invitation_of(token: str) -> Invitation | None:
    """The invitation that a link names, whatever its state."""
    rows = Invitation.objects.select_related("organization", "inviter")
    return rows.filter(token_hash=_hash(token)).first()


def accept_invitation(*, invitation: Invitation, actor: Actor) -> Invitation:
    """Join in the role that was offered. Raises Forbidden (another address), Conflict."""
    with transaction.atomic():
        advance(invitation, "accept", actor)
        assert actor.user_id is not None  # noqa: S101 (the permission asks for a person)
        _join(invitation.organization, actor.user_id, MemberRole(invitation.role), actor)
    return invitation


def revoke_invitation(*, invitation: Invitation, actor: Actor) -> Invitation:
    return advance(invitation, "revoke", actor)


INVITATION_STEPS = Steps("invitation", {"revoke": revoke_invitation})


def _join(organization: Organization, user_id: int, role: MemberRole, actor: Actor) -> None:
    """Whoever accepts has been allowed that by the step before."""
    taken = "已经是这个组织的成员。"
    with refuse_duplicates("organizations_one_membership", taken):
        made = Membership.objects.create(organization=organization, user_id=user_id, role=role)
    said = {"user": user_id, "role": role}
    announce(organization, "add_member", actor, recorded=said, told=said, after=digest_of(made))


def _token(nonce: str) -> str:
    return salted_hmac("organizations.invitation", nonce, algorithm="sha256").hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _checked_identifier(scheme: IdentifierScheme, text: str) -> str:
    try:
        return clean_identifier(scheme, text)
    except ValueError as error:
        raise _refused("identifier", str(error)) from None


def _checked_email(text: str) -> str:
    try:
        address = clean_email(text).lower()
    except ValueError as error:
        raise _refused("email", str(error)) from None
    if not address:
        raise _refused("email", "请填写电子邮箱")
    return address


def _line(text: str, field: str, longest: int) -> str:
    try:
        line = clean_line(text)
    except ValueError as error:
        raise _refused(field, str(error)) from None
    if len(line) > longest:
        raise _refused(field, f"最多 {longest} 个字")
    return line


def _refused(field: str, message: str) -> InvalidInput:
    return InvalidInput(f"{message}。", fields={field: [f"{message}。"]})
