"""Who is told of a record's news, as what, and why; functions that the table of kinds names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.enums import Duty
from accounts.models import User
from applications.models import Application
from applications.queries import waiting
from authorities.models import Appointment, Delegation
from catalogue.models import CatalogueItem
from common.actor import Actor
from common.permissions import may
from notifications.enums import Standing
from notifications.subjects import Payload, person_in
from organizations.enums import MemberRole, OrganizationState
from organizations.models import Amendment, Evidence, JoinRequest, Membership, Organization
from organizations.queries import was_checked
from reviews.models import ExpertProfile
from scenarios.models import Scenario
from tokens.models import ApiToken

WRITING = (MemberRole.OWNER, MemberRole.EDITOR)


@dataclass(frozen=True)
class Recipient:
    """``reason`` goes on as "，因此收到此通知"; ``organization_id`` for members alone."""

    user: User
    standing: Standing
    reason: str
    organization_id: int | None = None


Audience = Callable[[Any, Payload], Iterable[Recipient]]


def publishers(scenario: Scenario, payload: Payload) -> Iterable[Recipient]:
    return _members([scenario.organization_id], WRITING)


def waiting_suppliers(scenario: Scenario, payload: Payload) -> Iterable[Recipient]:
    """Of applications that the publisher has not answered."""
    under_way = waiting(Application.objects.filter(scenario=scenario))
    found = under_way.order_by("pk").values_list("capability__organization", flat=True)
    return _members(dict.fromkeys(found), WRITING)


def hosts(application: Application, payload: Payload) -> Iterable[Recipient]:
    return _members([application.scenario.organization_id], WRITING)


def applicants(application: Application, payload: Payload) -> Iterable[Recipient]:
    return _members([application.capability.organization_id], WRITING)


def suppliers(item: CatalogueItem, payload: Payload) -> Iterable[Recipient]:
    return _members([item.product.organization_id], WRITING)


def members(organization: Organization, payload: Payload) -> Iterable[Recipient]:
    return _members([organization.pk], tuple(MemberRole))


def owners(organization: Organization, payload: Payload) -> Iterable[Recipient]:
    return _members([organization.pk], (MemberRole.OWNER,))


def person_concerned(organization: Organization, payload: Payload) -> Iterable[Recipient]:
    """Whom the news of an organization is about, member or no more."""
    person = person_in(payload)
    return [Recipient(person, Standing.SELF, _("这是您本人的成员身份变动"))] if person else []


def editors_behind(record: Evidence | Amendment, payload: Payload) -> Iterable[Recipient]:
    """Of the organization whose evidence or amendment it is."""
    return _members([record.organization_id], WRITING)


def owners_behind(record: JoinRequest | ApiToken, payload: Payload) -> Iterable[Recipient]:
    return _members([record.organization_id], (MemberRole.OWNER,))


def owners_of_checked(evidence: Evidence, payload: Payload) -> Iterable[Recipient]:
    """Of the organization that took back what somebody had checked; the rest is its own affair."""
    if not was_checked(evidence):
        return []
    return _members([evidence.organization_id], (MemberRole.OWNER,))


def asker(request: JoinRequest, payload: Payload) -> Iterable[Recipient]:
    return [Recipient(request.user, Standing.SELF, _("您申请过加入这个组织"))]


def appointee(appointment: Appointment, payload: Payload) -> Iterable[Recipient]:
    return [Recipient(appointment.user, Standing.SELF, _("这是您本人的任职变动"))]


def those_who_act_for(delegation: Delegation, payload: Payload) -> Iterable[Recipient]:
    """In the operator: whoever has the duties by it, or has them no longer."""
    return _members([delegation.operator_id], WRITING)


def expert_concerned(expert: ExpertProfile, payload: Payload) -> Iterable[Recipient]:
    return [Recipient(expert.user, Standing.SELF, _("这是您本人的专家聘任变动"))]


def owner_of_account(person: User, payload: Payload) -> Iterable[Recipient]:
    return [Recipient(person, Standing.SELF, _("这是您账号的安全变动"))]


def administrators(duty: Duty, permission: str) -> Audience:
    """Those who have the duty and may decide: where it reaches, and no part in the matter."""

    def audience(record: Any, payload: Payload) -> Iterable[Recipient]:
        reason = _("您负责“%(duty)s”") % {"duty": duty.label}
        return [
            Recipient(person, Standing.ADMINISTRATOR, reason)
            for person in _people_with(duty)
            if may(permission, Actor.of(person), record)
        ]

    return audience


def checkers_of_added(evidence: Evidence, payload: Payload) -> Iterable[Recipient]:
    """Of evidence that a verified organization adds; other evidence comes with a registration."""
    if evidence.organization.state != OrganizationState.VERIFIED:
        return []
    return administrators(Duty.CONTENT, "organizations.check_evidence")(evidence, payload)


def _people_with(duty: Duty) -> Iterable[User]:
    """Everybody who may have it, by appointment or for an operator; ``may`` asks the rest."""
    given = Q(duties__contains=[duty], ended_at=None)
    appointed = Appointment.objects.filter(given, user=OuterRef("pk"))
    delegated = Delegation.objects.filter(
        given,
        operator__memberships__user=OuterRef("pk"),
        operator__memberships__role__in=WRITING,
    )
    people = User.objects.filter(Exists(appointed) | Exists(delegated), is_active=True)
    return people.order_by("pk")


def _members(organizations: Iterable[int], roles: Iterable[MemberRole]) -> Iterable[Recipient]:
    found = (
        Membership.objects.filter(
            organization__in=[*organizations], role__in=[*roles], user__is_active=True
        )
        .select_related("user", "organization")
        .order_by("pk")
    )
    for membership in found:
        reason = _("您是“%(organization)s”的%(role)s") % {
            "organization": membership.organization.name,
            "role": membership.get_role_display(),
        }
        yield Recipient(membership.user, Standing.MEMBER, reason, membership.organization_id)
