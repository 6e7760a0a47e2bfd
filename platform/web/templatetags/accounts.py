"""What pages of accounts show."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder

from accounts import second_factor

register = template.Library()
register.simple_tag(second_factor.passkeys_work)


@register.filter
def json_attribute(value: Any) -> str:
    """For a ``data-`` attribute, which the template escapes: no script holds data (strict CSP)."""
    return json.dumps(value, cls=DjangoJSONEncoder)
