"""The home page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import catalogue.queries
import policy.queries
import scenarios.queries
import taxonomy.queries
from policy.models import PolicyTarget
from web.excerpts import open_capabilities, open_scenarios

# The figures that the mechanism itself is measured by; each is shown with its source.
HEADLINE_TARGETS = (
    "gd-2024-demonstrations-2027",
    "gz-2025-first-use-scenarios-2029",
    "gz-2025-leading-enterprises-2029",
    "gd-2024-clusters-2027",
)
NEWEST = 6
# As many catalogues are told of as leave room for the other figures.
CATALOGUES = 2


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    targets = {each.code: each for each in policy.queries.targets()}
    headline: list[PolicyTarget] = [targets[code] for code in HEADLINE_TARGETS if code in targets]
    return render(
        request,
        "home/index.html",
        {
            "headline": headline,
            "tiles": scenarios.queries.cities_with_open_counts(),
            "scenarios": open_scenarios(request, few=NEWEST),
            "capabilities": open_capabilities(request),
            "editions": catalogue.queries.current_editions()[:CATALOGUES],
            "schemes": taxonomy.queries.schemes(),
            "edition": policy.queries.current_edition(),
        },
    )
