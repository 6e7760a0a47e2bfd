"""What every list page does: filters out of the address, pages, a partial answer for htmx."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django_filters import FilterSet

from web.htmx import render_page_or_part

PER_PAGE = 30


def render_list(
    request: HttpRequest,
    template: str,
    *,
    filterset: FilterSet,
    context: dict[str, Any] | None = None,
    per_page: int = PER_PAGE,
    arrange: Callable[[QuerySet[Any]], Sequence[Any]] | None = None,
    show: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
) -> HttpResponse:
    """Render ``<template>.html``; an htmx request gets ``<template>_results.html`` alone.

    ``arrange`` puts the filtered rows in an order that the database does not know; ``show`` turns
    the rows of one page into what the template takes. A filter value that cannot be used shows
    its message and no rows. A page number beyond the end shows the last page.
    """
    rows: QuerySet[Any] = filterset.qs
    if not filterset.is_valid():
        rows = rows.none()
    values = {
        "filter": filterset,
        **page_context(request, arrange(rows) if arrange else rows, per_page),
        "is_filtered": any(request.GET.get(name) for name in filterset.filters if name != "sort"),
        **(context or {}),
    }
    if show is not None:
        values["page"].object_list = show(values["page"].object_list)
    return render_page_or_part(request, f"{template}.html", f"{template}_results.html", values)


def page_context(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], per_page: int = PER_PAGE
) -> dict[str, Any]:
    """What ``components/pagination.html`` takes; beyond the end is the last page."""
    page = Paginator(rows, per_page).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    return {
        "page": page,
        "elided": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "kept_query": kept.urlencode(),
    }
