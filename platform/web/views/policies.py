"""Pages about policy documents, clauses, rules and targets."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

import taxonomy.queries
from policy import queries
from policy.filters import ClauseFilter
from policy.services import estimate_subsidy
from policy.subsidy import Estimate
from web.forms.policies import EstimateForm
from web.lists import render_list


def policy_list(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "policy/list.html",
        {
            "documents": queries.documents(),
            "rules": queries.rules(),
            "targets": queries.targets(),
            "edition": queries.current_edition(),
        },
    )


def clause_list(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        "policy/clauses",
        filterset=ClauseFilter(request.GET, queries.clauses()),
        context={"documents": queries.documents()},
    )


def policy_document(request: HttpRequest, code: str) -> HttpResponse:
    document = get_object_or_404(queries.documents(), code=code)
    return render(
        request,
        "policy/document.html",
        {
            "document": document,
            "clauses": queries.clauses().filter(document=document),
            "rules": queries.rules().filter(clause__document=document),
            "targets": queries.targets().filter(clause__document=document),
        },
    )


def policy_clause(request: HttpRequest, code: str) -> HttpResponse:
    clause = get_object_or_404(queries.clauses(), code=code)
    return render(
        request,
        "policy/clause.html",
        {
            "clause": clause,
            "rules": queries.rules().filter(clause=clause),
            "targets": queries.targets().filter(clause=clause),
            "concepts": taxonomy.queries.concepts_in(clause),
            "focus": taxonomy.queries.focus_in(clause),
        },
    )


def policy_rule(request: HttpRequest, code: str) -> HttpResponse:
    """A rule; with ``?base=`` (元) also the calculation, which htmx takes alone."""
    rule = get_object_or_404(queries.rules(), code=code)
    form = EstimateForm(request.GET if "base" in request.GET else None)
    estimate: Estimate | None = None
    if form.is_bound and form.is_valid():
        estimate = estimate_subsidy(rule=rule, base_fen=form.cleaned_data["base_fen"])
    template = "policy/rule_estimate.html" if request.htmx else "policy/rule.html"  # type: ignore[attr-defined]
    return render(request, template, {"rule": rule, "form": form, "estimate": estimate})
