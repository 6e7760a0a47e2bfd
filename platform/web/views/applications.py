"""Pages about applications: the supplier's answer, and the publisher's decision."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import scenarios.queries
from applications import queries, services
from applications.enums import ApplicationState
from applications.facts import ApplicationFacts, refuse_unfinished
from applications.filters import ApplicationFilter, ReceivedFilter
from applications.models import Application
from applications.transitions import NO_CONTACT
from common.actor import Actor
from common.errors import Conflict, Forbidden, InvalidInput
from common.permissions import may
from matching.queries import Fit, fits
from organizations.queries import editable_organizations, own_organizations
from scenarios.models import Scenario
from web.forms.applications import ApplicationForm, NewApplicationForm
from web.forms.refusals import posted
from web.lists import render_list
from web.steps import Asked, step_context, step_page
from web.writing import edit_page, form_status, proceed, written

EXPLAINED = 10  # capabilities that the apply page shows with their reasons; the rest by name

# What follows from each step, for whoever takes it. Whether it can be undone, the page adds.
_MEANING = {
    "submit": _("发布单位将看到这份申请和匹配理由；提交后不能修改，可以撤回。"),
    "discard": _("草稿就此放弃，发布单位不会知道；场景仍可对接时，可以用这项能力重新申请。"),
    "withdraw": _("发布单位将看到申请已撤回，不再处理；场景仍可对接时，可以用这项能力重新申请。"),
    "shortlist": _(
        "供给方将看到申请已入围。入围不是选定：之后仍可选定或不予选用，但不能退回“已提交”。"
    ),
    "select": _(
        "供给方将看到申请被选定，之后可以向其出示联系方式。其他申请不受影响，仍需逐份答复。"
    ),
    "connect": _("供给方的成员将能看到这个场景的联系方式，由双方直接联系。"),
    "decline": _("申请就此结束，供给方将看到下面填写的理由，不能再用这项能力申请这个场景。"),
}
# What comes next once one is selected: for the supplier, and for the publisher.
_WAITS = _("发布单位出示联系方式后会显示在这里。")
_SHOW = _("请出示联系方式，供给方才能联系贵单位。")


@login_required
@require_safe
def application_list(request: HttpRequest) -> HttpResponse:
    """What one's organizations have sent and received."""
    rows = queries.with_details(queries.visible_to(Actor.of(request.user)))
    return render_list(
        request,
        "applications/list",
        filterset=ApplicationFilter(request.GET, rows, request=request),
    )


@login_required
@require_safe
def application_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _show_application(request, _visible(Actor.of(request.user), public_id))


@login_required
@require_POST
def application_contact(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The page with the publisher's contact in full; nothing of it is kept by a browser."""
    actor = Actor.of(request.user)
    application = _visible(actor, public_id)
    try:
        contact = services.reveal_contact(application=application, actor=actor)
    except Forbidden as error:
        raise PermissionDenied from error
    except Conflict as error:
        messages.warning(request, error.message)
        return HttpResponseRedirect(application.get_absolute_url())
    response = _show_application(request, application, contact=contact)
    response["Cache-Control"] = "no-store"
    return response


def _show_application(
    request: HttpRequest, application: Application, *, contact: queries.Contact | None = None
) -> HttpResponse:
    actor = Actor.of(request.user)
    history = queries.history_for(application, actor)
    is_sent = queries.sent_by(actor).contains(application)
    is_selected = application.state == ApplicationState.SELECTED
    return render(
        request,
        "applications/detail.html",
        {
            **step_context(request, application, services.STEPS),
            "application": application,
            "received_url": _received_url(actor, application),
            "history": history,
            "declined": next((each.reason for each in history if each.name == "decline"), ""),
            "fit": fits(application.scenario, [application.capability]).get(
                application.capability_id
            ),
            "changed_at": queries.changed_since_submission(application),
            "hidden": queries.hidden_from(actor, application),
            "host_contact": contact or queries.contact_for(application, actor),
            "next_step": (_WAITS if is_sent else _SHOW) if is_selected else "",
            "may_change": _may_be_edited(actor, application),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answer a scenario: choose a capability beside its match reasons, say how, save or submit."""
    actor = Actor.of(request.user)
    rows = scenarios.queries.with_details(scenarios.queries.visible_to(actor))
    scenario = get_object_or_404(rows, public_id=public_id)
    offered = list(queries.offerable(scenario, actor).select_related("organization"))
    suits = fits(scenario, offered)
    offered.sort(key=lambda each: (-suits[each.pk].score if each.pk in suits else 0, each.pk))
    form = NewApplicationForm(posted(request), offered=offered)

    def write(facts: ApplicationFacts) -> Application:
        chosen = form.cleaned_data["capability"]
        return services.create_application(
            scenario=scenario,
            capability=next(each for each in offered if str(each.public_id) == chosen),
            facts=facts,
            actor=actor,
        )

    if application := written(request, form, write):
        return proceed(request, application, services.STEPS)
    return render(
        request,
        "applications/apply.html",
        {
            "scenario": scenario,
            "form": form,
            "offered": [(each, suits.get(each.pk)) for each in offered[:EXPLAINED]],
            "others": [(each, suits.get(each.pk)) for each in offered[EXPLAINED:]],
            "is_open": scenarios.queries.open_for_matching().contains(scenario),
            "has_organization": own_organizations(actor).exists(),
        },
        status=form_status(form),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    actor = Actor.of(request.user)
    application = _visible(actor, public_id)
    if not may("applications.change", actor, application):
        raise PermissionDenied
    if request.method != "POST" and application.state != ApplicationState.DRAFT:
        text = _("申请“%(state)s”，不能修改；可以撤回后重新申请。")
        messages.warning(request, text % {"state": application.get_state_display()})
        return HttpResponseRedirect(application.get_absolute_url())
    stated = queries.stated_facts(application)
    form = ApplicationForm(posted(request), stated=stated, version=application.updated_at)
    return edit_page(
        request,
        "applications/edit.html",
        form,
        record=application,
        stated=stated,
        change=partial(services.change_application, application=application),
        then=lambda changed: proceed(request, changed, services.STEPS),
        context={"application": application, "hidden": queries.hidden_from(actor, application)},
    )


@login_required
def application_step(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    """A draft that cannot be submitted yet leads to its form instead."""
    actor = Actor.of(request.user)
    application = _visible(actor, public_id)
    if step == "submit" and _may_be_edited(actor, application):
        try:
            refuse_unfinished(application.proposal)
        except InvalidInput as error:
            messages.warning(request, error.message)
            return HttpResponseRedirect(f"{application.get_absolute_url()}edit/#id_proposal")
    received = _received_url(actor, application)
    listed = (_("对接申请"), reverse("application_list"))
    asked = Asked(
        meaning=_MEANING.get(step, ""),
        notice=_shown_by_connecting(application) if step == "connect" else "",
        brief="applications/brief.html",
        above=(_("收到的申请"), received) if received else listed,
    )
    return step_page(request, application, services.STEPS, step, asked=asked)


@login_required
@require_safe
def scenario_applications(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The publisher's table of applicants beside their match reasons, the best first."""
    actor = Actor.of(request.user)
    mine = scenarios.queries.with_details(scenarios.queries.visible_to(actor)).filter(
        organization__in=own_organizations(actor)
    )
    scenario = get_object_or_404(mine, public_id=public_id)
    received = queries.received_by(actor).filter(scenario=scenario)
    by_score = not request.GET.get("sort")

    def arrange(rows: QuerySet[Application]) -> list[tuple[Application, Fit | None]]:
        applications = list(rows)
        suits = fits(scenario, [each.capability for each in applications])
        pairs = [(each, suits.get(each.capability_id)) for each in applications]
        return sorted(pairs, key=_best_first) if by_score else pairs

    return render_list(
        request,
        "applications/received",
        filterset=ReceivedFilter(request.GET, queries.with_details(received), request=request),
        context={
            "scenario": scenario,
        },
        arrange=arrange,
    )


def answer_context(actor: Actor, scenario: Scenario, *, is_open: bool) -> dict[str, Any]:
    """What the scenario's page says of applications: a way to apply, or what came in.

    Visitors are shown the way too: signing in comes on it.
    """
    if actor.user_id is None:
        return {
            "may_apply": is_open,
            "sees_applications": False,
            "received_count": 0,
            "answers": [],
        }
    is_own = own_organizations(actor).contains(scenario.organization)
    received = queries.received_by(actor).filter(scenario=scenario)
    return {
        "may_apply": is_open and not is_own and editable_organizations(actor).exists(),
        "sees_applications": is_own and scenario.state in scenarios.queries.PUBLIC_STATES,
        "received_count": received.count() if is_own else 0,
        "answers": queries.with_details(queries.sent_by(actor).filter(scenario=scenario)),
    }


def _received_url(actor: Actor, application: Application) -> str:
    """Where the application stands beside its rivals, for the publisher alone."""
    if not queries.received_by(actor).contains(application):
        return ""
    return reverse("scenario_applications", args=[application.scenario.public_id])


def _may_be_edited(actor: Actor, application: Application) -> bool:
    is_draft = application.state == ApplicationState.DRAFT
    return is_draft and may("applications.change", actor, application)


def _shown_by_connecting(application: Application) -> str:
    """For whoever may take the step, before it is taken."""
    scenario = application.scenario
    if not scenario.can_be_reached:
        return NO_CONTACT
    stated = (scenario.contact_name, scenario.contact_phone, scenario.contact_email)
    text = _(
        "确认后，%(supplier)s的成员能看到：%(contact)s。以后修改场景的联系方式，对方看到的也随之更新。"
    )
    return text % {
        "supplier": application.organization.name,
        "contact": "，".join(each for each in stated if each),
    }


def _best_first(pair: tuple[Application, Fit | None]) -> tuple[bool, bool, int, int]:
    """Who is out stands last, and who does not meet a hard filter below everybody who does."""
    application, fit = pair
    is_out = application.state in (ApplicationState.WITHDRAWN, ApplicationState.DECLINED)
    return (is_out, bool(fit and fit.unmet), -(fit.score if fit else 0), application.pk)


def _visible(actor: Actor, public_id: UUID) -> Application:
    rows = queries.with_details(queries.visible_to(actor))
    return get_object_or_404(rows, public_id=public_id)
