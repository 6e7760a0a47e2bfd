"""Where a signed-in person begins: what is to do, and one's organizations' records."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import applications.queries
import capabilities.queries
import catalogue.queries
import scenarios.queries
from accounts.rules import is_administrator
from capabilities.enums import CapabilityState
from common.actor import Actor
from organizations.enums import Capacity, JoinRequestState, OrganizationState
from organizations.joining import links_to_answer
from organizations.queries import (
    editable_organizations,
    join_requests_to_answer,
    own_join_requests,
    own_organizations,
)
from reviews.enums import EXPERT
from reviews.queries import owes_declaration
from scenarios.enums import ScenarioState

FEW = 10
UNREGISTERED = [OrganizationState.DRAFT, OrganizationState.RETURNED]
# What somebody else has decided or is to decide, and what that means meanwhile.
NOT_STANDING = [
    OrganizationState.SUBMITTED,
    OrganizationState.REJECTED,
    OrganizationState.SUSPENDED,
]


@login_required
@require_safe
def workspace(request: HttpRequest) -> HttpResponse:
    """The newest few of everything; each heading leads to the whole list.

    Drafts are to do for those who may send them.
    """
    actor = Actor.of(request.user)
    organizations = list(own_organizations(actor).select_related("city"))
    editable = [*editable_organizations(actor)]
    may_write = bool(editable)
    # Who was refused begins anew, with another registration.
    living = [each for each in editable if each.state != OrganizationState.REJECTED]
    purposes = {capacity for each in living for capacity in each.capacities}
    own_scenarios = scenarios.queries.own_scenarios(actor)
    own_capabilities = capabilities.queries.own_capabilities(actor)
    sent = applications.queries.sent_by(actor)
    waiting = applications.queries.waiting(applications.queries.received_by(actor))
    detailed = applications.queries.with_details
    return render(
        request,
        "workspace/index.html",
        {
            "organizations": organizations,
            "not_standing": [each for each in organizations if each.state in NOT_STANDING],
            "invitations": links_to_answer(actor),
            "asked": own_join_requests(actor).filter(state=JoinRequestState.PENDING)[:FEW],
            "may_write": may_write,
            "may_publish": Capacity.PUBLISH in purposes,
            "may_supply": Capacity.SUPPLY in purposes,
            "registrations": [each for each in editable if each.state in UNREGISTERED][:FEW],
            "joining": join_requests_to_answer(actor)[:FEW],
            "is_administrator": is_administrator(actor),
            "is_expert": actor.holds(EXPERT),
            "owes_declaration": actor.holds(EXPERT) and owes_declaration(actor),
            "returned": own_scenarios.filter(state=ScenarioState.RETURNED)[:FEW]
            if may_write
            else [],
            "unsubmitted": own_scenarios.filter(state=ScenarioState.DRAFT)[:FEW]
            if may_write
            else [],
            "unpublished": own_capabilities.filter(state=CapabilityState.DRAFT)[:FEW]
            if may_write
            else [],
            "unsent": detailed(applications.queries.unsent(sent))[:FEW] if may_write else [],
            "waiting": detailed(waiting)[:FEW],
            "waiting_count": waiting.count(),
            "scenarios": applications.queries.with_counts(
                scenarios.queries.with_details(own_scenarios)
            )[:FEW],
            "scenario_count": own_scenarios.count(),
            "capabilities": own_capabilities.select_related("organization")[:FEW],
            "capability_count": own_capabilities.count(),
            "products": catalogue.queries.with_listings(
                capabilities.queries.own_products(actor), actor
            )[:FEW],
            "product_count": capabilities.queries.own_products(actor).count(),
            "sent": detailed(sent)[:FEW],
            "sent_count": sent.count(),
        },
    )
