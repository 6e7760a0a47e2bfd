"""Pages about concepts (产业标签)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from taxonomy import queries
from taxonomy.filters import ConceptFilter
from web.lists import render_list


def concept_list(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        "concepts/list",
        filterset=ConceptFilter(request.GET, queries.concepts()),
        context={"schemes": queries.schemes()},
        per_page=50,
    )


def concept_detail(request: HttpRequest, code: str) -> HttpResponse:
    concept = get_object_or_404(queries.concepts_with_mappings(), code=code)
    return render(
        request,
        "concepts/detail.html",
        {
            "concept": concept,
            "mappings": queries.mappings_of(concept),
            "focus": queries.focus_of_concept(concept),
        },
    )
