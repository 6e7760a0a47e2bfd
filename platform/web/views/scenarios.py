"""Pages about scenarios."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

import taxonomy.queries
from common.actor import Actor
from common.permissions import may
from lifecycle.queries import steps_of
from matching.queries import capabilities_for, capabilities_ranking, history_of_scenario
from organizations.enums import Capacity
from scenarios import queries, services
from scenarios.completeness import gaps
from scenarios.enums import ScenarioState
from scenarios.facts import ScenarioFacts
from scenarios.filters import ScenarioFilter
from scenarios.models import Scenario
from scenarios.rules import oversees
from web.forms.refusals import posted
from web.forms.scenarios import ContactForm, ScenarioForm
from web.lists import render_list
from web.matches import match_context, ranked_by_context, unchanged
from web.process import process_context, reason_of_return
from web.steps import step_page
from web.views.applications import answer_context
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
def scenario_list(request: HttpRequest) -> HttpResponse:
    rows = queries.with_details(queries.visible_to(Actor.of(request.user)))
    return render_list(
        request,
        "scenarios/list",
        filterset=ScenarioFilter(request.GET, rows, request=request),
        context={"concepts": taxonomy.queries.concepts(), "may_write": may_write(request)},
    )


@require_safe
def scenario_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A scenario with the capabilities that suit it; ``?matches=all`` lists every one."""
    actor, scenario = Actor.of(request.user), _visible(request, public_id)
    is_open = queries.open_for_matching().contains(scenario)
    matches = capabilities_for(scenario)
    return unchanged(request, matches, is_open=is_open) or render(
        request,
        "scenarios/detail.html",
        {
            "scenario": scenario,
            "is_open": is_open,
            **answer_context(actor, scenario, is_open=is_open),
            **process_context(
                request,
                scenario,
                services.STEPS,
                change="scenarios.change",
                is_editable=scenario.state in services.EDITABLE,
                reviews=oversees(actor, scenario),
                gaps=lambda: _gaps(scenario),
            ),
            **match_context(request, matches),
        },
    )


@require_safe
def scenario_ranked_by(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Whose lists the scenario stands in, and how its own list changed."""
    scenario = _visible(request, public_id)
    return render(
        request,
        "scenarios/ranked_by.html",
        {
            "scenario": scenario,
            "record": scenario,
            "is_open": queries.open_for_matching().contains(scenario),
            **ranked_by_context(
                request, capabilities_ranking(scenario), history_of_scenario(scenario)
            ),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_new(request: HttpRequest) -> HttpResponse:
    """Begin a draft; ``?copy=`` fills in what an own scenario says."""
    actor = Actor.of(request.user)
    copied = _copied(request)
    organization = (
        copied.organization if copied else writing_organization(request, Capacity.PUBLISH)
    )
    if organization is None:
        return choose_organization(request, _("填写场景"), Capacity.PUBLISH)
    form = ScenarioForm(posted(request), stated=_facts_to_copy(copied) if copied else None)

    def write(facts: ScenarioFacts) -> Scenario:
        return services.create_scenario(organization=organization, facts=facts, actor=actor)

    if scenario := written(request, form, write):
        return proceed(request, scenario, services.STEPS)
    context = {
        "form": form,
        "organization": organization,
        "scenario": None,
        "copied": copied,
        "back": reverse("workspace"),
    }
    return render(request, "scenarios/form.html", context, status=form_status(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change what the scenario says; what was typed stays when the state moved on meanwhile."""
    actor = Actor.of(request.user)
    scenario = _visible(request, public_id)
    if not may("scenarios.change", actor, scenario):
        raise PermissionDenied
    if request.method != "POST" and scenario.state not in services.EDITABLE:
        text = _("场景“%(state)s”，不能修改。") % {"state": scenario.get_state_display()}
        messages.warning(request, text)
        return HttpResponseRedirect(scenario.get_absolute_url())
    stated = queries.stated_facts(scenario)
    form = ScenarioForm(posted(request), stated=stated, version=scenario.updated_at)
    return edit_page(
        request,
        "scenarios/form.html",
        form,
        record=scenario,
        stated=stated,
        change=partial(services.change_scenario, scenario=scenario),
        then=lambda changed: proceed(request, changed, services.STEPS),
        context={
            "scenario": scenario,
            "organization": scenario.organization,
            "back": scenario.get_absolute_url(),
            "returned_because": reason_of_return(scenario, steps_of(scenario)),
            "partners": queries.stated_partners(scenario),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_contact(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Whom a chosen supplier reaches; also once the call has ended."""
    actor = Actor.of(request.user)
    scenario = _visible(request, public_id)
    if not may("scenarios.change", actor, scenario):
        raise PermissionDenied
    stated = queries.stated_contact(scenario)
    form = ContactForm(posted(request), stated=stated, version=scenario.updated_at)

    def saved(changed: Scenario) -> HttpResponse:
        messages.success(request, _("联系方式已保存。"))
        return HttpResponseRedirect(f"{changed.get_absolute_url()}#contact")

    return edit_page(
        request,
        "scenarios/contact.html",
        form,
        record=scenario,
        stated=stated,
        change=partial(services.change_contact, scenario=scenario),
        then=saved,
        context={"scenario": scenario},
    )


@login_required
def scenario_step(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    return step_page(request, _visible(request, public_id), services.STEPS, step)


def _visible(request: HttpRequest, public_id: UUID) -> Scenario:
    rows = queries.with_details(queries.visible_to(Actor.of(request.user)))
    return get_object_or_404(rows, public_id=public_id)


def _gaps(scenario: Scenario) -> list[Any]:
    """Nothing more is filled in once a call has ended."""
    return [] if scenario.state == ScenarioState.CLOSED else gaps(queries.stated_facts(scenario))


def _copied(request: HttpRequest) -> Scenario | None:
    """The scenario to begin from, which the reader may write; one that is not cannot be found."""
    given = request.GET.get("copy")
    if not given or request.method == "POST":
        return None
    try:
        scenario = _visible(request, UUID(given))
    except ValueError:
        raise Http404 from None
    if not may("scenarios.change", Actor.of(request.user), scenario):
        raise Http404
    return scenario


def _facts_to_copy(scenario: Scenario) -> ScenarioFacts:
    """A number and a deadline belong to one call alone."""
    return queries.stated_facts(scenario).model_copy(update={"reference": "", "deadline": None})
