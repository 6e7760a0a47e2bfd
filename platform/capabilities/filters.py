"""What lists of capabilities may be filtered by: one list for pages and API."""

import django_filters as filters
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from capabilities import queries
from capabilities.enums import ProductKind
from capabilities.models import Capability, Product
from common.filters import CodeFilter, StableOrderingFilter, WordsFilter
from organizations.filters import OrganizationFilter, OwnFilter
from taxonomy.filters import TaggedWordsFilter
from taxonomy.models import City, Concept
from taxonomy.queries import every_city, every_concept, with_narrower

ALL = _("全部")
LEVELS = [(str(level), f"TRL {level}") for level in range(1, 10)]


class CapabilityFilter(filters.FilterSet):
    """Needs the request: whose capabilities may be named depends on who asks.

    Retired concepts and cities are known too: records may still carry them.
    """

    q = TaggedWordsFilter(
        label=_("名称、简介、标签或组织"),
        fields=["name", "summary", "organization__name"],
        records="capabilities",
    )
    concept = CodeFilter(
        queryset=lambda _: every_concept(),
        method="tagged",
        label=_("产业标签（含其下位标签）"),
        empty_label=ALL,
    )
    city = CodeFilter(
        field_name="organization__city",
        queryset=lambda _: every_city(),
        label=_("供给方所在城市"),
        empty_label=ALL,
    )
    serves = CodeFilter(
        queryset=lambda _: every_city(),
        method="serving",
        label=_("服务城市（含服务全省的）"),
        empty_label=ALL,
    )
    readiness_min = filters.ChoiceFilter(
        choices=LEVELS,
        method="at_least",
        empty_label=ALL,
        label=_("技术成熟度不低于"),
    )
    open = filters.ChoiceFilter(
        choices=[("true", _("已公开发布"))],
        method="open_to_everybody",
        empty_label=ALL,
        label=_("发布状态"),
    )
    organization = OrganizationFilter()
    own = OwnFilter()
    sort = StableOrderingFilter(
        fields={"ripeness": "readiness"},
        choices=[("-readiness", _("成熟度高的在前"))],
        empty_label=_("最新的在前"),
        label=_("排序"),
    )

    class Meta:
        model = Capability
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Capability]) -> QuerySet[Capability]:
        """What states no readiness comes last in the order by it."""
        ordered = queryset.alias(ripeness=Coalesce("readiness", 0))
        filtered: QuerySet[Capability] = super().filter_queryset(ordered)
        return filtered

    def tagged(
        self, queryset: QuerySet[Capability], name: str, value: Concept
    ) -> QuerySet[Capability]:
        return queryset.filter(pk__in=with_narrower(value).values("capabilities"))

    def serving(
        self, queryset: QuerySet[Capability], name: str, value: City
    ) -> QuerySet[Capability]:
        return queryset.filter(pk__in=queries.serving(value))

    def open_to_everybody(
        self, queryset: QuerySet[Capability], name: str, value: str
    ) -> QuerySet[Capability]:
        return queryset.filter(pk__in=queries.open_for_matching())

    def at_least(
        self, queryset: QuerySet[Capability], name: str, value: str
    ) -> QuerySet[Capability]:
        return queryset.filter(readiness__gte=int(value))


class ProductFilter(filters.FilterSet):
    q = WordsFilter(
        label=_("产品、型号或供给单位"),
        fields=["name", "model_number", "summary", "organization__name"],
    )
    kind = filters.ChoiceFilter(choices=ProductKind, empty_label=ALL, label=_("类别"))

    class Meta:
        model = Product
        fields: list[str] = []
