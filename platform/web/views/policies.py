"""Pages about policy documents, clauses, rules and targets."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

import taxonomy.queries
from policy import queries
from policy.filters import ClauseFilter
from policy.services import estimate_subsidy
from policy.subsidy import Estimate
from web.forms.policies import EstimateForm
from web.htmx import render_page_or_part
from web.lists import render_list


@require_safe
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


@require_safe
def clause_list(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        "policy/clauses",
        filterset=ClauseFilter(request.GET, queries.clauses()),
    )


@require_safe
def policy_document(request: HttpRequest, code: str) -> HttpResponse:
    document = get_object_or_404(queries.documents(with_retired=True), code=code)
    return render(
        request,
        "policy/document.html",
        {
            "document": document,
            # A document that is gone takes its clauses along; its page still shows them.
            "clauses": queries.clauses(with_retired=document.retired_edition is not None).filter(
                document=document
            ),
            "rules": queries.rules().filter(clause__document=document),
            "targets": queries.targets().filter(clause__document=document),
        },
    )


@require_safe
def policy_clause(request: HttpRequest, code: str) -> HttpResponse:
    clause = get_object_or_404(queries.clauses(with_retired=True), code=code)
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


@require_safe
def policy_rule(request: HttpRequest, code: str) -> HttpResponse:
    """A rule; with ``?base=`` (元) also the calculation, which htmx takes alone."""
    rule = get_object_or_404(queries.rules(with_retired=True), code=code)
    form = EstimateForm(request.GET if "base" in request.GET else None)
    estimate: Estimate | None = None
    if rule.rate_percent is not None and form.is_bound and form.is_valid():
        estimate = estimate_subsidy(rule=rule, base_fen=form.cleaned_data["base"])
    context = {"rule": rule, "form": form, "estimate": estimate}
    return render_page_or_part(request, "policy/rule.html", "policy/rule_estimate.html", context)
