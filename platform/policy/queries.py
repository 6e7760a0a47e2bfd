"""Reads policy facts; everything here is public."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Count, Prefetch, Q, QuerySet

from policy.models import (
    PolicyClause,
    PolicyDocument,
    PolicyEdition,
    PolicyRule,
    PolicyTarget,
    ResponsibleBody,
    SeededModel,
)

S = TypeVar("S", bound=SeededModel)


def current(model: type[S]) -> QuerySet[S]:
    """Rows of ``model`` without what the texts no longer say."""
    return model._default_manager.filter(retired_in=None)


def rows(model: type[S], *, with_retired: bool) -> QuerySet[S]:
    """Rows for a list, or with the retired ones too, for what a record may still point at."""
    known = model._default_manager.all() if with_retired else current(model)
    return known.select_related("retired_in")


def documents(*, with_retired: bool = False) -> QuerySet[PolicyDocument]:
    """Documents, newest first, with ``clause_count``, ``rule_count`` and ``target_count``."""
    counts = {
        f"{name}_count": Count(path, filter=Q(**{f"{path}__retired_in": None}), distinct=True)
        for name, path in (
            ("clause", "clauses"),
            ("rule", "clauses__rules"),
            ("target", "clauses__targets"),
        )
    }
    known = rows(PolicyDocument, with_retired=with_retired)
    return known.annotate(**counts).order_by("position")


def clauses(*, with_retired: bool = False) -> QuerySet[PolicyClause]:
    """Clauses in the order of their documents, with document and responsible bodies."""
    return (
        rows(PolicyClause, with_retired=with_retired)
        .select_related("document")
        .prefetch_related(Prefetch("bodies", current(ResponsibleBody)))
        .order_by("document__position", "position")
    )


def rules(*, with_retired: bool = False) -> QuerySet[PolicyRule]:
    """Rules with the clause and the document that they come from."""
    rows = PolicyRule.objects.all() if with_retired else current(PolicyRule)
    return rows.select_related("clause__document", "retired_in").order_by(
        "clause__document__position", "position"
    )


def targets(*, with_retired: bool = False) -> QuerySet[PolicyTarget]:
    """Targets with the clause and the document that set them."""
    return (
        rows(PolicyTarget, with_retired=with_retired)
        .select_related("clause__document")
        .order_by("clause__document__position", "position")
    )


def editions() -> QuerySet[PolicyEdition]:
    """Editions of the policy data, newest first."""
    return PolicyEdition.objects.all()


def current_edition() -> PolicyEdition | None:
    return PolicyEdition.objects.first()


def edition_key() -> tuple[int, str]:
    """Names the present policy edition: what was read for one key may be kept for it."""
    return PolicyEdition.objects.values_list("pk", "digest").first() or (0, "")
