"""The form in which a publisher writes a scenario."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from policy.queries import current
from scenarios.enums import CallMode, Condition, DemandKind, ScenarioKind, Strength
from scenarios.facts import MAX_CONCEPTS, ContactFacts, ScenarioFacts
from taxonomy.models import City
from taxonomy.queries import districts
from taxonomy.vocabulary import Vocabulary
from web.forms.concepts import ConceptNameField, Picker, concept_picker
from web.forms.facts import FactsForm, RowForm
from web.forms.fields import (
    READINESS_LEVELS,
    BeijingTimeField,
    CodesField,
    LinesField,
    MoneyField,
    OptionField,
)


class GoalForm(RowForm):
    indicator = forms.CharField(label=_("指标"), required=False)
    target = forms.CharField(label=_("目标值"), required=False)


class NeedForm(RowForm):
    quiet = frozenset({"strength"})

    strength = forms.CharField(
        label=_("强度"), required=False, widget=forms.Select(choices=Strength.choices)
    )
    text = forms.CharField(label=_("内容"), required=False)
    concept = ConceptNameField(label=_("对应标签（选填）"))

    def __init__(self, *args: Any, vocabulary: Vocabulary, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["concept"]
        assert isinstance(field, ConceptNameField)  # noqa: S101 (narrows the type)
        field.vocabulary = vocabulary
        self.initial = {**self.initial, "concept": field.shown(self.initial.get("concept"))}


class ScenarioForm(FactsForm[ScenarioFacts]):
    describes = ScenarioFacts
    row_forms = {"goals": (GoalForm, _("目标")), "needs": (NeedForm, _("技术需求"))}

    name = forms.CharField(
        label=_("名称"), help_text=_("一句话说明在哪里解决什么问题，最多 120 字。")
    )
    reference = forms.CharField(
        label=_("自有编号"), required=False, help_text=_("选填；在本组织内不能重复。")
    )
    kind = OptionField(label=_("场景类型"), choices=ScenarioKind.choices)
    demand_kind = OptionField(label=_("需求类型"), choices=DemandKind.choices)
    concepts = CodesField(label=_("产业标签"))
    city = OptionField(label=_("城市"))
    district = OptionField(
        label=_("区"),
        help_text=_("广州、深圳可选到区；其他城市请写进“地点”。"),
        # The script offers only the group that bears the name of the chosen city.
        widget=forms.Select(attrs={"data-group-of": "city"}),
    )
    site = forms.CharField(
        label=_("地点"), required=False, help_text=_("具体到园区、码头、医院等。")
    )
    problem = forms.CharField(
        label=_("要解决的问题"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_("现状、难点和期望，最多 8000 字。匹配时会比较这里的用词。"),
    )
    conditions = CodesField(label=_("提供条件"), choices=Condition.choices)
    conditions_note = forms.CharField(
        label=_("条件说明"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("场地、数据、资金等的具体情况，最多 2000 字。"),
    )
    budget_min_fen = MoneyField(
        label=_("预算下限"), required=False, help_text=_("例如 80 万；不写单位时为元。")
    )
    budget_max_fen = MoneyField(
        label=_("预算上限"), required=False, help_text=_("例如 150 万；不写单位时为元。")
    )
    readiness_min = OptionField(
        label=_("技术成熟度下限"),
        choices=READINESS_LEVELS,
        help_text=_("按国家标准 GB/T 22900 分九级，文字为简述。"),
    )
    readiness_max = OptionField(label=_("技术成熟度上限"), choices=READINESS_LEVELS)
    readiness_is_must = forms.BooleanField(
        label=_("成熟度下限为硬性要求"),
        required=False,
        help_text=_("勾选后，低于下限或没有填写成熟度的能力不会匹配。"),
    )
    required_qualifications = LinesField(
        label=_("必备资质"), help_text=_("每行一项；没有这些资质的能力不会匹配。")
    )
    call_mode = OptionField(label=_("对接方式"), choices=CallMode.choices)
    deadline = BeijingTimeField(
        label=_("截止时间（北京时间）"),
        required=False,
        help_text=_("到这一刻停止接受申请；发布后只能延后。"),
    )
    contact_name = forms.CharField(label=_("联系人"), required=False)
    contact_phone = forms.CharField(
        label=_("联系电话"), required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    contact_email = forms.CharField(
        label=_("联系邮箱"), required=False, widget=forms.TextInput(attrs={"type": "email"})
    )
    co_publishers = LinesField(
        label=_("联合发布单位"),
        rows=3,
        help_text=_("每行一个统一社会信用代码；单位须已在平台登记，核验后才公开显示。"),
    )

    def choices(self) -> dict[str, Iterable[Any]]:
        by_city = groupby(districts(), key=lambda each: each.city.name)
        return {
            "city": [(each.code, each.name) for each in current(City)],
            "district": [(city, [(d.code, d.name) for d in group]) for city, group in by_city],
        }

    @property
    def concept_picker(self) -> Picker:
        return concept_picker(self["concepts"].value() or [], maximum=MAX_CONCEPTS)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.load()

    def row_options(self, name: str) -> dict[str, Any]:
        return {"vocabulary": self.vocabulary} if name == "needs" else {}


class ContactForm(FactsForm[ContactFacts]):
    """The contact alone, with the fields of the whole form."""

    describes = ContactFacts

    contact_name = ScenarioForm.base_fields["contact_name"]
    contact_phone = ScenarioForm.base_fields["contact_phone"]
    contact_email = ScenarioForm.base_fields["contact_email"]
