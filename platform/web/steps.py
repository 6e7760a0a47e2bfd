"""Buttons and addresses for the steps of a record: ``<record>/<step>/``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from common.actor import Actor
from common.models import database_now
from common.permissions import may
from lifecycle.queries import steps_of
from lifecycle.services import LONGEST_REASON
from lifecycle.steps import Steps
from lifecycle.transitions import lifecycle_of
from web.forms.fields import VersionField
from web.forms.refusals import attempt, posted

# 平台默认: how long after a step the same step of the same person counts as the same press.
A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True)
class Asked:
    """What a noun adds to the page that asks before a step.

    ``meaning`` says what follows from the step, ``notice`` what is special this time; ``brief``
    is a template that shows of the ``record`` what one decides on; ``above`` is the page that
    leads to it, by title and address.
    """

    meaning: str | Promise = ""
    notice: str | Promise = ""
    brief: str = ""
    above: tuple[str | Promise, str] = ("", "")


class StepForm(forms.Form):
    """``reason`` is asked where the table wants one; ``version`` is what the reader has seen."""

    version = VersionField(required=False, label=_("版本"))
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
    request: HttpRequest,
    record: Any,
    steps: Steps,
    name: str,
    *,
    then: str = "",
    asked: Asked = Asked(),
) -> HttpResponse:
    """Ask before a step (GET) and take it (POST); then back to the record, or to ``then``.

    A refusal shows the page again with what was typed; so does a record that changed since the
    reader saw it, for nobody decides on what was not read. The caller has made sure that the
    reader may see ``record``. Pressed twice, it is done once, and the second answer says so.
    """
    actor = Actor.of(request.user)
    if name not in steps.verbs:
        raise Http404
    transition = lifecycle_of(record).get(name)
    if not may(transition.permission, actor, record):
        raise PermissionDenied
    if request.method != "POST" and transition not in steps.open_to(record, actor):
        text = _("当前状态为“%(state)s”，不能“%(step)s”。")
        state = record.get_state_display()
        messages.warning(request, text % {"state": state, "step": transition.label})
        return HttpResponseRedirect(record.get_absolute_url())
    back = then or record.get_absolute_url()
    form = StepForm(posted(request), initial={"version": request.GET.get("version")})
    if not transition.needs_reason:
        del form.fields["reason"]
    if request.method == "POST" and form.is_valid():
        given = {
            "reason": form.cleaned_data.get("reason", ""),
            "unchanged_since": form.cleaned_data["version"],
        }
        if attempt(form, lambda: steps.take(name, record, actor, **given)):
            done = _("“%(record)s”：%(step)s，已办理。")
            messages.success(request, done % {"record": record, "step": transition.label})
            return HttpResponseRedirect(back)
        record.refresh_from_db()
        if just_taken(record, name, actor):
            messages.info(request, _("“%(record)s”：已办理。") % {"record": record})
            return HttpResponseRedirect(back)
    context = {
        "record": record,
        "transition": transition,
        "form": form,
        "asked": asked,
        "version": _carried(form, record),
        "is_open": transition in steps.open_to(record, actor),
        "back": back,
    }
    status = 409 if form.non_field_errors() else 200
    return render(request, "steps/step.html", context, status=status)


def just_taken(record: Any, name: str, actor: Actor) -> bool:
    """Whether the actor took this very step a moment ago: a button pressed twice asks for one."""
    if getattr(record, lifecycle_of(record).field) != lifecycle_of(record).get(name).target:
        return False
    past = steps_of(record)
    if not past or (past[-1].name, past[-1].user_id) != (name, actor.user_id):
        return False
    return actor.user_id is not None and database_now() - past[-1].at < A_MOMENT


def _carried(form: StepForm, record: Any) -> str:
    """The version that the page's form sends: the reader's own, or after a refusal the present."""
    if form.is_bound:
        return str(record.updated_at.isoformat())
    return str(form["version"].value() or "")
