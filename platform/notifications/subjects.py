"""What news is about: who may see it, the words that sentences name it by, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.urls import reverse

import applications.queries
import authorities.queries
import catalogue.queries
import organizations.queries
import reviews.queries
import scenarios.queries
import tokens.queries
from accounts.enums import Duty
from accounts.models import User
from accounts.second_factor import FACTOR_NAMES
from applications.models import Application
from authorities.models import Appointment, Delegation
from catalogue.editions import say_day
from catalogue.models import CatalogueItem
from common.actor import Actor
from organizations.enums import Capacity, MemberRole, OrganizationState
from organizations.models import Amendment, Evidence, JoinRequest, Organization
from organizations.queries import own_organizations
from reviews.models import ExpertProfile
from scenarios.models import Scenario
from tokens.models import ApiToken

Payload = dict[str, Any]


def _address(record: Any) -> str:
    return str(record.get_absolute_url())


@dataclass(frozen=True)
class Subject:
    """``visible_to`` is the app's own query; ``words`` receives a record and a payload.

    ``overseen``: what lies where the actor has the duty for which administrators are told of it.
    """

    model: type[Model]
    visible_to: Callable[[Actor], QuerySet[Any]]
    words: Callable[[Any, Payload], dict[str, str]]
    path: Callable[[Any], str] = _address
    overseen: Callable[[Actor], QuerySet[Any]] | None = None

    def find(self, key: int) -> Any | None:
        """The record as it is now; None when it is gone."""
        return self.model._base_manager.filter(pk=key).first()

    def seen(self, actor: Actor, keys: Collection[int]) -> set[int]:
        """Those of the records that the actor may see at this moment."""
        return set(self.visible_to(actor).filter(pk__in=keys).values_list("pk", flat=True))


def subject_of(topic: str) -> Subject:
    """Raises KeyError for what nobody is told about: a fault of the table of kinds."""
    return SUBJECTS[topic.rpartition(".")[0]]


def person_in(payload: Payload) -> User | None:
    """Whom the news of an organization is about, where it is about a member."""
    return User.objects.filter(pk__in=[payload["user"]]).first() if "user" in payload else None


def _scenario(scenario: Scenario, payload: Payload) -> dict[str, str]:
    return {"scenario": scenario.name, "publisher": scenario.organization.name, **_reason(payload)}


def _application(application: Application, payload: Payload) -> dict[str, str]:
    return {
        "scenario": application.scenario.name,
        "publisher": application.scenario.organization.name,
        "capability": application.capability.name,
        "supplier": application.organization.name,
        **_reason(payload),
    }


def _item(item: CatalogueItem, payload: Payload) -> dict[str, str]:
    return {
        "product": item.told.name,
        "catalogue": item.catalogue.name,
        "supplier": item.organization.name,
        "notice_from": _day(item.notice_from),
        "notice_to": _day(item.notice_to),
        **_reason(payload),
    }


def _organization(organization: Organization, payload: Payload) -> dict[str, str]:
    """``person`` and ``role`` where the news is about a member."""
    person = person_in(payload)
    return {
        "organization": organization.name,
        "person": str(person) if person else "",
        "role": _role(payload.get("role")),
        "former": _role(payload.get("before")),
        "by": _who_did_it(organization, payload),
        "allowed": "；".join(_ALLOWED[Capacity(each)] for each in organization.capacities),
        "reason": _reason(payload)["reason"] + _comments(organization),
    }


_ALLOWED = {
    Capacity.PUBLISH: "发布场景、处理收到的申请",
    Capacity.SUPPLY: "发布能力、申请对接",
    Capacity.SERVE: "受主管部门委托办理事务",
}


def _role(role: str | None) -> str:
    return str(MemberRole(role).label) if role else ""


def _who_did_it(organization: Organization, payload: Payload) -> str:
    """Members know each other by name; who works for an authority is not named to them."""
    by = payload.get("by")
    if by is None:
        return "平台运营单位"
    member = organization.memberships.filter(user=by).select_related("user").first()
    return str(member.user) if member else "主管部门"


def _comments(organization: Organization) -> str:
    """That more is to be mended than the reason says; which, its page tells."""
    if organization.state != OrganizationState.RETURNED:
        return ""
    number = organizations.queries.open_comments(organization).count()
    return f"\n另有 {number} 条逐项意见，列在该组织的页面。" if number else ""


def _evidence(evidence: Evidence, payload: Payload) -> dict[str, str]:
    return {
        "organization": evidence.organization.name,
        "evidence": str(evidence.get_kind_display()),
        "valid_until": _day(evidence.valid_until),
        **_reason(payload),
    }


def _amendment(amendment: Amendment, payload: Payload) -> dict[str, str]:
    return {"organization": amendment.organization.name, **_reason(payload)}


def _visible_amendments(actor: Actor) -> QuerySet[Amendment]:
    own, overseen = own_organizations(actor), organizations.queries.overseen_by(actor)
    return Amendment.objects.filter(Q(organization__in=own) | Q(organization__in=overseen))


def _of_overseen(model: type[Evidence | Amendment]) -> Callable[[Actor], QuerySet[Any]]:
    def overseen(actor: Actor) -> QuerySet[Any]:
        organizations_there = organizations.queries.overseen_by(actor)
        return model._default_manager.filter(organization__in=organizations_there)

    return overseen


def _overseen_scenarios(actor: Actor) -> QuerySet[Scenario]:
    return Scenario.objects.filter(scenarios.queries.overseen_by(actor))


def _join_request(request: JoinRequest, payload: Payload) -> dict[str, str]:
    return {"organization": request.organization.name, "person": str(request.user)}


def _token(token: ApiToken, payload: Payload) -> dict[str, str]:
    return {"organization": token.organization.name, "token": token.name}


def _appointment(appointment: Appointment, payload: Payload) -> dict[str, str]:
    return _held(appointment, payload)


def _delegation(delegation: Delegation, payload: Payload) -> dict[str, str]:
    return {**_held(delegation, payload), "operator": delegation.operator.name}


def _held(held: Appointment | Delegation, payload: Payload) -> dict[str, str]:
    """``duties`` with those that they replace (``former`` of the payload)."""
    duties = _duties(held.duties)
    if former := payload.get("former"):
        duties += f"（取代原来的{_duties(former)}）"
    return {
        "authority": held.authority.name,
        "duties": duties,
        "term": f"至{_day(held.ends_on)}（含当天）" if held.ends_on else "没有定结束日期",
        **_reason(payload),
    }


def _duties(duties: Collection[str]) -> str:
    return "、".join(str(Duty(each).label) for each in duties)


def _expert(expert: ExpertProfile, payload: Payload) -> dict[str, str]:
    return _reason(payload)


def _expert_page(expert: ExpertProfile) -> str:
    return reverse("expert_me")


def _account(person: User, payload: Payload) -> dict[str, str]:
    """``factor`` where one was added or removed, ``left`` where a recovery code was used."""
    return {
        "factor": str(FACTOR_NAMES.get(payload.get("kind", ""), "")),
        "left": str(payload.get("left", "")),
    }


def _own_account(actor: Actor) -> QuerySet[User]:
    return User.objects.filter(pk__in=[actor.user_id])


def workspace(record: Any) -> str:
    return reverse("workspace")


def administration(record: Any) -> str:
    """Where duties are carried out."""
    return reverse("administration")


def second_factors(record: Any) -> str:
    return reverse("mfa_index")


def members_page(record: Organization | JoinRequest) -> str:
    organization = record if isinstance(record, Organization) else record.organization
    return reverse("organization_members", args=[organization.public_id])


def review_page(organization: Organization) -> str:
    """Where administrators verify it."""
    return reverse("organization_review", args=[organization.public_id])


def _evidence_page(evidence: Evidence) -> str:
    """Leads each reader to where they work on it."""
    args = [evidence.organization.public_id, evidence.public_id]
    return reverse("evidence_detail", args=args)


def _amendment_page(amendment: Amendment) -> str:
    args = [amendment.organization.public_id, amendment.public_id]
    return reverse("amendment_detail", args=args)


def _reason(payload: Payload) -> dict[str, str]:
    return {"reason": str(payload.get("details", {}).get("reason", ""))}


def _day(day: date | None) -> str:
    return say_day(day) if day else ""


SUBJECTS = {
    "scenarios.scenario": Subject(
        Scenario, scenarios.queries.visible_to, _scenario, overseen=_overseen_scenarios
    ),
    "applications.application": Subject(Application, applications.queries.visible_to, _application),
    "catalogue.catalogueitem": Subject(CatalogueItem, catalogue.queries.visible_to, _item),
    "organizations.organization": Subject(
        Organization,
        organizations.queries.visible_to,
        _organization,
        overseen=organizations.queries.overseen_by,
    ),
    "organizations.evidence": Subject(
        Evidence,
        organizations.queries.visible_evidence,
        _evidence,
        _evidence_page,
        overseen=_of_overseen(Evidence),
    ),
    "organizations.amendment": Subject(
        Amendment,
        _visible_amendments,
        _amendment,
        _amendment_page,
        overseen=_of_overseen(Amendment),
    ),
    "organizations.joinrequest": Subject(
        JoinRequest, organizations.queries.visible_join_requests, _join_request, workspace
    ),
    "tokens.apitoken": Subject(ApiToken, tokens.queries.visible_to, _token),
    "authorities.appointment": Subject(
        Appointment, authorities.queries.appointments_visible_to, _appointment, workspace
    ),
    "authorities.delegation": Subject(
        Delegation, authorities.queries.delegations_visible_to, _delegation, workspace
    ),
    "reviews.expertprofile": Subject(
        ExpertProfile, reviews.queries.visible_to, _expert, _expert_page
    ),
    "accounts.user": Subject(User, _own_account, _account, workspace),
}
