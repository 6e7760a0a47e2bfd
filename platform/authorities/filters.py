"""What lists of authorities and of the audit log may be filtered by."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.queries import people_called
from audit.models import AuditEvent
from authorities.models import Authority
from authorities.verbs import VerbFilter
from common.clock import BEIJING
from common.filters import CodeFilter, WordsFilter
from organizations.queries import organizations_named
from taxonomy.queries import every_city

LONGEST = 120
MOST_NOTED = 20


class AuthorityFilter(filters.FilterSet):
    q = WordsFilter(label=_("名称、代码或责任单位"), fields=["name", "code", "body__name"])
    city = CodeFilter(queryset=lambda _: every_city(), label=_("城市"), empty_label=_("全部"))

    class Meta:
        model = Authority
        fields: list[str] = []


class DoerFilter(filters.CharFilter):
    """By what is known of people today (``people_called``), or by a command or token."""

    def filter(self, qs: QuerySet[AuditEvent], value: str) -> QuerySet[AuditEvent]:
        if not value:
            return qs
        person = Q(actor_user_id__in=people_called(value).values("pk"))
        command = Q(actor_user_id=None, actor_label__icontains=value)
        # From its beginning: older entries have the name of the token's maker after its own.
        token = Q(token_id__isnull=False, actor_label__istartswith=value)
        return qs.filter(person | command | token)


class ObjectFilter(filters.CharFilter):
    """By kind (``scenarios.scenario``), or by kind and key (``scenarios.scenario:42``)."""

    def filter(self, qs: QuerySet[AuditEvent], value: str) -> QuerySet[AuditEvent]:
        kind, _, key = (value or "").strip().lower().partition(":")
        if kind:
            qs = qs.filter(object_type=kind)
        return qs.filter(object_id=key) if key else qs


class ConcerningFilter(filters.CharFilter):
    """By words of the present name of the organization concerned."""

    def filter(self, qs: QuerySet[AuditEvent], value: str) -> QuerySet[AuditEvent]:
        if not value:
            return qs
        return qs.filter(organization_id__in=organizations_named(value).values("pk"))


class DayFilter(filters.DateFilter):
    """Days in Beijing, both included: ``is_last`` for the end of a span."""

    def __init__(self, *, is_last: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.is_last = is_last

    def filter(self, qs: QuerySet[AuditEvent], value: Any) -> QuerySet[AuditEvent]:
        if value is None:
            return qs
        begin = datetime.combine(value, time.min, tzinfo=BEIJING)
        if self.is_last:
            return qs.filter(at__lt=begin + timedelta(days=1))
        return qs.filter(at__gte=begin)


class AuditEventFilter(filters.FilterSet):
    who = DoerFilter(label=_("操作者姓名、邮箱或账号"), max_length=LONGEST)
    verb = VerbFilter(label=_("操作名称或代码"))
    object = ObjectFilter(label=_("对象（类别:编号）"), max_length=LONGEST)
    organization = ConcerningFilter(label=_("涉及的组织"), max_length=LONGEST)
    trace = WordsFilter(label=_("请求编号或来源地址"), fields=["request_id", "address"])
    since = DayFilter(label=_("从"))
    until = DayFilter(label=_("至"), is_last=True)

    class Meta:
        model = AuditEvent
        fields: list[str] = []

    def asked(self) -> dict[str, Any]:
        """What narrows the list, for the log: the numbers of accounts instead of what was typed
        to find them, and of addresses only that one was looked for.
        """
        given = {name: value for name, value in self.form.cleaned_data.items() if value}
        if who := given.pop("who", ""):
            accounts = people_called(who).order_by("pk").values_list("pk", flat=True)
            given["who"] = [*accounts[:MOST_NOTED]]
        if "trace" in given:
            given["trace"] = True
        return given
