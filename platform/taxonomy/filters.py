"""What lists of concepts, cities and carriers may be filtered by: one list for pages and API."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from common.filters import CodeFilter, StableOrderingFilter, WordsFilter
from policy.queries import current
from taxonomy import queries
from taxonomy.enums import CarrierKind, ConceptLevel, ConceptStatus, Horizon, Region
from taxonomy.models import Carrier, City, Concept, Scheme

ALL = _("全部")


class TaggedWordsFilter(WordsFilter):
    """Search that also finds a record by the names of its own tags.

    ``records`` is what concepts call the records that carry them.
    """

    def __init__(self, *, records: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.records = records

    def holding(self, word: str) -> Q:
        # A join would find a record once for each tag.
        tagged = queries.concepts_named(word).filter(**{f"{self.records}__isnull": False})
        return super().holding(word) | Q(pk__in=tagged.values(self.records))


class ConceptFilter(filters.FilterSet):
    q = WordsFilter(
        label=_("名称、别名或说明"), fields=["label", "other_names", "definition", "code"]
    )
    scheme = CodeFilter(queryset=lambda _: current(Scheme), label=_("标签体系"), empty_label=ALL)
    level = filters.ChoiceFilter(choices=ConceptLevel, empty_label=ALL, label=_("层级"))
    horizon = filters.ChoiceFilter(choices=Horizon, empty_label=ALL, label=_("成长期"))
    status = filters.ChoiceFilter(choices=ConceptStatus, empty_label=ALL, label=_("状态"))
    broader = CodeFilter(queryset=lambda _: current(Concept), label=_("上位标签"))
    sort = StableOrderingFilter(
        fields={"sort_key": "pinyin"},
        choices=[("pinyin", _("按拼音")), ("-pinyin", _("按拼音倒序"))],
        empty_label=_("按体系"),
        label=_("排序"),
    )

    class Meta:
        model = Concept
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Concept]) -> QuerySet[Concept]:
        searched = queryset.alias(other_names=queries.other_names())
        filtered: QuerySet[Concept] = super().filter_queryset(searched)
        return filtered


class CityFilter(filters.FilterSet):
    q = WordsFilter(label=_("城市名称或拼音"), fields=["name", "slug"])
    region = filters.ChoiceFilter(choices=Region, empty_label=ALL, label=_("区域"))
    concept = CodeFilter(queryset=lambda _: current(Concept), method="naming", label=_("聚焦标签"))
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

    def naming(self, queryset: QuerySet[City], name: str, value: Concept) -> QuerySet[City]:
        """Cities for which some text names the concept."""
        return queryset.filter(pk__in=queries.cities_naming(value))


class CarrierFilter(filters.FilterSet):
    city = CodeFilter(queryset=lambda _: current(City), label=_("城市"))
    kind = filters.ChoiceFilter(choices=CarrierKind, empty_label=ALL, label=_("类别"))

    class Meta:
        model = Carrier
        fields: list[str] = []
