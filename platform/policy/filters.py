"""What lists of policy facts may be filtered by: one list for pages and API."""

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from policy.enums import RuleStatus
from policy.models import PolicyClause, PolicyDocument, PolicyRule, PolicyTarget


class DocumentFilter(filters.FilterSet):
    class Meta:
        model = PolicyDocument
        fields = ["status", "jurisdiction"]


class ClauseFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("关键词"), max_length=60)
    document = filters.CharFilter(field_name="document__code", label=_("文件"), max_length=80)
    body = filters.CharFilter(field_name="bodies__code", label=_("责任单位"), max_length=80)

    class Meta:
        model = PolicyClause
        fields: list[str] = []

    def search(
        self, queryset: QuerySet[PolicyClause], name: str, value: str
    ) -> QuerySet[PolicyClause]:
        for word in value.split():
            queryset = queryset.filter(
                Q(heading__icontains=word) | Q(summary__icontains=word) | Q(number__icontains=word)
            )
        return queryset


class RuleFilter(filters.FilterSet):
    document = filters.CharFilter(
        field_name="clause__document__code", label=_("文件"), max_length=80
    )
    status = filters.ChoiceFilter(choices=RuleStatus, empty_label=_("全部"), label=_("状态"))

    class Meta:
        model = PolicyRule
        fields: list[str] = []


class TargetFilter(filters.FilterSet):
    document = filters.CharFilter(
        field_name="clause__document__code", label=_("文件"), max_length=80
    )
    year = filters.NumberFilter(label=_("目标年份"), min_value=2000, max_value=2100)

    class Meta:
        model = PolicyTarget
        fields: list[str] = []
