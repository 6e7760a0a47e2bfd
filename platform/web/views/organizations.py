"""The pages of an organization: who it is, how it registers, what it proves."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

import capabilities.queries
import catalogue.queries
import scenarios.queries
from common.actor import Actor
from common.errors import DomainError
from common.permissions import may
from organizations import evidence, queries, services
from organizations.amendments import ask_to_amend
from organizations.enums import EvidenceKind, IdentifierScheme, OrganizationState
from organizations.facts import OrganizationFacts
from organizations.history import changes_of
from organizations.models import Evidence, Organization, VerificationComment
from organizations.rules import is_editor, is_member, oversees
from organizations.validators import clean_identifier
from web.forms.organizations import (
    AmendmentForm,
    DetailsForm,
    EvidenceForm,
    OrganizationForm,
)
from web.forms.refusals import add_refusal, posted
from web.steps import step_context, step_page
from web.uploads import takes_file, upload_of
from web.views.verification import decided_amendments, field_labels
from web.writing import edit_page, form_status, written

FEW = 10
FILLING = {OrganizationState.DRAFT, OrganizationState.RETURNED}


@require_safe
def organization_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who it is and what it has published; its own members and administrators see more."""
    actor = Actor.of(request.user)
    organization = _visible(actor, public_id)
    administrator, is_own = oversees(actor, organization), is_member(actor, organization)
    published = scenarios.queries.visible_to(actor).filter(organization=organization)
    offered = capabilities.queries.visible_to(actor).filter(organization=organization)
    products = capabilities.queries.visible_products(actor).filter(organization=organization)
    return render(
        request,
        "organizations/detail.html",
        {
            **step_context(request, organization, services.STEPS),
            **(_own_context(actor, organization) if is_own else {"registration": None}),
            "organization": organization,
            "attributes": queries.shown_attributes(organization),
            "is_administrator": administrator,
            "is_own": is_own,
            "sees_more": (sees_more := administrator or is_own),
            "changes": changes_of(organization) if sees_more else [],
            "claimed": queries.claimed_attributes(organization) if sees_more else [],
            "scenarios": published.select_related("organization")[:FEW],
            "scenario_count": published.count(),
            "capabilities": offered.select_related("organization")[:FEW],
            "capability_count": offered.count(),
            "products": (shown := list(products[:FEW])),
            "product_count": products.count(),
            "listings": catalogue.queries.current_listings(shown),
        },
    )


def _own_context(actor: Actor, organization: Organization) -> dict[str, Any]:
    """What members see of the registration: how far it is, and what is to be done."""
    writes = is_editor(actor, organization)
    filling = organization.state in FILLING
    context = step_context_of_registration(organization)
    return {
        "registration": {
            **context,
            "is_filling": filling,
            "writes": writes,
            "may_edit": writes and organization.state in services.EDITABLE,
            "may_amend": writes and organization.state == OrganizationState.VERIFIED,
            "may_discard": may("organizations.discard", actor, organization)
            and organization.state in services.DISCARDABLE,
            "amendment": queries.pending_amendment(organization),
            "amendments": decided_amendments(organization),
            "said": said_by_field(organization, context["comments"]),
            "evidence_notes": [
                (each, queries.has_ended(each)) for each in queries.ending_evidence(organization)
            ],
            "unproved": queries.unproved_attributes(organization),
        }
    }


def said_by_field(
    organization: Organization, comments: list[VerificationComment]
) -> list[tuple[str, str, str]]:
    """Label, comment, and the address of the field that it is about."""
    labels = field_labels()
    edit = reverse("organization_edit", args=[organization.public_id])
    documents = f"{_evidence_address(organization)}#stated"
    return [
        (
            labels[each.field],
            each.text,
            documents if each.field == "evidence" else f"{edit}#id_{each.field}",
        )
        for each in comments
    ]


def step_context_of_registration(organization: Organization) -> dict[str, Any]:
    """Where a registration stands: 1 facts, 2 evidence, 3 ready to be submitted."""
    missing = queries.missing_for_submission(organization)
    places = {each.place for each in missing}
    stage = 3 if not missing else 2 if places == {"evidence"} else 1
    return {
        "missing": missing,
        "stage": stage,
        "is_described": places <= {"evidence"},
        "comments": list(queries.open_comments(organization)),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organization_new(request: HttpRequest) -> HttpResponse:
    """Begin a registration; whoever begins it is its owner."""
    actor = Actor.of(request.user)
    form = OrganizationForm(posted(request))

    def write(facts: OrganizationFacts) -> Organization:
        return services.register_organization(facts=facts, actor=actor)

    if organization := written(request, form, write):
        messages.success(request, _("草稿已保存。下一步：上传证明材料。"))
        return HttpResponseRedirect(_evidence_address(organization))
    context = {
        "form": form,
        "organization": None,
        "title": _("登记组织"),
        "is_taken": queries.TAKEN in form.non_field_errors(),
        "back": reverse("workspace"),
        "stage": 1,
        "comments": dict.fromkeys(services.COMMENTED, ""),
        "newer": None,
    }
    return render(request, "organizations/form.html", context, status=form_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organization_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change what it states; after verification what the licence does not say."""
    actor = Actor.of(request.user)
    organization = _visible(actor, public_id)
    _require("organizations.change", actor, organization)
    if request.method != "POST" and organization.state not in services.EDITABLE:
        text = _("组织当前“%(state)s”，不能修改资料。")
        messages.warning(request, text % {"state": organization.get_state_display()})
        return redirect(organization)
    stated = queries.stated_facts(organization)
    verified = organization.state == OrganizationState.VERIFIED
    made = DetailsForm if verified else OrganizationForm
    form = made(posted(request), stated=stated, version=organization.updated_at)

    def saved(changed: Organization) -> HttpResponse:
        messages.success(request, _("“%(name)s”的资料已保存。") % {"name": changed})
        return HttpResponseRedirect(
            _evidence_address(changed) if changed.state in FILLING else changed.get_absolute_url()
        )

    return edit_page(
        request,
        "organizations/form.html",
        form,
        record=organization,
        stated=stated,
        change=partial(services.change_organization, organization=organization),
        then=saved,
        context={
            "organization": organization,
            "title": _("修改资料"),
            "back": organization.get_absolute_url(),
            "stage": 1 if organization.state in FILLING else 0,
            "comments": _comments_by_field(organization),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organization_discard(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask before a registration is given up: it goes for good."""
    actor = Actor.of(request.user)
    organization = _visible(actor, public_id)
    _require("organizations.discard", actor, organization)
    if request.method != "POST" and organization.state not in services.DISCARDABLE:
        text = _("组织当前“%(state)s”，不能放弃登记。")
        messages.warning(request, text % {"state": organization.get_state_display()})
        return redirect(organization)
    if request.method != "POST":
        others = queries.members(organization).exclude(user=actor.user_id)
        context = {"organization": organization, "others": others.exists()}
        return render(request, "organizations/discard.html", context)
    try:
        services.discard_organization(organization=organization, actor=actor)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(organization)
    messages.success(request, _("已放弃“%(name)s”的登记。") % {"name": organization})
    return redirect("workspace")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organization_amend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for another name, number or seat; what was verified stands until that is checked."""
    actor = Actor.of(request.user)
    organization = _visible(actor, public_id)
    _require("organizations.amend", actor, organization)
    if request.method != "POST" and queries.pending_amendment(organization) is not None:
        messages.warning(request, _("已有一份变更申请在等待核验。"))
        return redirect(organization)
    form = AmendmentForm(posted(request), stated=queries.stated_facts(organization))

    def write(facts: OrganizationFacts) -> Any:
        note = form.cleaned_data["note"]
        return ask_to_amend(organization=organization, facts=facts, note=note, actor=actor)

    if written(request, form, write):
        messages.success(request, _("变更申请已提交；核验通过前，原登记事项继续有效。"))
        return redirect(organization)
    context = {"form": form, "organization": organization}
    return render(request, "organizations/amend.html", context, status=form_status(form))


@takes_file
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organization_evidence(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """What it has proved, and a form for one document more."""
    actor = Actor.of(request.user)
    organization = _visible(actor, public_id)
    if not is_member(actor, organization):
        raise PermissionDenied
    may_add = (
        may("organizations.add_evidence", actor, organization)
        and organization.state in services.EDITABLE
    )
    form = EvidenceForm(
        posted(request),
        request.FILES if request.method == "POST" else None,
        kinds=EvidenceKind.choices,
        kind=request.GET.get("kind", ""),
    )
    status = 200
    if request.method == "POST":
        _require("organizations.add_evidence", actor, organization)
        if form.is_valid():
            upload = upload_of(form.cleaned_data["file"])
            try:
                made = evidence.add_evidence(
                    organization=organization, facts=form.facts, upload=upload, actor=actor
                )
            except DomainError as error:
                add_refusal(form, error)
                status = error.status
            else:
                messages.success(request, _("已上传：%(kind)s。") % {"kind": made})
                return HttpResponseRedirect(_evidence_address(organization))
    context = {
        "organization": organization,
        "form": form,
        "may_add": may_add,
        "evidence": [
            (each, may_add and _may_be_withdrawn(actor, each))
            for each in queries.visible_evidence(actor)
            .filter(organization=organization)
            .select_related("file", "organization")
        ],
        "unproved": queries.unproved_attributes(organization),
        **(registration := step_context_of_registration(organization)),
        # Here one is at the documents, whatever is still to be said.
        "stage": max(2, registration["stage"]),
        "is_filling": organization.state in FILLING,
        "steps": step_context(request, organization, services.STEPS)["steps"],
    }
    return render(request, "organizations/evidence.html", context, status=status)


@require_safe
@login_required
@never_cache
def check_identifier(request: HttpRequest) -> JsonResponse:
    """Whether a number can be one of its scheme, and whether it is taken: for the form's script.

    Of the organization that has it nothing is told.
    """
    try:
        scheme = IdentifierScheme(request.GET.get("scheme", ""))
        identifier = clean_identifier(scheme, request.GET.get("identifier", "")[:100])
    except ValueError as error:
        known = request.GET.get("scheme") in IdentifierScheme.values
        said = f"{error}。" if known else str(_("请先选择证件类型。"))
        return JsonResponse({"valid": False, "taken": False, "message": said})
    taken = queries.by_identifier(scheme, identifier) is not None
    said = queries.TAKEN if taken else str(_("号码格式正确，尚未登记。"))
    answer = {"valid": True, "taken": taken, "message": said, "identifier": identifier}
    return JsonResponse(answer)


@login_required
def organization_step(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    """Whoever checks comes back to the page on which one checks."""
    actor = Actor.of(request.user)
    organization = _visible(actor, public_id)
    checks = may("organizations.verify", actor, organization)
    then = reverse("organization_review", args=[public_id]) if checks else ""
    return step_page(request, organization, services.STEPS, step, then=then)


def _visible(actor: Actor, public_id: UUID) -> Organization:
    rows = queries.visible_to(actor)
    return get_object_or_404(rows.select_related("city", "district"), public_id=public_id)


def _may_be_withdrawn(actor: Actor, document: Evidence) -> bool:
    """Whether there is a way to take it back; the last licence of a verified one gives none."""
    steps = evidence.STEPS.open_to(document, actor)
    return any(step.name == "withdraw" for step in steps) and not queries.lacks_other_licence(
        document
    )


def _require(permission: str, actor: Actor, organization: Organization) -> None:
    if not may(permission, actor, organization):
        raise PermissionDenied


def _evidence_address(organization: Organization) -> str:
    return reverse("organization_evidence", args=[organization.public_id])


def _comments_by_field(organization: Organization) -> dict[str, str]:
    said = {each.field: each.text for each in queries.open_comments(organization)}
    return {name: said.get(name, "") for name in services.COMMENTED}
