"""Buttons and addresses for the steps of a record: ``<record>/<step>/``."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from common.actor import Actor
from lifecycle.queries import steps_of
from lifecycle.services import LONGEST_REASON
from lifecycle.steps import Steps
from lifecycle.transitions import lifecycle_of
from web.forms.refusals import attempt


class StepForm(forms.Form):
    """``reason`` is asked where the table wants one."""

    reason = forms.CharField(
        label=_("理由"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 5})
    )


def step_context(request: HttpRequest, record: Any, steps: Steps) -> dict[str, Any]:
    """What a page shows of a record's process: ``steps`` open to the reader and its ``history``."""
    return {
        "steps": steps.open_to(record, Actor.of(request.user)),
        "history": steps_of(record),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step_page(
    request: HttpRequest, record: Any, steps: Steps, name: str, *, then: str = ""
) -> HttpResponse:
    """Ask before a step (GET) and take it (POST); then back to the record, or to ``then``.

    A refusal shows the page again with what was typed. The caller has made sure that the reader
    may see ``record``.
    """
    actor = Actor.of(request.user)
    if name not in steps.verbs:
        raise Http404
    transition = lifecycle_of(record).get(name)
    form = StepForm(request.POST or None)
    if not transition.needs_reason:
        del form.fields["reason"]
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data.get("reason", "")
        if attempt(form, lambda: steps.take(name, record, actor, reason=reason)):
            text = _("“%(record)s”：已%(step)s。") % {"record": record, "step": transition.label}
            messages.success(request, text)
            return HttpResponseRedirect(then or record.get_absolute_url())
    context = {"record": record, "transition": transition, "form": form}
    status = 409 if form.non_field_errors() else 200
    return render(request, "steps/step.html", context, status=status)
