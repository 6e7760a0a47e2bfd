"""Pages about cities."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from scenarios.queries import cities_with_open_counts
from taxonomy import queries
from taxonomy.filters import CityFilter
from web.excerpts import open_capabilities, open_scenarios
from web.lists import render_list


@require_safe
def city_list(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        "cities/list",
        filterset=CityFilter(request.GET, queries.cities()),
        context={"tiles": cities_with_open_counts, "fields": queries.focus_fields()},
    )


@require_safe
def city_detail(request: HttpRequest, code: str) -> HttpResponse:
    city = get_object_or_404(queries.cities_with_facts(with_retired=True), code=code)
    return render(
        request,
        "cities/detail.html",
        {
            "city": city,
            "focus_sources": queries.focus_by_source(city.focus.all()),
            "scenarios": open_scenarios(request, city=city.code),
            "seated": open_capabilities(request, city=city.code),
            "serving": open_capabilities(request, serves=city.code),
        },
    )
