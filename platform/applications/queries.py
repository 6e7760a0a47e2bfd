"""Reads applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import capabilities.queries
import scenarios.queries
from applications.enums import OVER, PENDING, PRIVATE, ApplicationState
from applications.facts import ApplicationFacts
from applications.models import Application
from capabilities.enums import CapabilityState
from capabilities.models import Capability
from common.actor import Actor
from common.contact import mask_email, mask_phone
from lifecycle.queries import PastStep, steps_of
from organizations.queries import (
    editable_organizations,
    organizations_behind,
    own_organizations,
)
from scenarios.models import Scenario
from taxonomy.models import Concept

_RECEIVED = ~Q(state__in=PRIVATE)
_HIDDEN = _("暂不公开")


@dataclass(frozen=True)
class Contact:
    """How the supplier reaches the publisher; what is not stated is empty."""

    name: str
    phone: str
    email: str
    is_masked: bool = False

    def masked(self) -> Contact:
        return Contact(self.name, mask_phone(self.phone), mask_email(self.email), is_masked=True)


@dataclass(frozen=True)
class Hidden:
    """Why the reader cannot open what an application is about, in words; empty if they can."""

    scenario: str | Promise
    capability: str | Promise


def visible_to(actor: Actor) -> QuerySet[Application]:
    """What one's organizations have written, and what they have received.

    Nobody else sees any: not other applicants, not administrators. The platform itself sees all.
    """
    if actor.is_system:
        return Application.objects.all()
    return sent_by(actor) | received_by(actor)


def sent_by(actor: Actor) -> QuerySet[Application]:
    """What the actor's organizations have written, drafts too."""
    return Application.objects.filter(capability__organization__in=own_organizations(actor))


def received_by(actor: Actor) -> QuerySet[Application]:
    """What came in on the scenarios of the actor's organizations."""
    return Application.objects.filter(
        _RECEIVED, scenario__organization__in=own_organizations(actor)
    )


def with_details(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Everything that a list row, a page or the API shows, in a fixed number of queries."""
    return applications.select_related("capability__organization__city").prefetch_related(
        Prefetch(
            "scenario",
            Scenario.objects.annotate(time_left=F("deadline") - Now()).select_related(
                "organization__city", "city"
            ),
        ),
        Prefetch("capability__concepts", Concept.objects.select_related("scheme")),
    )


def stated_facts(application: Application) -> ApplicationFacts:
    """What the supplier has stated, as it was stated."""
    values = {name: getattr(application, name) for name in ApplicationFacts.model_fields}
    return ApplicationFacts.model_construct(**values)


def offerable(scenario: Scenario, actor: Actor) -> QuerySet[Capability]:
    """Capabilities with which the actor may answer the scenario, as long as its call is open.

    Published ones of organizations for which the actor writes, other than host and partners, and
    without an answer under way.
    """
    answered = Application.objects.filter(scenario=scenario, capability=OuterRef("pk")).exclude(
        state__in=OVER
    )
    return (
        capabilities.queries.open_for_matching()
        .filter(~Exists(answered), organization__in=editable_organizations(actor))
        .exclude(organization=scenario.organization_id)
        .exclude(organization__in=scenario.co_publishers.all())
    )


def history_for(application: Application, actor: Actor) -> list[PastStep]:
    """What happened, as far as the actor's side knows: drafting is the supplier's alone."""
    steps = steps_of(application)
    if actor.is_system or sent_by(actor).contains(application):
        return steps
    first = next((place for place, step in enumerate(steps) if step.name == "submit"), len(steps))
    return steps[first:]


def contact_for(application: Application, actor: Actor) -> Contact | None:
    """The scenario's contact as it is stated now, for the two parties once they are connected.

    The supplier sees it masked, until somebody asks for it (``services.reveal_contact``).
    """
    contact = stated_contact(application, actor)
    if contact is None or received_by(actor).contains(application):
        return contact
    return contact.masked()


def stated_contact(application: Application, actor: Actor) -> Contact | None:
    """In full, whoever of the two parties asks; None unless they are connected."""
    if application.state != ApplicationState.CONNECTED:
        return None
    connected = (sent_by(actor) | received_by(actor)).filter(
        pk=application.pk, state=ApplicationState.CONNECTED
    )
    names = ("contact_name", "contact_phone", "contact_email")
    stated = connected.values_list(*(f"scenario__{name}" for name in names)).first()
    return Contact(*stated) if stated else None


def hidden_from(actor: Actor, application: Application) -> Hidden:
    """A call whose host was suspended, a capability that was withdrawn: only their own see them."""
    scenario, capability = application.scenario, application.capability
    withdrawn = capability.state == CapabilityState.WITHDRAWN
    word = capability.get_state_display() if withdrawn else _HIDDEN
    return Hidden(
        scenario="" if scenarios.queries.visible_to(actor).contains(scenario) else _HIDDEN,
        capability="" if capabilities.queries.visible_to(actor).contains(capability) else word,
    )


def has_stake(actor: Actor, application: Application) -> bool:
    """Whether an organization of the actor wrote it, or competes or has competed with it.

    Drafts do not compete, nor does what was taken back. For a token, all organizations of its
    maker count.
    """
    competing = Q(scenario=application.scenario_id) & ~Q(state__in={*PRIVATE, *OVER})
    sent = Application.objects.filter(capability__organization__in=organizations_behind(actor))
    return sent.filter(Q(pk=application.pk) | competing).exists()


def waiting(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Those that the publisher has not answered yet."""
    return applications.filter(state__in=PENDING)


def unsent(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Drafts."""
    return applications.filter(state=ApplicationState.DRAFT)


def with_counts(scenarios: QuerySet[Scenario]) -> QuerySet[Scenario]:
    """With ``received_count`` and ``waiting_count`` of the applications to each scenario."""
    return scenarios.annotate(
        received_count=_count(~Q(state__in=PRIVATE)), waiting_count=_count(Q(state__in=PENDING))
    )


def _count(which: Q) -> Coalesce:
    """By a query of its own: joined counts would multiply with other joins."""
    rows = Application.objects.filter(which, scenario=OuterRef("pk")).order_by()
    counted = rows.values("scenario").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def changed_since_submission(application: Application) -> datetime | None:
    """When the scenario's text was last changed, if that was after the answer was handed in."""
    changed = scenarios.queries.changed_at(application.scenario)
    submitted = application.submitted_at
    return changed if changed and submitted and changed > submitted else None
