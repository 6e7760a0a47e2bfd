"""Filters that lists of every noun share."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _


class WordsFilter(django_filters.CharFilter):
    """Search as people type it: every word must occur in one of the ``fields``."""

    def __init__(self, *, fields: Sequence[str], **kwargs: Any) -> None:
        super().__init__(max_length=60, **kwargs)
        self.fields = fields

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        for word in (value or "").split():
            qs = qs.filter(self.holding(word))
        return qs

    def holding(self, word: str) -> Q:
        """Rows in which the word occurs."""
        return reduce(or_, (Q(**{f"{field}__icontains": word}) for field in self.fields))


class CodeField(django_filters.fields.ModelChoiceField):
    """Offers what is retired under that name, where records may still carry it."""

    def label_from_instance(self, obj: Any) -> str:
        retired = getattr(obj, "retired_in_id", None)
        return _("%(name)s（已停用）") % {"name": obj} if retired else str(obj)


class CodeFilter(django_filters.ModelChoiceFilter):
    """Filters by the code of a related row; a code that names nothing is refused by name.

    ``queryset`` is a function of the request: evaluated for each, so that new rows count.
    """

    field_class = CodeField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, to_field_name="code", **kwargs)


class StableOrderingFilter(django_filters.OrderingFilter):
    """Breaks ties by key: otherwise equal rows may change places between two pages."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        ordered: QuerySet[Any] = super().filter(qs, value)
        return ordered.order_by(*ordered.query.order_by, "pk") if value else ordered
