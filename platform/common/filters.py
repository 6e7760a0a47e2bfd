"""Filters that lists of every noun share."""

from typing import Any

import django_filters
from django.db.models import QuerySet


class CodeFilter(django_filters.ModelChoiceFilter):
    """Filters by the code of a related row; a code that names nothing is refused by name.

    ``queryset`` is a function of the request: evaluated for each, so that new rows count.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, to_field_name="code", **kwargs)


class StableOrderingFilter(django_filters.OrderingFilter):
    """Breaks ties by key: otherwise equal rows may change places between two pages."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        ordered: QuerySet[Any] = super().filter(qs, value)
        return ordered.order_by(*ordered.query.order_by, "pk") if value else ordered
