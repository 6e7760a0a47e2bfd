"""The forms in which administrators curate catalogues."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalogue.facts import (
    CandidateFacts,
    CatalogueChange,
    CatalogueFacts,
    EditionFacts,
    NoticeFacts,
)
from catalogue.queries import bases, issuers_for
from common.actor import Actor
from web.forms.facts import FactsForm
from web.forms.fields import OptionField


class CatalogueChangeForm(FactsForm[CatalogueChange]):
    describes = CatalogueChange

    name = forms.CharField(
        label=_("名称"),
        help_text=_("例如：深圳市未来产业创新产品首购目录。以后各期以此为标题，已发布的不变。"),
    )
    introduction = forms.CharField(
        label=_("说明"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("列入条件、用途和适用范围，最多 4000 字，对所有人公开。"),
    )


class CatalogueForm(FactsForm[CatalogueFacts]):
    describes = CatalogueFacts

    name = CatalogueChangeForm.base_fields["name"]
    code = forms.CharField(
        label=_("代码"),
        help_text=_("2 至 8 个大写英文字母，用于网址和期号，例如 SZSG-2026-0001；建立后不能更改。"),
    )
    issuer = OptionField(label=_("发布机构"), help_text=_("建立后不能更改。"))
    basis = OptionField(
        label=_("政策依据"), help_text=_("提到首购的条款排在最前；建立后不能更改。")
    )
    introduction = CatalogueChangeForm.base_fields["introduction"]

    def __init__(self, data: QueryDict | None = None, *, actor: Actor) -> None:
        self.issuers = [(each.code, each.name) for each in issuers_for(actor)]
        super().__init__(data)

    def choices(self) -> dict[str, Iterable[Any]]:
        return {
            "issuer": self.issuers,
            "basis": [
                (document.short_title, [(each.code, str(each)) for each in clauses])
                for document, clauses in groupby(bases(), lambda clause: clause.document)
            ],
        }


class CandidateForm(FactsForm[CandidateFacts]):
    describes = CandidateFacts

    grounds = forms.CharField(
        label=_("推荐理由"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("创新点、应用情况和符合的条件，最多 2000 字。公示时对所有人公开。"),
    )


class NoticeForm(FactsForm[NoticeFacts]):
    describes = NoticeFacts

    notice_from = forms.DateField(
        label=_("公示开始"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("北京时间当天零点起。"),
    )
    notice_to = forms.DateField(
        label=_("公示结束"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("北京时间当天结束；首尾两天都计入。"),
    )


class EditionForm(FactsForm[EditionFacts]):
    describes = EditionFacts

    note = forms.CharField(
        label=_("本期说明"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("选填，最多 2000 字，随本期公开，发布后不能更改。"),
    )
