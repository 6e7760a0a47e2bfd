"""Where administrators check who organizations are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Duty
from common.actor import Actor
from common.models import refuse_stale
from common.permissions import may
from lifecycle.queries import steps_of
from lifecycle.steps import UNREAD
from organizations import amendments, evidence, queries, services
from organizations.enums import (
    AmendmentState,
    EvidenceKind,
    EvidenceState,
    IdentifierScheme,
    LegalKind,
    OrganizationState,
)
from organizations.facts import ESSENTIAL
from organizations.filters import WAITING, VerificationFilter
from organizations.history import changed_since_return
from organizations.models import Amendment, Evidence, Organization
from organizations.rules import is_member
from policy.queries import current
from taxonomy.models import City
from taxonomy.queries import districts
from web.forms.organizations import OrganizationForm, ReturnForm
from web.forms.refusals import attempt, posted
from web.lists import render_list
from web.steps import Asked, just_taken, step_context, step_page
from web.views.administration import for_duty

EVIDENCE_LABEL = _("证明材料")
FEW = 5
# States in which what was said at the last return still matters to whoever checks.
_UNDER_WAY = {OrganizationState.SUBMITTED, OrganizationState.RETURNED}


@require_safe
@for_duty(Duty.CONTENT)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, the longest waiting first, unless the address asks for something else."""
    actor = Actor.of(request.user)
    given = request.GET.copy()
    if "state" not in given:
        given["state"] = WAITING
    rows = queries.for_verification(actor)
    context = {
        "shown_state": given["state"],
        "waiting": WAITING,
        "waiting_count": rows.filter(is_waiting=True).count(),
    }
    return render_list(
        request,
        "organizations/queue",
        filterset=VerificationFilter(given, rows, request=request),
        context=context,
    )


@require_safe
@for_duty(Duty.CONTENT)
def review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What it states beside what it shows for it, and what to look at twice."""
    actor = Actor.of(request.user)
    organization = _overseen(actor, public_id)
    shown = list(
        queries.visible_evidence(actor)
        .filter(organization=organization)
        .exclude(state=EvidenceState.WITHDRAWN)
        .select_related("file", "organization")
        .order_by("-pk")
    )
    shown.sort(key=lambda each: each.kind != EvidenceKind.LICENCE)
    amendment = queries.pending_amendment(organization)
    return render(
        request,
        "organizations/review.html",
        {
            **step_context(request, organization, services.STEPS),
            "organization": organization,
            "is_own": is_member(actor, organization),
            "evidence": [
                {
                    "record": each,
                    "steps": [
                        step
                        for step in evidence.STEPS.open_to(each, actor)
                        if step.name != "withdraw"
                    ],
                    "is_over": queries.has_ended(each),
                }
                for each in shown
            ],
            "unproved": queries.unproved_attributes(organization),
            "flags": queries.flags_of(organization),
            "missing": queries.missing_for_submission(organization),
            **_since_return(organization),
            "amendment": amendment,
            "amendments": decided_amendments(organization),
            "amended": _amended(organization, amendment) if amendment else [],
            "amendment_steps": amendments.STEPS.open_to(amendment, actor) if amendment else [],
            "members": queries.members(organization),
            "own_id": actor.user_id,
            "may_reveal": may("organizations.reveal_contact", actor, organization),
        },
    )


# Steps to "returned".
_COMES_BACK = {"return", "reopen"}


def _since_return(organization: Organization) -> dict[str, Any]:
    """What was said when it came back last, and what says something else now, by field."""
    said, changed = dict.fromkeys(services.COMMENTED, ""), dict.fromkeys(services.COMMENTED, False)
    if organization.state not in _UNDER_WAY:
        return {"said": said, "changed": changed, "returned_at": None}
    returns = [step.at for step in steps_of(organization) if step.name in _COMES_BACK]
    said |= {each.field: each.text for each in queries.comments_of_last_return(organization)}
    return {
        "said": said,
        "changed": changed | dict.fromkeys(changed_since_return(organization), True),
        "returned_at": returns[-1] if returns else None,
    }


@dataclass(frozen=True)
class Decided:
    """An amendment that waits no more: what it asked for, and why it was declined."""

    record: Amendment
    labels: list[str]
    reason: str


def decided_amendments(organization: Organization) -> list[Decided]:
    labels = field_labels()
    return [
        Decided(
            each,
            [labels[name] for name, _before, _after in queries.amended(organization, each)]
            if each.state != AmendmentState.APPROVED
            else [],
            _reason_of(each),
        )
        for each in queries.decided_amendments(organization)[:FEW]
    ]


def _reason_of(amendment: Amendment) -> str:
    past = steps_of(amendment)
    return past[-1].reason if past else ""


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organization_return(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send a registration back with what is to be mended, field by field."""
    actor = Actor.of(request.user)
    organization = get_object_or_404(
        queries.visible_to(actor).select_related("city", "district"), public_id=public_id
    )
    if not may("organizations.verify", actor, organization):
        raise PermissionDenied
    back = reverse("organization_review", args=[public_id])
    if request.method != "POST" and organization.state != OrganizationState.SUBMITTED:
        text = _("当前状态为“%(state)s”，不能退回补正。")
        messages.warning(request, text % {"state": organization.get_state_display()})
        return HttpResponseRedirect(back)
    initial = {"version": organization.updated_at}
    form = ReturnForm(posted(request), labels=field_labels(), initial=initial)

    def send_back() -> None:
        refuse_stale(organization, form.cleaned_data["version"], UNREAD)
        services.return_organization(
            organization=organization,
            reason=form.cleaned_data["reason"],
            comments=form.comments,
            actor=actor,
        )

    if request.method == "POST" and form.is_valid():
        if attempt(form, send_back):
            messages.success(request, _("“%(name)s”已退回补正。") % {"name": organization})
            return redirect("organization_verification")
        organization.refresh_from_db()
        if just_taken(organization, "return", actor):
            messages.info(request, _("“%(record)s”：已办理。") % {"record": organization})
            return redirect("organization_verification")
    values = stated_values(organization)
    rows = [
        (form[name], values.get(name.removeprefix("on-"), ""))
        for name in form.fields
        if name.startswith("on-")
    ]
    context = {
        "organization": organization,
        "form": form,
        "rows": rows,
        "back": back,
        "is_open": organization.state == OrganizationState.SUBMITTED,
    }
    status = 409 if form.non_field_errors() else 200
    return render(request, "organizations/return.html", context, status=status)


@require_safe
@login_required
def evidence_detail(request: HttpRequest, public_id: UUID, evidence_id: UUID) -> HttpResponse:
    """A document has no page of its own: it leads to where the reader works on it."""
    actor = Actor.of(request.user)
    return HttpResponseRedirect(_page_of_evidence(actor, _evidence(actor, public_id, evidence_id)))


@login_required
def evidence_step(
    request: HttpRequest, public_id: UUID, evidence_id: UUID, step: str
) -> HttpResponse:
    actor = Actor.of(request.user)
    found = _evidence(actor, public_id, evidence_id)
    then = _page_of_evidence(actor, found)
    asked = Asked(notice=_told_owners(found) if step == "withdraw" else "")
    return step_page(request, found, evidence.STEPS, step, then=then, asked=asked)


def _told_owners(found: Evidence) -> str | Promise:
    if found.state != EvidenceState.CONFIRMED:
        return ""
    return _("这份材料已经核验。撤下后，它所证明的属性不再公开显示；所有负责人都会收到通知。")


@require_safe
@login_required
def amendment_detail(request: HttpRequest, public_id: UUID, amendment_id: UUID) -> HttpResponse:
    """While it waits it leads to where the reader works on it; then it says what came of it."""
    actor = Actor.of(request.user)
    found = _amendment(actor, public_id, amendment_id)
    if found.state == AmendmentState.PENDING:
        return HttpResponseRedirect(_page_of_amendment(actor, found))
    labels, stated = field_labels(), queries.stated_facts(found.organization)
    asked = [
        (labels[name], _in_words(name, getattr(stated, name)), _in_words(name, found.values[name]))
        for name in ESSENTIAL
        if name in found.values
    ]
    context = {
        "amendment": found,
        "organization": found.organization,
        "asked": asked,
        "reason": _reason_of(found),
        "history": steps_of(found),
        "back": _page_of_amendment(actor, found),
    }
    return render(request, "organizations/amendment.html", context)


@login_required
def amendment_step(
    request: HttpRequest, public_id: UUID, amendment_id: UUID, step: str
) -> HttpResponse:
    actor = Actor.of(request.user)
    found = _amendment(actor, public_id, amendment_id)
    then = _page_of_amendment(actor, found)
    return step_page(request, found, amendments.STEPS, step, then=then)


def _evidence(actor: Actor, public_id: UUID, evidence_id: UUID) -> Evidence:
    rows = queries.visible_evidence(actor).filter(organization__public_id=public_id)
    return get_object_or_404(rows.select_related("organization", "file"), public_id=evidence_id)


def _amendment(actor: Actor, public_id: UUID, amendment_id: UUID) -> Amendment:
    rows = queries.visible_amendments(actor).filter(organization__public_id=public_id)
    return get_object_or_404(rows.select_related("organization"), public_id=amendment_id)


def _page_of_evidence(actor: Actor, found: Evidence) -> str:
    checks = may("organizations.check_evidence", actor, found)
    name = "organization_review" if checks else "organization_evidence"
    return reverse(name, args=[found.organization.public_id])


def _page_of_amendment(actor: Actor, found: Amendment) -> str:
    if may("organizations.check_amendment", actor, found):
        return reverse("organization_review", args=[found.organization.public_id])
    return found.organization.get_absolute_url()


def _overseen(actor: Actor, public_id: UUID) -> Organization:
    """Drafts belong to their authors: nobody checks what was not handed in."""
    rows = queries.for_verification(actor)
    found: Organization = get_object_or_404(rows, public_id=public_id)
    return found


def field_labels() -> dict[str, str]:
    labels = {name: str(field.label) for name, field in OrganizationForm.base_fields.items()}
    return {**labels, "evidence": str(EVIDENCE_LABEL)}


def stated_values(organization: Organization) -> dict[str, str]:
    """What it states, by field, as people read it."""
    return {
        "name": organization.name,
        "legal_kind": organization.get_legal_kind_display(),
        "identifier_scheme": organization.get_identifier_scheme_display(),
        "identifier": organization.identifier,
        "capacities": "、".join(organization.capacity_labels()),
        "attributes": "、".join(organization.attribute_labels()),
        "city": organization.city.name if organization.city else "",
        "district": organization.district.name if organization.district else "",
        "seat": organization.seat,
        "address": organization.address,
        "representative": organization.representative,
    }


def _amended(organization: Organization, amendment: Amendment) -> list[tuple[str, str, str]]:
    """Label, what stands, what is asked."""
    labels = field_labels()
    return [
        (labels[name], _in_words(name, before), _in_words(name, after))
        for name, before, after in queries.amended(organization, amendment)
    ]


def _in_words(name: str, value: Any) -> str:
    if not value:
        return ""
    known: dict[str, Any] = {"legal_kind": LegalKind, "identifier_scheme": IdentifierScheme}
    if name in known:
        return str(known[name](value).label)
    if name == "city":
        return next((each.name for each in current(City) if each.code == value), str(value))
    if name == "district":
        return next((each.name for each in districts() if each.code == value), str(value))
    return str(value)
