"""Forms of the policy pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from web.forms.fields import MoneyField


class EstimateForm(forms.Form):
    """The amount that a rule is applied to."""

    base = MoneyField(label=_("基数金额（元）"), max_length=40)
