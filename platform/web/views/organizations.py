"""The page of an organization."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

import capabilities.queries
import catalogue.queries
import scenarios.queries
from accounts.rules import is_administrator
from common.actor import Actor
from organizations import queries, services
from organizations.models import Organization
from organizations.rules import is_member
from web.steps import step_context, step_page

FEW = 10


@require_safe
def organization_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who it is and what it has published; its own members and administrators see more."""
    actor = Actor.of(request.user)
    organization = _visible(actor, public_id)
    administrator, is_own = is_administrator(actor), is_member(actor, organization)
    published = scenarios.queries.visible_to(actor).filter(organization=organization)
    offered = capabilities.queries.visible_to(actor).filter(organization=organization)
    products = capabilities.queries.visible_products(actor).filter(organization=organization)
    return render(
        request,
        "organizations/detail.html",
        {
            **step_context(request, organization, services.STEPS),
            "organization": organization,
            "is_administrator": administrator,
            "is_own": is_own,
            "sees_more": administrator or is_own,
            "scenarios": published.select_related("organization")[:FEW],
            "scenario_count": published.count(),
            "capabilities": offered.select_related("organization")[:FEW],
            "capability_count": offered.count(),
            "products": (shown := list(products[:FEW])),
            "product_count": products.count(),
            "listings": catalogue.queries.current_listings(shown),
        },
    )


@login_required
def organization_step(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    organization = _visible(Actor.of(request.user), public_id)
    return step_page(request, organization, services.STEPS, step)


def _visible(actor: Actor, public_id: UUID) -> Organization:
    rows = queries.visible_to(actor, administrator=is_administrator(actor))
    return get_object_or_404(rows.select_related("city", "district"), public_id=public_id)
