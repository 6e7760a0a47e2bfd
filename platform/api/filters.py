"""Filters are an allow-list: a parameter that means nothing is refused, not ignored."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

PAGING = {"page", "page_size"}


def refuse_unknown_parameters(request: Request, allowed: set[str]) -> None:
    """A misspelt filter would otherwise return everything and look like an answer."""
    unknown = set(request.query_params) - allowed
    if unknown:
        choices = "、".join(sorted(allowed)) or "（无）"
        raise ValidationError({name: [f"未知参数，可用：{choices}"] for name in sorted(unknown)})


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter, but refusing parameters that no filter has."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        listed = view.action == "list"  # type: ignore[attr-defined]
        known = set(filterset_class.base_filters) if filterset_class and listed else set()
        refuse_unknown_parameters(request, known | (PAGING if listed else set()))
        if not listed:
            return queryset
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered
