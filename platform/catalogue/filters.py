"""What lists of the catalogue may be filtered by: one list for pages and API."""

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from capabilities.enums import ProductKind
from catalogue import queries
from catalogue.enums import ItemState
from catalogue.models import Catalogue, CatalogueEdition, CatalogueItem, EditionItem
from common.filters import CodeFilter, WordsFilter
from policy.filters import YearFilter

ALL = _("全部")


def _all_catalogues(request: object) -> QuerySet[Catalogue]:
    return queries.catalogues()


class EditionItemFilter(filters.FilterSet):
    q = WordsFilter(
        label=_("产品、型号或供给单位"),
        fields=["product_name", "model_number", "summary", "organization_name"],
    )
    kind = filters.ChoiceFilter(choices=ProductKind, empty_label=ALL, label=_("类别"))

    class Meta:
        model = EditionItem
        fields: list[str] = []


class EditionFilter(filters.FilterSet):
    catalogue = CodeFilter(queryset=_all_catalogues, label=_("目录代码"), empty_label=ALL)
    year = YearFilter(label=_("年份"), min_value=2000, max_value=2100)

    class Meta:
        model = CatalogueEdition
        fields: list[str] = []


class ItemFilter(filters.FilterSet):
    catalogue = CodeFilter(queryset=_all_catalogues, label=_("目录代码"), empty_label=ALL)
    state = filters.ChoiceFilter(choices=ItemState, empty_label=ALL, label=_("状态"))

    class Meta:
        model = CatalogueItem
        fields: list[str] = []
