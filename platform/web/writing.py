"""Pages on which people write a record: for whom, what is refused, what comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.actor import Actor
from common.errors import DomainError
from common.facts import Facts
from lifecycle.steps import Steps
from lifecycle.transitions import lifecycle_of
from organizations.enums import Capacity, OrganizationState
from organizations.models import Organization
from organizations.queries import editable_organizations
from web.forms.facts import FactsForm
from web.forms.refusals import add_refusal

F = TypeVar("F", bound=Facts)
M = TypeVar("M")


def writing_organization(request: HttpRequest, capacity: Capacity) -> Organization | None:
    """For whom a new record is written: named by ``organization``, or the only one that states
    that it comes for this.

    None when there is a choice to make, or none to choose from. The page carries the answer, so
    that what is written belongs to whom it was shown for. One that the reader does not write for
    is not found.
    """
    own = editable_organizations(Actor.of(request.user))
    given = request.POST if request.method == "POST" else request.GET
    named = given.get("organization")
    if named is None:
        known = _living(own).filter(capacities__contains=[capacity])[:2]
        return known[0] if len(known) == 1 else None
    try:
        found = own.filter(public_id=named).first()
    except (ValidationError, ValueError):
        found = None
    if found is None:
        raise Http404
    return found


def may_write(request: HttpRequest) -> bool:
    """Whether the reader writes records for any organization."""
    return editable_organizations(Actor.of(request.user)).exists()


def choose_organization(
    request: HttpRequest, title: str | Promise, capacity: Capacity
) -> HttpResponse:
    """Asks for whom to write, or says why the reader cannot."""
    own = _living(editable_organizations(Actor.of(request.user))).order_by("name", "pk")
    kept = request.GET.copy()
    kept.pop("organization", None)
    context = {
        "title": title,
        "organizations": [each for each in own if capacity in each.capacities],
        "others": [each for each in own if capacity not in each.capacities],
        "capacity": capacity.label,
        "kept_query": kept.urlencode(),
    }
    return render(request, "records/organizations.html", context)


def _living(own: QuerySet[Organization]) -> QuerySet[Organization]:
    """Who was refused begins anew, with another registration."""
    return own.exclude(state=OrganizationState.REJECTED)


def written(request: HttpRequest, form: FactsForm[F], write: Callable[[F], M]) -> M | None:
    """What ``write`` made of the facts in a valid POST; None while there is something to mend."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return write(form.facts)
    except DomainError as error:
        add_refusal(form, error)
        return None


@dataclass(frozen=True)
class NewerVersion:
    """Somebody else saved the record while it was edited; ``version`` as the form sends it."""

    record: Any
    version: str
    differing: list[str]
    is_accepted: bool


def newer_version(form: FactsForm[F], record: Any, stated: F) -> NewerVersion | None:
    """What has to be said above a form that was filled in on top of an older version."""
    if not form.is_bound or form.unchanged_since in (None, record.updated_at):
        return None
    version = record.updated_at.isoformat()
    return NewerVersion(record, version, form.differing(stated), form.overwritten == version)


def form_status(form: forms.Form) -> int:
    return 409 if form.non_field_errors() else 200


def proceed(request: HttpRequest, record: Any, steps: Steps) -> HttpResponse:
    """Tell that the record is saved, take the step that the button names, show the record.

    When the step is refused, what was saved stays saved.
    """
    name = request.POST.get("then", "")
    if not name:
        messages.success(request, _("“%(record)s”已保存。") % {"record": record})
        return HttpResponseRedirect(record.get_absolute_url())
    try:
        steps.take(name, record, Actor.of(request.user))
    except DomainError as error:
        text = _("“%(record)s”已保存，但没有继续：%(reason)s")
        messages.warning(request, text % {"record": record, "reason": error.message})
    else:
        step = lifecycle_of(record).get(name).label
        text = _("“%(record)s”：已保存并%(step)s。")
        messages.success(request, text % {"record": record, "step": step})
    return HttpResponseRedirect(record.get_absolute_url())


def edit_page(
    request: HttpRequest,
    template: str,
    form: FactsForm[F],
    *,
    record: Any,
    stated: F,
    change: Callable[..., M],
    then: Callable[[M], HttpResponse],
    context: dict[str, Any],
) -> HttpResponse:
    """Show the form of a record and, once it can be, write it by ``change``, then go on.

    ``change`` is the verb bound to its record: it takes facts, actor and ``unchanged_since``.
    """

    def write(facts: F) -> M:
        actor, since = Actor.of(request.user), form.unchanged_since
        return change(facts=facts, actor=actor, unchanged_since=since)

    if changed := written(request, form, write):
        return then(changed)
    shown = {"form": form, "newer": newer_version(form, record, stated), **context}
    return render(request, template, shown, status=form_status(form))
