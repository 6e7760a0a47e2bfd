"""Pages about scenarios."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

import taxonomy.queries
from common.actor import Actor
from matching.queries import capabilities_for
from scenarios import queries
from scenarios.filters import ScenarioFilter
from web.lists import render_list
from web.matches import match_context


@require_safe
def scenario_list(request: HttpRequest) -> HttpResponse:
    rows = queries.with_details(queries.visible_to(Actor.of(request.user)))
    return render_list(
        request,
        "scenarios/list",
        filterset=ScenarioFilter(request.GET, rows, request=request),
        context={"concepts": taxonomy.queries.concepts()},
    )


@require_safe
def scenario_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A scenario with the capabilities that suit it; ``?matches=all`` lists every one."""
    rows = queries.with_details(queries.visible_to(Actor.of(request.user)))
    scenario = get_object_or_404(rows, public_id=public_id)
    return render(
        request,
        "scenarios/detail.html",
        {
            "scenario": scenario,
            "is_open": queries.open_for_matching().contains(scenario),
            **match_context(request, capabilities_for(scenario)),
        },
    )
