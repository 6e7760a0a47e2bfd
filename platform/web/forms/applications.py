"""The form in which a supplier answers a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.facts import ApplicationFacts, refuse_unfinished
from capabilities.models import Capability
from web.forms.facts import FactsForm
from web.forms.fields import MoneyField
from web.forms.refusals import attempt


class ApplicationForm(FactsForm[ApplicationFacts]):
    """With the button that submits, an unfinished answer is not saved but mended here."""

    describes = ApplicationFacts

    proposal = forms.CharField(
        label=_("方案说明"),
        required=False,
        help_text=_("怎样解决场景里的问题，需要发布单位配合什么；提交前必填，最多 8000 字。"),
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    price_fen = MoneyField(
        label=_("报价"), required=False, help_text=_("例如 120 万；不写单位时为元。")
    )
    schedule = forms.CharField(
        label=_("实施周期"), required=False, help_text=_("例如：合同签订后 3 个月内完成部署。")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.data.get("then") == "submit" and "proposal" in cleaned:
            attempt(self, lambda: refuse_unfinished(cleaned["proposal"]))
        return cleaned


class NewApplicationForm(ApplicationForm):
    """Also asks with which capability; only ``offered`` ones can be chosen."""

    capability = forms.ChoiceField(
        label=_("用哪项能力申请"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("请选择一项能力。"),
            "invalid_choice": _("请选择列出的能力。"),
        },
    )

    def __init__(self, *args: Any, offered: Sequence[Capability], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["capability"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (narrows the type)
        field.choices = [(str(each.public_id), each.name) for each in offered]
        if len(offered) == 1:
            field.initial = str(offered[0].public_id)
