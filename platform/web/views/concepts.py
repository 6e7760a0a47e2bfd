"""Pages about concepts (产业标签)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from taxonomy import queries
from taxonomy.filters import ConceptFilter
from web.excerpts import open_capabilities, open_scenarios
from web.lists import render_list


@require_safe
def concept_list(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        "concepts/list",
        filterset=ConceptFilter(request.GET, queries.concepts()),
        per_page=50,
    )


@require_safe
def concept_detail(request: HttpRequest, code: str) -> HttpResponse:
    concept = get_object_or_404(queries.concepts_with_mappings(with_retired=True), code=code)
    return render(
        request,
        "concepts/detail.html",
        {
            "concept": concept,
            "mappings": queries.mappings_of(concept),
            "focus": queries.focus_of_concept(concept),
            "scenarios": open_scenarios(request, concept=concept.code),
            "capabilities": open_capabilities(request, concept=concept.code),
        },
    )
