"""What a page takes from a form, and what the form shows of a verb's refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict

from common.errors import DomainError, InvalidInput


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: also a POST without a single field is a POST."""
    return request.POST if request.method == "POST" else None


def attempt(form: forms.Form, verb: Callable[[], Any]) -> bool:
    """Call ``verb``; whether it was done. A refusal becomes errors of the form.

    Faults that the verb names by field stand at that field, else above the form.
    """
    try:
        verb()
    except DomainError as error:
        add_refusal(form, error)
        return False
    return True


def add_refusal(form: forms.Form, error: DomainError) -> None:
    named = error.fields if isinstance(error, InvalidInput) else {}
    for field, texts in named.items():
        for text in texts:
            form.add_error(field if field in form.fields else None, text)
    if not named:
        form.add_error(None, error.message)
