"""Forms of the policy pages."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class EstimateForm(forms.Form):
    """An amount in 元; ``base_fen`` is what the calculation takes."""

    base = forms.DecimalField(
        label=_("基数金额（元）"),
        min_value=Decimal(0),
        max_value=Decimal(90000000000000),
        decimal_places=2,
        error_messages={
            "required": _("请填写金额，例如 1200000。"),
            "invalid": _("请填写数字，例如 1200000 或 1200000.50。"),
        },
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "base" in values:
            values["base_fen"] = int(values["base"] * 100)
        return values
