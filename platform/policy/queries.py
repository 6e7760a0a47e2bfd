"""Reads policy facts; everything here is public."""

from __future__ import annotations

from django.db.models import Count, Prefetch, Q, QuerySet

from policy.models import (
    PolicyClause,
    PolicyDocument,
    PolicyEdition,
    PolicyRule,
    PolicyTarget,
    ResponsibleBody,
)


def documents() -> QuerySet[PolicyDocument]:
    """Documents, newest first, with ``clause_count``, ``rule_count`` and ``target_count``."""
    live = {
        "clause_count": Q(clauses__retired_in=None),
        "rule_count": Q(clauses__rules__retired_in=None),
        "target_count": Q(clauses__targets__retired_in=None),
    }
    paths = {
        "clause_count": "clauses",
        "rule_count": "clauses__rules",
        "target_count": "clauses__targets",
    }
    counts = {
        name: Count(paths[name], filter=condition, distinct=True)
        for name, condition in live.items()
    }
    return PolicyDocument.objects.current().annotate(**counts)


def clauses() -> QuerySet[PolicyClause]:
    """Clauses in the order of their documents, with document and responsible bodies."""
    return (
        PolicyClause.objects.current()
        .select_related("document")
        .prefetch_related(Prefetch("bodies", ResponsibleBody.objects.current()))
        .order_by("document__position", "position")
    )


def rules() -> QuerySet[PolicyRule]:
    """Rules with the clause and the document that they come from."""
    return (
        PolicyRule.objects.current()
        .select_related("clause__document")
        .order_by("clause__document__position", "position")
    )


def targets() -> QuerySet[PolicyTarget]:
    """Targets with the clause and the document that set them."""
    return (
        PolicyTarget.objects.current()
        .select_related("clause__document")
        .order_by("clause__document__position", "position")
    )


def editions() -> QuerySet[PolicyEdition]:
    """Editions of the policy data, newest first."""
    return PolicyEdition.objects.all()


def current_edition() -> PolicyEdition | None:
    return PolicyEdition.objects.first()
