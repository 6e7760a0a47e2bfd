"""Verbs on organizations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from accounts.models import User
from accounts.services import lock_person
from audit.digests import digest_of
from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden, InvalidInput, NotFound
from common.models import database_now, refuse_duplicates, refuse_stale
from common.permissions import may
from files.models import StoredFile
from files.services import discard_file
from lifecycle.news import announce
from lifecycle.services import advance
from lifecycle.steps import Steps
from organizations.enums import EvidenceKind, EvidenceState, MemberRole
from organizations.enums import OrganizationState as State
from organizations.facts import ESSENTIAL, OrganizationFacts
from organizations.lookalikes import skeleton
from organizations.models import Evidence, Membership, Organization, VerificationComment
from organizations.queries import (
    TAKEN,
    by_identifier,
    has_ended,
    live_evidence,
    pending_join_requests,
    stated_facts,
)
from organizations.rules import is_owner
from taxonomy.vocabulary import Vocabulary

# 平台默认: who has so many registrations under way is not registering organizations.
MOST_DRAFTS = 5
MOST_COMMENT = 500
EDITABLE = {State.DRAFT, State.RETURNED, State.VERIFIED}
# From none of these does the way lead back to what was verified once (transitions.LIFECYCLE).
DISCARDABLE = {State.DRAFT, State.RETURNED, State.REJECTED}
GONE = "这个组织已不存在。"
COMMENTED = (*OrganizationFacts.model_fields, "evidence")


def register_organization(
    *, facts: OrganizationFacts, actor: Actor, is_demonstration: bool = False
) -> Organization:
    """Begin a registration: a draft with the actor as its owner.

    The platform itself (a command) takes an organization up to be verified, with nobody in it.
    ``is_demonstration``: it is invented, and so is all that it will publish. Raises Forbidden,
    InvalidInput (unknown city or district), Conflict (the identifier is taken).
    """
    actor = require_actor(actor)
    if not may("organizations.register", actor):
        raise Forbidden("登录并验证邮箱后才能登记组织。")
    values = _columns(facts)
    if by_identifier(facts.identifier_scheme, facts.identifier) is not None:
        raise Conflict(TAKEN)
    with transaction.atomic():
        taken_up: dict[str, Any] = {"is_demonstration": is_demonstration}
        if actor.is_system:
            taken_up |= {"state": State.SUBMITTED, "submitted_at": database_now()}
        elif actor.user_id is not None:
            lock_person(actor.user_id)
            _refuse_too_many_drafts(facts, actor.user_id)
        with refuse_duplicates("organizations_one_per_identifier", TAKEN):
            organization = Organization.objects.create(**values, **taken_up)
        if actor.user_id is not None:
            Membership.objects.create(
                organization=organization, user_id=actor.user_id, role=MemberRole.OWNER
            )
        announce(organization, "register", actor)
    return organization


def change_organization(
    *,
    organization: Organization,
    facts: OrganizationFacts,
    actor: Actor,
    unchanged_since: datetime | None = None,
) -> Organization:
    """Replace what the organization states.

    Once it is verified, what the licence says stays: that changes by an amendment. Raises
    NotFound, Forbidden, InvalidInput (by field), Conflict (under verification, changed meanwhile,
    the identifier is taken).
    """
    actor = require_actor(actor)
    values = _columns(facts)
    with transaction.atomic():
        locked = lock_organization(organization)
        if not may("organizations.change", actor, locked):
            raise Forbidden("您不能修改这个组织的资料。")
        if locked.state not in EDITABLE:
            raise Conflict(f"组织当前“{locked.get_state_display()}”，不能修改资料。")
        refuse_stale(locked, unchanged_since)
        before = digest_of(locked)
        if locked.state == State.VERIFIED:
            _refuse_essential(stated_facts(locked), facts)
        for name, value in values.items():
            setattr(locked, name, value)
        with refuse_duplicates("organizations_one_per_identifier", TAKEN):
            locked.save()
        announce(locked, "change", actor, before=before)
    return locked


def lock_organization(organization: Organization) -> Organization:
    """Raises NotFound when it is gone."""
    rows = Organization.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.filter(pk=organization.pk).first()
    if locked is None:
        raise NotFound(GONE)
    return locked


def write_essentials(organization: Organization, facts: OrganizationFacts) -> None:
    """What an approved amendment changes; the caller holds the lock. Raises Conflict (taken)."""
    for name, value in _columns(facts).items():
        setattr(organization, name, value)
    with refuse_duplicates("organizations_one_per_identifier", TAKEN):
        organization.save()


def _columns(facts: OrganizationFacts) -> dict[str, Any]:
    values = facts.model_dump(exclude={"city", "district"})
    place = Vocabulary.load().place(facts.city, facts.district)
    return {**values, **place, "skeleton": skeleton(facts.name)}


def _refuse_too_many_drafts(facts: OrganizationFacts, user_id: int) -> None:
    own = Organization.objects.filter(
        memberships__user_id=user_id,
        memberships__role=MemberRole.OWNER,
        state=State.DRAFT,
    )
    if own.filter(identifier_scheme=facts.identifier_scheme, identifier=facts.identifier).exists():
        raise Conflict("您已经有一份用这个证件号码填写的草稿，请在工作台继续填写。")
    if own.count() >= MOST_DRAFTS:
        raise Conflict(f"您已有 {MOST_DRAFTS} 份没有提交的登记，请先提交其中一份。")


def _refuse_essential(stated: OrganizationFacts, facts: OrganizationFacts) -> None:
    message = "核验之后，这一项要通过“变更登记事项”修改。"
    changed = [name for name in ESSENTIAL if getattr(stated, name) != getattr(facts, name)]
    if changed:
        raise InvalidInput(message, fields={name: [message] for name in changed})


def submit_organization(*, organization: Organization, actor: Actor) -> Organization:
    """Hand it in to be verified; comments of an earlier return are settled by that."""
    now = database_now()
    with transaction.atomic(), refuse_duplicates("organizations_one_per_identifier", TAKEN):
        advance(organization, "submit", actor, values={"submitted_at": now})
        VerificationComment.objects.filter(organization=organization, settled_at=None).update(
            settled_at=now
        )
    return organization


def discard_organization(*, organization: Organization, actor: Actor) -> None:
    """Give a registration up that was never verified: it goes, with its documents.

    The audit log keeps the name, the number and the digests of the files; the files themselves
    stay for their time where somebody has decided by them. Raises NotFound, Forbidden, Conflict
    (verified, being verified, others act for it or ask to, or something was written for it).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        # What goes with it first, as their own steps do: each of them locks itself, then this.
        for children in (
            organization.invitations,
            organization.join_requests,
            organization.evidence,
        ):
            list(children.select_for_update(of=("self",)).order_by("pk"))
        rows = Organization.objects.select_for_update(of=("self",))
        locked = rows.filter(pk=organization.pk).first()
        if locked is None:
            raise NotFound(GONE)
        if not may("organizations.discard", actor, locked):
            raise Forbidden("只有负责人可以放弃登记。")
        if locked.state not in DISCARDABLE:
            raise Conflict(f"组织当前“{locked.get_state_display()}”，不能放弃登记。")
        if locked.memberships.exclude(user=actor.user_id).exists():
            raise Conflict("还有其他成员，请先在“成员”页移除他们，或把负责人移交给他们。")
        if pending_join_requests(locked).exists():
            raise Conflict("还有没有答复的加入申请，请先在“成员”页答复。")
        files = list(StoredFile.objects.filter(evidence__organization=locked).order_by("pk"))
        recorded = {
            "name": locked.name,
            "identifier_scheme": locked.identifier_scheme,
            "identifier": locked.identifier,
            "state": locked.state,
            "files": [file.digest for file in files],
        }
        announce(locked, "discard", actor, recorded=recorded, before=digest_of(locked), after="")
        try:
            locked.delete()
        except ProtectedError:
            raise Conflict(
                "这个组织名下已经有场景、能力、产品或导入记录，不能放弃登记；可以把负责人移交给其他成员。"
            ) from None
        # Else they stay, held by nobody (evidence.discard_files).
        if recorded["state"] == State.DRAFT:
            for file in files:
                discard_file(file=file)


def recall_organization(*, organization: Organization, actor: Actor) -> Organization:
    return advance(organization, "recall", actor)


def verify_organization(*, organization: Organization, actor: Actor) -> Organization:
    """Accept what it states, with all the evidence that has not run out.

    For the attributes of an organization that it took up, the platform itself vouches.
    """
    with transaction.atomic():
        advance(organization, "verify", actor)
        if actor.is_system:
            _vouch(organization)
        stated = Evidence.objects.filter(organization=organization, state=EvidenceState.STATED)
        for evidence in stated.select_related("organization"):
            if not has_ended(evidence):
                advance(evidence, "confirm", actor)
    return organization


def _vouch(organization: Organization) -> None:
    proved = set(live_evidence(organization).values_list("kind", flat=True))
    Evidence.objects.bulk_create(
        Evidence(organization=organization, kind=EvidenceKind(value), note="由平台登记，无附件")
        for value in organization.attributes
        if value not in proved
    )


def return_organization(
    *,
    organization: Organization,
    reason: str,
    actor: Actor,
    comments: Mapping[str, str] | None = None,
) -> Organization:
    """Send it back to be mended; ``comments`` say by field what is wrong.

    Raises InvalidInput (no reason, a comment on what is no field), Conflict, Forbidden.
    """
    said = {name: text.strip() for name, text in (comments or {}).items() if text.strip()}
    for name, text in said.items():
        if name not in COMMENTED or len(text) > MOST_COMMENT:
            message = f"意见最多 {MOST_COMMENT} 个字，并须写在某一项上。"
            raise InvalidInput(message, fields={name: [message]})
    with transaction.atomic():
        # Before the event of this return and after those of others (comments_of_last_return).
        now = database_now()
        advance(organization, "return", actor, reason=reason)
        VerificationComment.objects.bulk_create(
            VerificationComment(organization=organization, field=name, text=text, created_at=now)
            for name, text in said.items()
        )
    return organization


def reject_organization(*, organization: Organization, reason: str, actor: Actor) -> Organization:
    """Refuse it for good: its identifier is free again for whomever it belongs to."""
    return advance(organization, "reject", actor, reason=reason)


def reopen_organization(*, organization: Organization, reason: str, actor: Actor) -> Organization:
    """Take a mistaken rejection back; raises Conflict when the identifier is taken meanwhile."""
    with refuse_duplicates("organizations_one_per_identifier", TAKEN):
        return advance(organization, "reopen", actor, reason=reason)


def suspend_organization(*, organization: Organization, reason: str, actor: Actor) -> Organization:
    return advance(organization, "suspend", actor, reason=reason)


def restore_organization(*, organization: Organization, reason: str, actor: Actor) -> Organization:
    return advance(organization, "restore", actor, reason=reason)


def add_member(
    *, organization: Organization, person: User, role: MemberRole, actor: Actor
) -> Membership:
    """Let a person act for the organization.

    Raises NotFound, Forbidden, Conflict (already a member, in whatever role).
    """
    actor = require_actor(actor)
    if not may("organizations.add_member", actor, organization):
        raise Forbidden("您没有为这个组织添加成员的权限。")
    if actor.user_id == person.pk:
        raise Forbidden("不能把自己加入组织。")
    taken = f"{person} 已经是“{organization}”的成员。"
    with transaction.atomic(), refuse_duplicates("organizations_one_membership", taken):
        lock_organization(organization)
        membership = Membership.objects.create(organization=organization, user=person, role=role)
        recorded = {"user": person.pk, "role": role}
        after = digest_of(membership)
        announce(organization, "add_member", actor, recorded=recorded, told=recorded, after=after)
    return membership


def change_role(
    *, organization: Organization, person: User, role: MemberRole, actor: Actor
) -> Membership:
    """Give a member another role; an organization that has an owner keeps one.

    Raises Forbidden, NotFound (no member), Conflict (has the role already, or is the last owner).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        members = _lock_members(organization)
        if not may("organizations.change_role", actor, organization):
            raise Forbidden("您没有更改这个组织成员角色的权限。")
        if actor.user_id == person.pk and not is_owner(actor, organization):
            raise Forbidden("不能给自己另一个角色。")
        membership = _membership(members, organization, person)
        before, said = membership.role, digest_of(membership)
        if before == role:
            label = MemberRole(role).label
            raise Conflict(f"{person} 已经是“{organization}”的成员，角色就是“{label}”。")
        _keep_an_owner(members, membership)
        membership.role = role
        membership.save(update_fields=["role"])
        recorded = {"user": person.pk, "before": before, "after": role}
        told = {"user": person.pk, "role": role, "before": before}
        announce(
            organization,
            "change_role",
            actor,
            recorded=recorded,
            told=told,
            before=said,
            after=digest_of(membership),
        )
    return membership


def remove_member(*, organization: Organization, person: User, actor: Actor) -> None:
    """End what a person may do for the organization, from their next request on.

    Raises Forbidden, NotFound (no member), Conflict (the last owner).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        members = _lock_members(organization)
        if not may("organizations.remove_member", actor, organization):
            raise Forbidden("您没有移除这个组织成员的权限。")
        membership = _membership(members, organization, person)
        _keep_an_owner(members, membership)
        _end_membership(organization, membership, "remove_member", actor)


def leave(*, organization: Organization, actor: Actor) -> None:
    """Stop acting for the organization. Raises NotFound, Forbidden (no member), Conflict (last
    owner).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        lock_organization(organization)
        members = _lock_members(organization)
        if not may("organizations.leave", actor, organization):
            raise Forbidden("您不是这个组织的成员。")
        membership = next(each for each in members if each.user_id == actor.user_id)
        _keep_an_owner(members, membership)
        _end_membership(organization, membership, "leave", actor)


def _end_membership(
    organization: Organization, membership: Membership, verb: str, actor: Actor
) -> None:
    recorded = {"user": membership.user_id, "role": membership.role}
    before = digest_of(membership)
    membership.delete()
    announce(organization, verb, actor, recorded=recorded, told=recorded, before=before, after="")


def _lock_members(organization: Organization) -> list[Membership]:
    """All of them, so that of two owners who remove each other the second is judged afterwards."""
    members = Membership.objects.select_for_update(of=("self",))
    return list(members.filter(organization=organization).order_by("pk"))


def _membership(members: list[Membership], organization: Organization, person: User) -> Membership:
    for membership in members:
        if membership.user_id == person.pk:
            return membership
    raise NotFound(f"{person} 不是“{organization}”的成员。")


def _keep_an_owner(members: list[Membership], leaving: Membership) -> None:
    owners = [each for each in members if each.role == MemberRole.OWNER]
    if owners == [leaving]:
        raise Conflict("这是最后一位负责人。请先设另一位负责人。")


STEPS = Steps(
    "organization",
    {
        "submit": submit_organization,
        "recall": recall_organization,
        "verify": verify_organization,
        "return": return_organization,
        "reject": reject_organization,
        "reopen": reopen_organization,
        "suspend": suspend_organization,
        "restore": restore_organization,
    },
)
