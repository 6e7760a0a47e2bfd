"""The forms in which a supplier writes a capability and a product."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from capabilities.enums import ProductKind
from capabilities.facts import MAX_CONCEPTS, CapabilityFacts, ProductFacts
from capabilities.queries import products_of
from organizations.models import Organization
from policy.queries import current
from taxonomy.models import City
from web.forms.concepts import Picker, concept_picker
from web.forms.facts import FactsForm, RowForm
from web.forms.fields import READINESS_LEVELS, CodesField, LinesField, MoneyField, OptionField


class CaseForm(RowForm):
    title = forms.CharField(label=_("案例"), required=False)
    client = forms.CharField(label=_("应用单位"), required=False)
    year = forms.CharField(
        label=_("年份"), required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )


class CapabilityForm(FactsForm[CapabilityFacts]):
    """For ``organization``, whose products can be chosen."""

    describes = CapabilityFacts
    row_forms = {"cases": (CaseForm, _("应用案例"))}

    name = forms.CharField(label=_("名称"), help_text=_("一句话说明能做什么，最多 120 字。"))
    reference = forms.CharField(
        label=_("自有编号"), required=False, help_text=_("选填；在本组织内不能重复。")
    )
    concepts = CodesField(label=_("产业标签"))
    summary = forms.CharField(
        label=_("简介"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_("原理、性能和适用条件，最多 8000 字。匹配时会比较这里的用词。"),
    )
    highlights = LinesField(label=_("技术亮点"), help_text=_("每行一条，最多 20 条。"))
    readiness = OptionField(
        label=_("技术成熟度"),
        choices=READINESS_LEVELS,
        help_text=_("按国家标准 GB/T 22900 分九级，文字为简述。"),
    )
    price_min_fen = MoneyField(
        label=_("价格下限"), required=False, help_text=_("例如 60 万；不写单位时为元。")
    )
    price_max_fen = MoneyField(
        label=_("价格上限"), required=False, help_text=_("例如 120 万；不写单位时为元。")
    )
    qualifications = LinesField(
        label=_("资质"), help_text=_("每行一项；场景要求的资质按名称逐字比对。")
    )
    patents = LinesField(label=_("专利"), help_text=_("每行一项，写专利号和名称。"))
    cities_served = CodesField(
        label=_("服务城市"), help_text=_("一个都不选表示全省；选了就只在这些城市提供服务。")
    )
    products = CodesField(label=_("产品"))

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        self.organization = organization
        super().__init__(*args, **kwargs)

    @property
    def concept_picker(self) -> Picker:
        return concept_picker(self["concepts"].value() or [], maximum=MAX_CONCEPTS)

    def choices(self) -> dict[str, Iterable[Any]]:
        return {
            "cities_served": [(each.code, each.name) for each in current(City)],
            "products": [
                (str(each.public_id), f"{each.name} {each.model_number}".strip())
                for each in products_of(self.organization)
            ],
        }


class ProductForm(FactsForm[ProductFacts]):
    describes = ProductFacts

    name = forms.CharField(label=_("名称"), help_text=_("最多 120 字。"))
    kind = OptionField(label=_("类别"), choices=ProductKind.choices)
    model_number = forms.CharField(label=_("型号"), required=False)
    summary = forms.CharField(
        label=_("简介"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("最多 2000 字。"),
    )
    price_min_fen = MoneyField(
        label=_("价格下限"), required=False, help_text=_("例如 60 万；不写单位时为元。")
    )
    price_max_fen = MoneyField(
        label=_("价格上限"), required=False, help_text=_("例如 120 万；不写单位时为元。")
    )
