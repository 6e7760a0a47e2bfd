"""What lists of policy facts may be filtered by: one list for pages and API."""

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from common.filters import CodeFilter, WordsFilter
from policy.enums import DocumentStatus, RuleStatus
from policy.models import (
    PolicyClause,
    PolicyDocument,
    PolicyRule,
    PolicyTarget,
    ResponsibleBody,
)
from policy.queries import current

ALL = _("全部")


class YearFilter(filters.Filter):
    """Whole years: django-filter's number filter would take 2025.5 too."""

    field_class = forms.IntegerField


class DocumentFilter(filters.FilterSet):
    status = filters.ChoiceFilter(choices=DocumentStatus, empty_label=ALL, label=_("状态"))
    jurisdiction = filters.AllValuesFilter(empty_label=ALL, label=_("辖区代码"))

    class Meta:
        model = PolicyDocument
        fields: list[str] = []


class ClauseFilter(filters.FilterSet):
    q = WordsFilter(label=_("条款号、标题或摘要"), fields=["heading", "summary", "number"])
    document = CodeFilter(
        queryset=lambda _: current(PolicyDocument), label=_("文件"), empty_label=ALL
    )
    body = CodeFilter(
        field_name="bodies",
        queryset=lambda _: current(ResponsibleBody),
        label=_("责任单位"),
        empty_label=ALL,
    )

    class Meta:
        model = PolicyClause
        fields: list[str] = []


class RuleFilter(filters.FilterSet):
    document = CodeFilter(
        field_name="clause__document", queryset=lambda _: current(PolicyDocument), label=_("文件")
    )
    status = filters.ChoiceFilter(choices=RuleStatus, empty_label=ALL, label=_("状态"))

    class Meta:
        model = PolicyRule
        fields: list[str] = []


class TargetFilter(filters.FilterSet):
    document = CodeFilter(
        field_name="clause__document", queryset=lambda _: current(PolicyDocument), label=_("文件")
    )
    year = YearFilter(label=_("目标年份"), min_value=2000, max_value=2100)

    class Meta:
        model = PolicyTarget
        fields: list[str] = []
