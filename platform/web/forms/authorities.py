"""The forms in which system administrators say who works for an authority."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import Duty
from authorities.facts import (
    DELEGABLE,
    AppointmentFacts,
    AuthorityFacts,
    DelegationFacts,
    EndFacts,
)
from policy.models import ResponsibleBody
from policy.queries import current
from taxonomy.models import City
from taxonomy.queries import districts
from web.forms.facts import FactsForm
from web.forms.fields import CodesField, OptionField


class AuthorityForm(FactsForm[AuthorityFacts]):
    describes = AuthorityFacts

    name = forms.CharField(label=_("名称"), help_text=_("例如：广州市南沙区科学技术局。"))
    code = forms.CharField(
        label=_("代码"),
        help_text=_("小写字母、数字和连字符，用于网址和命令，例如 gz-nansha-kjj；登记后不能更改。"),
    )
    city = OptionField(
        label=_("管辖的市"),
        help_text=_("不选就管辖全省。登记后不能更改。"),
    )
    district = OptionField(
        label=_("管辖的区"),
        help_text=_("不选就管辖全市。广州、深圳可选到区。"),
        # The script offers only the group that bears the name of the chosen city.
        widget=forms.Select(attrs={"data-group-of": "city"}),
    )
    body = OptionField(
        label=_("政策文件中的责任单位"),
        help_text=_("这个部门就是哪个责任单位。以它的名义发布首购目录时需要。"),
    )

    def choices(self) -> dict[str, Iterable[Any]]:
        by_city = groupby(districts(), key=lambda each: each.city.name)
        return {
            "city": [(each.code, each.name) for each in current(City)],
            "district": [(city, [(d.code, d.name) for d in group]) for city, group in by_city],
            "body": [(each.code, each.name) for each in current(ResponsibleBody)],
        }


def _day(**words: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(widget=widget, **words)


class DutiesForm(FactsForm[AppointmentFacts]):
    """Of somebody who works there already."""

    describes = AppointmentFacts

    duties = CodesField(
        label=_("职责"),
        choices=Duty.choices,
        help_text=_(
            "内容管理和目录管理可以由同一人承担；系统管理、审计管理都要单独承担，"
            "在别的部门任职也算，为受托的运营机构办理的职责随之停止。"
        ),
    )
    ends_on = _day(label=_("任期至"), help_text=_("选填，北京时间当天结束时到期；不填就长期有效。"))


class AppointmentForm(DutiesForm):
    email = forms.EmailField(
        label=_("邮箱"),
        max_length=254,
        help_text=_("对方注册账号并验证过的邮箱。下一次打开页面起生效。"),
    )

    field_order = ("email", "duties", "ends_on")


class DelegationForm(FactsForm[DelegationFacts]):
    describes = DelegationFacts

    credit_code = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=30,
        help_text=_("受托的运营机构，须已核验并登记为提供服务。"),
    )
    duties = CodesField(
        label=_("委托的职责"),
        choices=[(each.value, each.label) for each in DELEGABLE],
        help_text=_("由该机构的负责人和编辑承担。系统管理和审计管理不能委托。"),
    )
    ends_on = _day(label=_("委托至"), help_text=_("北京时间当天结束时到期。"))


class EndForm(FactsForm[EndFacts]):
    describes = EndFacts

    reason = forms.CharField(
        label=_("理由"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("记入操作记录，最多 2000 字。"),
    )
