"""Pages about capabilities."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

import catalogue.queries
import taxonomy.queries
from capabilities import queries, services
from capabilities.completeness import gaps
from capabilities.facts import CapabilityFacts
from capabilities.filters import CapabilityFilter
from capabilities.models import Capability
from capabilities.rules import oversees_supplier
from common.actor import Actor
from common.permissions import may
from matching.queries import history_of_capability, scenarios_for, scenarios_ranking
from organizations.enums import Capacity
from web.forms.capabilities import CapabilityForm
from web.forms.refusals import posted
from web.lists import render_list
from web.matches import match_context, ranked_by_context, unchanged
from web.process import process_context
from web.steps import step_page
from web.writing import (
    choose_organization,
    edit_page,
    form_status,
    may_write,
    proceed,
    writing_organization,
    written,
)


@require_safe
def capability_list(request: HttpRequest) -> HttpResponse:
    rows = queries.with_details(queries.visible_to(Actor.of(request.user)))
    return render_list(
        request,
        "capabilities/list",
        filterset=CapabilityFilter(request.GET, rows, request=request),
        context={"concepts": taxonomy.queries.concepts(), "may_write": may_write(request)},
    )


@require_safe
def capability_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A capability with the scenarios that suit it; ``?matches=all`` lists every one."""
    capability = _visible(request, public_id)
    is_open = queries.open_for_matching().contains(capability)
    matches = scenarios_for(capability)
    return unchanged(request, matches, is_open=is_open) or render(
        request,
        "capabilities/detail.html",
        {
            "capability": capability,
            "is_open": is_open,
            "listings": catalogue.queries.current_listings(capability.products.all()),
            **process_context(
                request,
                capability,
                services.STEPS,
                change="capabilities.change",
                is_editable=True,
                reviews=oversees_supplier(Actor.of(request.user), capability),
                gaps=lambda: gaps(queries.stated_facts(capability)),
            ),
            **match_context(request, matches),
        },
    )


@require_safe
def capability_ranked_by(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Whose lists the capability stands in, and how its own list changed."""
    capability = _visible(request, public_id)
    return render(
        request,
        "capabilities/ranked_by.html",
        {
            "capability": capability,
            "record": capability,
            "is_open": queries.open_for_matching().contains(capability),
            **ranked_by_context(
                request, scenarios_ranking(capability), history_of_capability(capability)
            ),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def capability_new(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request.user)
    organization = writing_organization(request, Capacity.SUPPLY)
    if organization is None:
        return choose_organization(request, _("登记能力"), Capacity.SUPPLY)
    form = CapabilityForm(posted(request), organization=organization)

    def write(facts: CapabilityFacts) -> Capability:
        return services.create_capability(organization=organization, facts=facts, actor=actor)

    if capability := written(request, form, write):
        return proceed(request, capability, services.STEPS)
    context = {
        "form": form,
        "organization": organization,
        "capability": None,
        "back": reverse("workspace"),
    }
    return render(request, "capabilities/form.html", context, status=form_status(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def capability_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    actor = Actor.of(request.user)
    capability = _visible(request, public_id)
    if not may("capabilities.change", actor, capability):
        raise PermissionDenied
    stated = queries.stated_facts(capability)
    form = CapabilityForm(
        posted(request),
        organization=capability.organization,
        stated=stated,
        version=capability.updated_at,
    )
    return edit_page(
        request,
        "capabilities/form.html",
        form,
        record=capability,
        stated=stated,
        change=partial(services.change_capability, capability=capability),
        then=lambda changed: proceed(request, changed, services.STEPS),
        context={
            "capability": capability,
            "organization": capability.organization,
            "back": capability.get_absolute_url(),
        },
    )


@login_required
def capability_step(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    return step_page(request, _visible(request, public_id), services.STEPS, step)


def _visible(request: HttpRequest, public_id: UUID) -> Capability:
    rows = queries.with_details(queries.visible_to(Actor.of(request.user)))
    return get_object_or_404(rows, public_id=public_id)
