"""What lists of scenarios may be filtered by: one list for pages and API."""

import django_filters as filters
from django.db.models import Case, F, QuerySet, When
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from common.filters import CodeFilter, StableOrderingFilter
from organizations.filters import OrganizationFilter, OwnFilter
from scenarios import queries
from scenarios.enums import CallMode, Condition, DemandKind, ScenarioKind, ScenarioState
from scenarios.models import Scenario
from taxonomy.filters import TaggedWordsFilter
from taxonomy.models import Concept
from taxonomy.queries import every_city, every_concept, with_narrower

ALL = _("全部")


class ScenarioFilter(filters.FilterSet):
    """Needs the request: whose scenarios may be named depends on who asks.

    Retired concepts and cities are known too: records may still carry them.
    """

    q = TaggedWordsFilter(
        label=_("名称、问题、标签或组织"),
        fields=["name", "problem", "organization__name"],
        records="scenarios",
    )
    concept = CodeFilter(
        queryset=lambda _: every_concept(),
        method="tagged",
        label=_("产业标签（含其下位标签）"),
        empty_label=ALL,
    )
    city = CodeFilter(queryset=lambda _: every_city(), label=_("城市"), empty_label=ALL)
    kind = filters.ChoiceFilter(choices=ScenarioKind, empty_label=ALL, label=_("场景类型"))
    demand_kind = filters.ChoiceFilter(choices=DemandKind, empty_label=ALL, label=_("需求类型"))
    call_mode = filters.ChoiceFilter(choices=CallMode, empty_label=ALL, label=_("对接方式"))
    condition = filters.ChoiceFilter(
        choices=Condition, method="offering", empty_label=ALL, label=_("提供条件")
    )
    open = filters.ChoiceFilter(
        choices=[("true", _("仍可对接"))], method="still_open", empty_label=ALL, label=_("对接状态")
    )
    organization = OrganizationFilter()
    own = OwnFilter()
    sort = StableOrderingFilter(
        fields={"deadline_ahead": "deadline", "purse": "budget"},
        choices=[("deadline", _("截止日期近的在前")), ("-budget", _("预算高的在前"))],
        empty_label=_("最新的在前"),
        label=_("排序"),
    )

    class Meta:
        model = Scenario
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Scenario]) -> QuerySet[Scenario]:
        """What has no deadline ahead, or no budget, comes last in the order by it."""
        ordered = queryset.alias(
            deadline_ahead=Case(
                When(state=ScenarioState.PUBLISHED, deadline__gt=Now(), then=F("deadline"))
            ),
            purse=Coalesce("budget_max_fen", "budget_min_fen", 0),
        )
        filtered: QuerySet[Scenario] = super().filter_queryset(ordered)
        return filtered

    def tagged(self, queryset: QuerySet[Scenario], name: str, value: Concept) -> QuerySet[Scenario]:
        return queryset.filter(pk__in=with_narrower(value).values("scenarios"))

    def offering(self, queryset: QuerySet[Scenario], name: str, value: str) -> QuerySet[Scenario]:
        return queryset.filter(conditions__contains=[value])

    def still_open(self, queryset: QuerySet[Scenario], name: str, value: str) -> QuerySet[Scenario]:
        return queryset.filter(pk__in=queries.open_for_matching())
