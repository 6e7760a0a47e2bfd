"""What lists of concepts, cities and carriers may be filtered by: one list for pages and API."""

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from common.filters import StableOrderingFilter
from taxonomy import queries
from taxonomy.enums import CarrierKind, ConceptLevel, ConceptStatus, Horizon, Region
from taxonomy.models import Carrier, City, Concept


class ConceptFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("关键词"), max_length=60)
    scheme = filters.CharFilter(field_name="scheme__code", label=_("标签体系"), max_length=80)
    level = filters.ChoiceFilter(choices=ConceptLevel, empty_label=_("全部"), label=_("层级"))
    horizon = filters.ChoiceFilter(choices=Horizon, empty_label=_("全部"), label=_("成长期"))
    status = filters.ChoiceFilter(choices=ConceptStatus, empty_label=_("全部"), label=_("状态"))
    broader = filters.CharFilter(field_name="broader__code", label=_("上位标签"), max_length=80)
    sort = StableOrderingFilter(
        fields={"sort_key": "pinyin"},
        choices=[("pinyin", _("按拼音")), ("-pinyin", _("按拼音倒序"))],
        empty_label=_("按体系"),
        label=_("排序"),
    )

    class Meta:
        model = Concept
        fields: list[str] = []

    def search(self, queryset: QuerySet[Concept], name: str, value: str) -> QuerySet[Concept]:
        """Every word must occur in label, other name, definition or code."""
        for word in value.split():
            queryset = queryset.filter(
                Q(label__icontains=word)
                | Q(alternatives__icontains=word)
                | Q(definition__icontains=word)
                | Q(code__icontains=word)
            )
        return queryset


class CityFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("关键词"), max_length=60)
    region = filters.ChoiceFilter(choices=Region, empty_label=_("全部"), label=_("区域"))
    concept = filters.CharFilter(method="naming", label=_("聚焦标签"), max_length=80)
    sort = StableOrderingFilter(
        fields={"slug": "pinyin", "concept_count": "concepts", "carrier_count": "carriers"},
        choices=[
            ("pinyin", _("按拼音")),
            ("-concepts", _("点名标签多的在前")),
            ("-carriers", _("载体多的在前")),
        ],
        empty_label=_("按行政区划代码"),
        label=_("排序"),
    )

    class Meta:
        model = City
        fields: list[str] = []

    def search(self, queryset: QuerySet[City], name: str, value: str) -> QuerySet[City]:
        for word in value.split():
            queryset = queryset.filter(Q(name__icontains=word) | Q(slug__icontains=word))
        return queryset

    def naming(self, queryset: QuerySet[City], name: str, value: str) -> QuerySet[City]:
        """Cities for which some text names the concept with this code."""
        named = queries.cities_naming(value)
        return queryset.filter(pk__in=named)


class CarrierFilter(filters.FilterSet):
    city = filters.CharFilter(field_name="city__code", label=_("城市"), max_length=6)
    kind = filters.ChoiceFilter(choices=CarrierKind, empty_label=_("全部"), label=_("类别"))

    class Meta:
        model = Carrier
        fields: list[str] = []
