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
import scenarios.queries
import tokens.queries
from accounts.models import User
from applications.models import Application
from authorities.models import Appointment
from catalogue.editions import say_day
from catalogue.models import CatalogueItem
from common.actor import Actor
from organizations.enums import MemberRole
from organizations.models import Amendment, Evidence, JoinRequest, Organization
from organizations.queries import own_organizations
from scenarios.models import Scenario
from tokens.models import ApiToken

Payload = dict[str, Any]


def _address(record: Any) -> str:
    return str(record.get_absolute_url())


@dataclass(frozen=True)
class Subject:
    """``visible_to`` is the app's own query; ``words`` receives a record and a payload."""

    model: type[Model]
    visible_to: Callable[[Actor], QuerySet[Any]]
    words: Callable[[Any, Payload], dict[str, str]]
    path: Callable[[Any], str] = _address

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
    role = payload.get("role")
    return {
        "organization": organization.name,
        "person": str(person) if person else "",
        "role": str(MemberRole(role).label) if role in MemberRole.values else "",
        **_reason(payload),
    }


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


def _join_request(request: JoinRequest, payload: Payload) -> dict[str, str]:
    return {"organization": request.organization.name, "person": str(request.user)}


def _token(token: ApiToken, payload: Payload) -> dict[str, str]:
    return {"organization": token.organization.name, "token": token.name}


def _appointment(appointment: Appointment, payload: Payload) -> dict[str, str]:
    return {
        "authority": appointment.authority.name,
        "duties": "、".join(appointment.duty_labels()),
    }


def _nothing(record: Any, payload: Payload) -> dict[str, str]:
    return {}


def _own_account(actor: Actor) -> QuerySet[User]:
    return User.objects.filter(pk__in=[actor.user_id])


def workspace(record: Any) -> str:
    return reverse("workspace")


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
    "scenarios.scenario": Subject(Scenario, scenarios.queries.visible_to, _scenario),
    "applications.application": Subject(Application, applications.queries.visible_to, _application),
    "catalogue.catalogueitem": Subject(CatalogueItem, catalogue.queries.visible_to, _item),
    "organizations.organization": Subject(
        Organization, organizations.queries.visible_to, _organization
    ),
    "organizations.evidence": Subject(
        Evidence, organizations.queries.visible_evidence, _evidence, _evidence_page
    ),
    "organizations.amendment": Subject(Amendment, _visible_amendments, _amendment, _amendment_page),
    "organizations.joinrequest": Subject(
        JoinRequest, organizations.queries.visible_join_requests, _join_request, workspace
    ),
    "tokens.apitoken": Subject(ApiToken, tokens.queries.visible_to, _token),
    "authorities.appointment": Subject(
        Appointment, authorities.queries.appointments_visible_to, _appointment, workspace
    ),
    "accounts.user": Subject(User, _own_account, _nothing, workspace),
}
