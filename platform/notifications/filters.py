"""What an inbox may be filtered by: one list for pages and API."""

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from notifications.enums import Category
from notifications.models import Notification


class NotificationFilter(filters.FilterSet):
    category = filters.ChoiceFilter(choices=Category, empty_label=_("全部"), label=_("类别"))
    unread = filters.ChoiceFilter(
        choices=[("true", _("只看未读"))],
        method="only_unread",
        empty_label=_("全部"),
        label=_("阅读"),
    )

    class Meta:
        model = Notification
        fields: list[str] = []

    def only_unread(
        self, queryset: QuerySet[Notification], name: str, value: str
    ) -> QuerySet[Notification]:
        return queryset.filter(read_at=None) if value == "true" else queryset
