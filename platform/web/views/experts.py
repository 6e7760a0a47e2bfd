"""The pages of an expert, and those on which experts are appointed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Duty
from accounts.queries import person_by_email
from common.actor import Actor
from common.clock import beijing_today
from common.errors import InvalidInput
from common.permissions import may
from reviews import queries, services
from reviews.facts import ExpertFacts, ExpertiseFacts, InterestFacts
from reviews.models import ExpertProfile, Interest
from web.forms.experts import (
    AppointExpertForm,
    AppointmentFacts,
    EndExpertForm,
    EndInterestForm,
    ExpertiseForm,
    InterestForm,
)
from web.forms.refusals import attempt, posted
from web.lists import page_context
from web.views.administration import for_duty
from web.writing import form_status, written


@require_safe
@login_required
def expert_me(request: HttpRequest) -> HttpResponse:
    actor, expert = _own(request)
    interests = queries.interests_visible_to(actor).filter(expert=expert)
    context = {
        "expert": expert,
        "lasting": interests.filter(until=None),
        "past": interests.exclude(until=None).order_by("-until", "-pk"),
    }
    return render(request, "experts/me.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def expertise_edit(request: HttpRequest) -> HttpResponse:
    actor, expert = _own(request)
    stated = ExpertiseFacts(concepts=[each.code for each in expert.concepts.all()])
    form = ExpertiseForm(posted(request), stated=stated)

    def write(facts: ExpertiseFacts) -> bool:
        services.set_expertise(expert=expert, facts=facts, actor=actor)
        return True

    if written(request, form, write):
        if form.cleaned_data["concepts"]:
            messages.success(request, _("专长已保存。"))
        else:
            messages.warning(request, _("没有选专长，分派评审时不会按专长找到您。"))
        return redirect("expert_me")
    context = {"form": form, "expert": expert}
    return render(request, "experts/expertise.html", context, status=form_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def interest_new(request: HttpRequest) -> HttpResponse:
    actor, expert = _own(request)
    form = InterestForm(posted(request))

    def write(facts: InterestFacts) -> Interest:
        return services.declare_interest(expert=expert, facts=facts, actor=actor)

    if made := written(request, form, write):
        messages.success(request, _("已申报：%(interest)s。") % {"interest": made})
        return redirect("expert_me")
    return render(request, "experts/interest.html", {"form": form}, status=form_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def interest_end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    actor, expert = _own(request)
    own = queries.interests_visible_to(actor).filter(expert=expert)
    interest = get_object_or_404(own, public_id=public_id)
    form = EndInterestForm(posted(request), initial={"until": beijing_today()})
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            form,
            lambda: services.end_interest(
                interest=interest, until=form.cleaned_data["until"], actor=actor
            ),
        )
    ):
        messages.success(request, _("已记下结束日期：%(interest)s。") % {"interest": interest})
        return redirect("expert_me")
    context = {"form": form, "interest": interest}
    return render(request, "experts/interest_end.html", context, status=form_status(form))


@require_safe
@for_duty(Duty.CONTENT, Duty.SYSTEM)
def expert_list(request: HttpRequest) -> HttpResponse:
    experts = queries.listed(Actor.of(request.user))
    return render(request, "experts/list.html", page_context(request, experts))


@require_http_methods(["GET", "HEAD", "POST"])
@for_duty(Duty.CONTENT, Duty.SYSTEM)
def expert_new(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request.user)
    form = AppointExpertForm(posted(request))

    def write(facts: AppointmentFacts) -> ExpertProfile:
        person = person_by_email(facts.email)
        if person is None:
            message = str(_("没有使用这个电子邮箱的账号，请本人先注册。"))
            raise InvalidInput(message, fields={"email": [message]})
        stated = ExpertFacts(**facts.model_dump(exclude={"email"}))
        return services.appoint_expert(
            person=person, facts=stated, expertise=ExpertiseFacts(), actor=actor
        )

    if made := written(request, form, write):
        messages.success(request, _("已聘任 %(expert)s 为专家。") % {"expert": made})
        return redirect("expert_list")
    return render(request, "experts/new.html", {"form": form}, status=form_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@for_duty(Duty.CONTENT, Duty.SYSTEM)
def expert_end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    actor = Actor.of(request.user)
    seen = queries.visible_to(actor).select_related("user")
    expert = get_object_or_404(seen, public_id=public_id)
    if not may("reviews.end", actor, expert):
        raise PermissionDenied
    form = EndExpertForm(posted(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            form,
            lambda: services.end_expert(
                expert=expert, reason=form.cleaned_data["reason"], actor=actor
            ),
        )
    ):
        messages.success(request, _("已解聘 %(expert)s。") % {"expert": expert})
        return redirect("expert_list")
    context = {"form": form, "expert": expert}
    return render(request, "experts/end.html", context, status=form_status(form))


def _own(request: HttpRequest) -> tuple[Actor, ExpertProfile]:
    """Whoever is no expert, or no longer, finds no such page."""
    actor = Actor.of(request.user)
    expert = queries.expert_of(actor)
    if expert is None:
        raise Http404
    return actor, expert
