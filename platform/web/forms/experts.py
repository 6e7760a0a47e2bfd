"""The forms in which experts are appointed and declare their expertise and interests."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from common.facts import Email
from organizations.enums import IdentifierScheme
from reviews.enums import InterestKind
from reviews.facts import MAX_CONCEPTS, ExpertFacts, ExpertiseFacts, InterestFacts
from reviews.services import LONGEST_REASON
from web.forms.concepts import Picker, concept_picker
from web.forms.facts import FactsForm
from web.forms.fields import CodesField, OptionField


class AppointmentFacts(ExpertFacts):
    # Who is appointed, by the address of an account that exists.
    email: Email


class ExpertiseForm(FactsForm[ExpertiseFacts]):
    describes = ExpertiseFacts

    concepts = CodesField(label=_("专长"))

    @property
    def concept_picker(self) -> Picker:
        return concept_picker(self["concepts"].value() or [], maximum=MAX_CONCEPTS)


class AppointExpertForm(FactsForm[AppointmentFacts]):
    describes = AppointmentFacts

    email = forms.CharField(
        label=_("账号的电子邮箱"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("须是已注册的账号；专家须为账号设置两步验证。"),
    )
    title = forms.CharField(label=_("职称"), required=False, help_text=_("例如：教授级高级工程师"))
    employer = forms.CharField(label=_("工作单位"), required=False)
    employer_code = forms.CharField(
        label=_("工作单位的统一社会信用代码"),
        required=False,
        help_text=_("选填；单位已在本平台登记时填写，回避时自动比对。"),
    )


class InterestForm(FactsForm[InterestFacts]):
    describes = InterestFacts

    kind = OptionField(label=_("关系"), choices=InterestKind.choices)
    name = forms.CharField(label=_("单位名称"), help_text=_("写营业执照上的全称，最多 120 字。"))
    scheme = forms.ChoiceField(
        label=_("证件类型"),
        choices=IdentifierScheme.choices,
        initial=IdentifierScheme.CREDIT_CODE,
    )
    identifier = forms.CharField(
        label=_("证件号码"), required=False, help_text=_("选填；填了按号码比对，没有填按名称比对。")
    )
    since = forms.DateField(
        label=_("开始日期"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=_("结束日期"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("仍在持续的不填；三年内结束的也要申报。"),
    )
    share_percent = forms.DecimalField(
        label=_("持股比例（%）"),
        required=False,
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("只有持股需要填写，例如 12.5。"),
    )
    relation = forms.CharField(
        label=_("说明"),
        required=False,
        help_text=_("担任的职务；亲属关系必填，例如：配偶，任财务总监。"),
    )


class EndInterestForm(forms.Form):
    until = forms.DateField(
        label=_("结束日期"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class EndExpertForm(forms.Form):
    reason = forms.CharField(
        label=_("理由"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("记入操作记录，例如：聘期届满。"),
    )
