"""Pages about capabilities."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

import taxonomy.queries
from capabilities import queries
from capabilities.filters import CapabilityFilter
from common.actor import Actor
from matching.queries import scenarios_for
from web.lists import render_list
from web.matches import match_context


@require_safe
def capability_list(request: HttpRequest) -> HttpResponse:
    rows = queries.with_details(queries.visible_to(Actor.of(request.user)))
    return render_list(
        request,
        "capabilities/list",
        filterset=CapabilityFilter(request.GET, rows, request=request),
        context={"concepts": taxonomy.queries.concepts()},
    )


@require_safe
def capability_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A capability with the scenarios that suit it; ``?matches=all`` lists every one."""
    rows = queries.with_details(queries.visible_to(Actor.of(request.user)))
    capability = get_object_or_404(rows, public_id=public_id)
    return render(
        request,
        "capabilities/detail.html",
        {
            "capability": capability,
            "is_open": queries.open_for_matching().contains(capability),
            **match_context(request, scenarios_for(capability)),
        },
    )
