"""Fields that forms share.

What a value may be is said by the facts alone; these fields only turn what a browser sends into
values, and values into what a browser shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from common.money import parse_fen, say_fen

NOTHING_CHOSEN = _("未填写")
# Technology readiness levels in the words of GB/T 22900, shortened.
READINESS_LEVELS = [
    (1, _("TRL 1 · 发现并报告基本原理")),
    (2, _("TRL 2 · 形成技术方案")),
    (3, _("TRL 3 · 关键功能经实验验证")),
    (4, _("TRL 4 · 实验室环境中验证部件")),
    (5, _("TRL 5 · 模拟环境中验证部件")),
    (6, _("TRL 6 · 模拟环境中演示样机")),
    (7, _("TRL 7 · 真实环境中演示样机")),
    (8, _("TRL 8 · 产品定型，通过测试")),
    (9, _("TRL 9 · 已在实际中使用")),
]


class MoneyField(forms.CharField):
    """An amount as people write it (``common.money.parse_fen``); cleans to integer fen."""

    default_error_messages = {"required": _("请填写金额，例如 1200000 或 120 万。")}

    def prepare_value(self, value: Any) -> Any:
        return say_fen(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_fen(str(text))
        except InvalidInput as error:
            raise ValidationError(error.message, code="amount") from None


class OptionField(forms.CharField):
    """One of several choices, or none; a tampered one is refused by the facts, not here."""

    widget = forms.Select

    def __init__(self, *, choices: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})
        self.offer(choices)

    def offer(self, choices: Iterable[Any]) -> None:
        assert isinstance(self.widget, forms.Select)  # noqa: S101 (narrows the type)
        self.widget.choices = [("", NOTHING_CHOSEN), *choices]

    def keep(self, value: Any) -> None:
        """Offer also what a record says and the list no longer has, so that no edit drops it."""
        assert isinstance(self.widget, forms.Select)  # noqa: S101 (narrows the type)
        known = self.widget.optgroups("", [str(value)])
        if value and not any(each["selected"] for _, group, _ in known for each in group):
            label = _("%(code)s（已停用）") % {"code": value}
            self.widget.choices = [*self.widget.choices, (value, label)]


class CodesField(forms.Field):
    """Any number of codes, from checkboxes; whether they exist, the verb says."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, choices: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})
        self.offer(choices)

    def offer(self, choices: Iterable[Any]) -> None:
        assert isinstance(self.widget, forms.CheckboxSelectMultiple)  # noqa: S101 (narrows the type)
        self.widget.choices = list(choices)

    def to_python(self, value: Any) -> list[str]:
        return [str(each) for each in value or []]


class LinesField(forms.CharField):
    """Several values, one per line; blank lines count for nothing."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(widget=widget, **{"required": False, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return [line for line in str(super().clean(value)).splitlines() if line.strip()]


class BeijingTimeField(forms.CharField):
    """A moment typed as Beijing time (the site's zone), whatever zone the browser is in.

    A moment that is shown without its fraction of a second, and left alone, keeps it:
    ``FactsForm`` asks ``has_changed``.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "any"})
    default_error_messages = {
        "moment": _("请填写日期和时间，例如 2026-11-21 18:00。"),
    }

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        shown = localtime(value)
        return f"{shown:%Y-%m-%dT%H:%M:%S}" if shown.second else f"{shown:%Y-%m-%dT%H:%M}"

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (self.prepare_value(initial) or "") != (data or "").strip()

    def clean(self, value: Any) -> datetime | None:
        text = str(super().clean(value))
        if not text:
            return None
        # A day alone would silently mean its first minute.
        if len(text) <= len("2026-11-21"):
            raise ValidationError(self.error_messages["moment"], code="moment")
        try:
            moment = forms.DateTimeField().to_python(text.replace("/", "-"))
        except ValidationError:
            raise ValidationError(self.error_messages["moment"], code="moment") from None
        assert isinstance(moment, datetime)  # noqa: S101 (narrows the type)
        return moment


class VersionField(forms.CharField):
    """Which version of a record a page shows: its ``updated_at``, to the microsecond."""

    widget = forms.HiddenInput
    default_error_messages = {"required": _("页面缺少版本信息，请重新打开后再保存。")}

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else value

    def clean(self, value: Any) -> datetime | None:
        text = str(super().clean(value))
        if not text:
            return None
        try:
            version = datetime.fromisoformat(text)
        except ValueError:
            version = None
        if version is None or not is_aware(version):
            raise ValidationError(self.error_messages["required"], code="version")
        return version
