"""The form in which an owner makes a token for the organization."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tokens.enums import Lifetime, Scope
from tokens.facts import TokenFacts
from web.forms.facts import FactsForm
from web.forms.fields import CodesField


class TokenForm(FactsForm[TokenFacts]):
    describes = TokenFacts

    name = forms.CharField(
        label=_("名称"), help_text=_("说明给哪个程序用，例如“内网场景系统”；最多 60 字。")
    )
    permissions = CodesField(
        label=_("可以写入什么"),
        choices=[each for each in Scope.choices if each[0] != Scope.READ],
        help_text=_(
            "读取总是包含的：与本组织“查看”角色看到的相同。一个都不选，就只能读取。"
            "写入时还要您本人当时是本组织的编辑或负责人。"
        ),
    )
    days = forms.ChoiceField(
        label=_("有效期"),
        choices=Lifetime.choices,
        initial=Lifetime.QUARTER,
        widget=forms.RadioSelect,
        help_text=_("到期自动失效，不能延长；到期前换一个新的。"),
        error_messages={"invalid_choice": _("请选择列出的有效期。")},
    )
