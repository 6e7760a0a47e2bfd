"""Pages on which system administrators say who works for an authority."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Duty
from accounts.models import User
from authorities import queries, services
from authorities.facts import (
    AppointmentFacts,
    AuthorityFacts,
    DelegationFacts,
    EndFacts,
)
from authorities.filters import AuthorityFilter
from authorities.history import decisions_on
from authorities.models import Appointment, Authority, Delegation
from common.actor import Actor
from common.contact import mask_email
from common.facts import Facts
from common.permissions import may
from web.forms.authorities import (
    AppointmentForm,
    AuthorityForm,
    DelegationForm,
    DutiesForm,
    EndForm,
)
from web.forms.facts import FactsForm
from web.forms.refusals import posted
from web.lists import render_list
from web.views.administration import for_duty
from web.writing import form_status, written

MANY = 50  # decisions on one page
system_administrators_only = for_duty(Duty.SYSTEM)
Held = TypeVar("Held", Appointment, Delegation)
F = TypeVar("F", bound=Facts)


@require_safe
@system_administrators_only
def authority_list(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request.user)
    rows = queries.with_people(queries.administered_by(actor))
    return render_list(
        request,
        "authorities/list",
        filterset=AuthorityFilter(request.GET, rows, request=request),
        context={"may_register": may("authorities.create", actor)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@system_administrators_only
def authority_new(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request.user)
    if not may("authorities.create", actor):
        raise PermissionDenied
    form = AuthorityForm(posted(request))

    def write(facts: AuthorityFacts) -> Authority:
        return services.create_authority(facts=facts, actor=actor)

    if made := written(request, form, write):
        messages.success(
            request, _("“%(authority)s”已登记，接下来任命人员。") % {"authority": made}
        )
        return redirect("authority_detail", made.code)
    return render(request, "authorities/new.html", {"form": form}, status=form_status(form))


@require_safe
@system_administrators_only
def authority_detail(request: HttpRequest, code: str) -> HttpResponse:
    authority = _administered(request, code)
    decisions = decisions_on(authority, MANY + 1)
    context = {
        "authority": authority,
        "decisions": decisions[:MANY],
        "many": MANY if len(decisions) > MANY else 0,
    }
    return render(request, "authorities/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@system_administrators_only
def authority_appoint(request: HttpRequest, code: str) -> HttpResponse:
    """Give duties to somebody who has an account; whoever works there already gets these."""
    actor, authority = Actor.of(request.user), _administered(request, code)
    form = AppointmentForm(posted(request))

    def write(facts: AppointmentFacts) -> Appointment:
        person = queries.person_to_appoint(form.cleaned_data.get("email", ""))
        return services.appoint(authority=authority, person=person, facts=facts, actor=actor)

    return _decide(request, "appoint", authority, form, decide=write, said=_appointed)


@require_http_methods(["GET", "HEAD", "POST"])
@system_administrators_only
def appointment_change(request: HttpRequest, code: str, public_id: UUID) -> HttpResponse:
    """Other duties or another term than the reader has seen."""
    actor, authority = Actor.of(request.user), _administered(request, code)
    held = _seen(queries.appointments_visible_to(actor), authority, public_id)
    if held.ended_at is not None:
        return _over(request, authority)
    stated = AppointmentFacts(duties=held.duties, ends_on=held.ends_on)
    form = DutiesForm(posted(request), stated=stated)

    def write(facts: AppointmentFacts) -> Appointment:
        return services.appoint(
            authority=authority, person=held.user, facts=facts, actor=actor, instead_of=held
        )

    whom = _name(held.user)
    return _decide(request, "change", authority, form, decide=write, said=_appointed, whom=whom)


@require_http_methods(["GET", "HEAD", "POST"])
@system_administrators_only
def appointment_end(request: HttpRequest, code: str, public_id: UUID) -> HttpResponse:
    actor, authority = Actor.of(request.user), _administered(request, code)
    held = _seen(queries.appointments_visible_to(actor), authority, public_id)

    def end(facts: EndFacts) -> Appointment:
        return services.end_appointment(appointment=held, facts=facts, actor=actor)

    return _end(request, authority, held, _name(held.user), end)


@require_http_methods(["GET", "HEAD", "POST"])
@system_administrators_only
def authority_delegate(request: HttpRequest, code: str) -> HttpResponse:
    """Let an operator act for the authority; found by its credit code."""
    actor, authority = Actor.of(request.user), _administered(request, code)
    form = DelegationForm(posted(request))

    def write(facts: DelegationFacts) -> Delegation:
        operator = queries.operator_by_credit_code(form.cleaned_data.get("credit_code", ""), actor)
        return services.delegate(authority=authority, operator=operator, facts=facts, actor=actor)

    def said(made: Delegation) -> str:
        return _("已委托“%(operator)s”。") % {"operator": made.operator}

    return _decide(request, "delegate", authority, form, decide=write, said=said)


@require_http_methods(["GET", "HEAD", "POST"])
@system_administrators_only
def delegation_end(request: HttpRequest, code: str, public_id: UUID) -> HttpResponse:
    actor, authority = Actor.of(request.user), _administered(request, code)
    held = _seen(queries.delegations_visible_to(actor), authority, public_id)

    def end(facts: EndFacts) -> Delegation:
        return services.end_delegation(delegation=held, facts=facts, actor=actor)

    return _end(request, authority, held, str(held.operator), end)


def _administered(request: HttpRequest, code: str) -> Authority:
    rows = queries.administered_by(Actor.of(request.user))
    return get_object_or_404(queries.with_people(rows), code=code)


def _seen(rows: QuerySet[Held], authority: Authority, public_id: UUID) -> Held:
    return get_object_or_404(rows, authority=authority, public_id=public_id)


def _end(
    request: HttpRequest,
    authority: Authority,
    held: Held,
    whom: str,
    end: Callable[[EndFacts], Held],
) -> HttpResponse:
    """Ask for the reason, then take the duties back."""
    if request.method != "POST" and held.ended_at is not None:
        return _over(request, authority)

    def said(ended: Held) -> str:
        return _("“%(whom)s”的职责已结束。") % {"whom": whom}

    form, shown = EndForm(posted(request)), {"held": held, "whom": whom}
    return _decide(request, "end", authority, form, decide=end, said=said, **shown)


def _decide(
    request: HttpRequest,
    page: str,
    authority: Authority,
    form: FactsForm[F],
    *,
    decide: Callable[[F], Held],
    said: Callable[[Held], str],
    **shown: Any,
) -> HttpResponse:
    """The form of a decision on duties; once it is made, the authority as it is from then on."""
    if made := written(request, form, decide):
        messages.success(request, said(made))
        return redirect("authority_detail", authority.code)
    context = {"form": form, "authority": authority, **shown}
    return render(request, f"authorities/{page}.html", context, status=form_status(form))


def _appointed(made: Appointment) -> str:
    words = {"person": _name(made.user), "duties": "、".join(made.duty_labels())}
    return _("“%(person)s”现在承担：%(duties)s。") % words


def _name(person: User) -> str:
    return person.name or mask_email(person.email)


def _over(request: HttpRequest, authority: Authority) -> HttpResponse:
    messages.warning(request, _("这项职责已经结束或变更，下面是当前的情况。"))
    return redirect("authority_detail", authority.code)
