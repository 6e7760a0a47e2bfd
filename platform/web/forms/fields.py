"""Fields that forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from common.money import parse_fen


class MoneyField(forms.CharField):
    """An amount as people write it (``common.money.parse_fen``); cleans to integer fen."""

    default_error_messages = {"required": _("请填写金额，例如 1200000 或 120 万。")}

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_fen(str(text))
        except InvalidInput as error:
            raise ValidationError(error.message, code="amount") from None
