"""The people of an organization: who acts for it, who asks to, who is invited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from common.actor import Actor
from common.errors import DomainError
from common.permissions import may
from organizations import joining, queries, services
from organizations.enums import IdentifierScheme, InvitationState, MemberRole
from organizations.models import Organization
from organizations.rules import is_member, is_owner
from web.forms.organizations import InviteForm, JoinForm, RoleForm
from web.forms.refusals import attempt, posted


@require_safe
@login_required
def member_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Addresses of others are masked; whoever may read one in full asks for it, on record."""
    actor, organization = _seen(request, public_id)
    return _member_page(request, actor, organization, InviteForm())


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invite(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is answered does not depend on whether the address has an account (THREATS A21)."""
    actor, organization = _seen(request, public_id)
    if not may("organizations.invite", actor, organization):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseRedirect(_members_address(organization))
    form = InviteForm(posted(request))
    if form.is_valid() and attempt(
        form,
        lambda: joining.invite(
            organization=organization,
            email=form.cleaned_data["email"],
            role=MemberRole(form.cleaned_data["role"]),
            actor=actor,
        ),
    ):
        text = _("邀请已发往 %(email)s，7 天内有效。")
        messages.success(request, text % {"email": form.cleaned_data["email"]})
        return HttpResponseRedirect(_members_address(organization))
    return _member_page(request, actor, organization, form, status=400)


@require_POST
@login_required
def revoke(request: HttpRequest, public_id: UUID, invitation_id: UUID) -> HttpResponse:
    actor, organization = _seen(request, public_id)
    rows = queries.visible_invitations(actor).filter(organization=organization)
    found = get_object_or_404(rows.select_related("organization"), public_id=invitation_id)
    _told(
        request,
        lambda: joining.revoke_invitation(invitation=found, actor=actor),
        _("邀请已撤销，原链接不能再用。"),
    )
    return HttpResponseRedirect(_members_address(organization))


@require_POST
@login_required
def member_role(request: HttpRequest, public_id: UUID, person_id: UUID) -> HttpResponse:
    actor, organization = _seen(request, public_id)
    person = _member(actor, organization, person_id)
    if not may("organizations.change_role", actor, organization):
        raise PermissionDenied
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请选择列出的角色。"))
        return HttpResponseRedirect(_members_address(organization))
    role = MemberRole(form.cleaned_data["role"])
    if _gives_up(actor, organization, person, role) and "confirmed" not in request.POST:
        context = {"organization": organization, "person": person, "role": role}
        return render(request, "organizations/member_role.html", context)
    _told(
        request,
        lambda: services.change_role(
            organization=organization, person=person, role=role, actor=actor
        ),
        _("%(name)s 的角色已改为“%(role)s”。") % {"name": person, "role": role.label},
    )
    return HttpResponseRedirect(_members_address(organization))


def _gives_up(actor: Actor, organization: Organization, person: User, role: MemberRole) -> bool:
    """An owner who is about to be none any more; the last one is refused without a question."""
    if person.pk != actor.user_id or role == MemberRole.OWNER:
        return False
    return bool(is_owner(actor, organization)) and not queries.is_last_owner(
        organization, person.pk
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def member_remove(request: HttpRequest, public_id: UUID, person_id: UUID) -> HttpResponse:
    actor, organization = _seen(request, public_id)
    person = _member(actor, organization, person_id)
    if not may("organizations.remove_member", actor, organization):
        raise PermissionDenied
    if request.method != "POST":
        context = {"organization": organization, "person": person}
        return render(request, "organizations/member_remove.html", context)
    _told(
        request,
        lambda: services.remove_member(organization=organization, person=person, actor=actor),
        _("%(name)s 不再是成员。") % {"name": person},
    )
    return HttpResponseRedirect(_members_address(organization))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def member_leave(request: HttpRequest, public_id: UUID) -> HttpResponse:
    actor, organization = _seen(request, public_id)
    if not is_member(actor, organization):
        raise PermissionDenied
    if request.method != "POST":
        context = {
            "organization": organization,
            "person": None,
            "stays": queries.is_last_owner(organization, actor.user_id),
            "may_discard": organization.state in services.DISCARDABLE,
        }
        return render(request, "organizations/member_remove.html", context)
    left = _told(
        request,
        lambda: services.leave(organization=organization, actor=actor),
        _("您已退出“%(name)s”。") % {"name": organization},
    )
    return redirect("workspace") if left else HttpResponseRedirect(_members_address(organization))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def join(request: HttpRequest) -> HttpResponse:
    """Ask to act for the organization that has exactly this number."""
    actor = Actor.of(request.user)
    given = {name: request.GET[name] for name in JoinForm.base_fields if name in request.GET}
    form = JoinForm(posted(request), initial=given)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid() and attempt(
            form,
            lambda: joining.ask_to_join(
                scheme=IdentifierScheme(form.cleaned_data["identifier_scheme"]),
                identifier=form.cleaned_data["identifier"],
                message=form.cleaned_data["message"],
                actor=actor,
            ),
        ):
            messages.success(request, _("申请已送达该单位的负责人；答复后您会收到通知。"))
            return redirect("organization_join")
    asked = list(queries.own_join_requests(actor)[:20])
    seen = set(
        queries.visible_to(actor)
        .filter(pk__in=[each.organization_id for each in asked])
        .values_list("pk", flat=True)
    )
    context = {
        "form": form,
        "asked": [(each, each.organization_id in seen) for each in asked],
        "invitations": joining.links_to_answer(actor),
    }
    return render(request, "organizations/join.html", context, status=status)


@require_POST
@login_required
def withdraw_join_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    actor = Actor.of(request.user)
    found = get_object_or_404(queries.own_join_requests(actor), public_id=request_id)
    _told(
        request,
        lambda: joining.withdraw_join_request(request=found, actor=actor),
        _("加入申请已撤回。"),
    )
    return redirect("organization_join")


@require_POST
@login_required
def answer_join_request(
    request: HttpRequest, public_id: UUID, request_id: UUID, step: str
) -> HttpResponse:
    actor, organization = _seen(request, public_id)
    rows = queries.visible_join_requests(actor).filter(organization=organization)
    found = get_object_or_404(rows.select_related("organization", "user"), public_id=request_id)
    if step == "accept":
        form = RoleForm(request.POST)
        role = MemberRole(form.cleaned_data["role"]) if form.is_valid() else MemberRole.VIEWER
        _told(
            request,
            lambda: joining.accept_join_request(request=found, role=role, actor=actor),
            _("%(name)s 已加入，角色“%(role)s”。") % {"name": found.user, "role": role.label},
        )
    elif step == "decline":
        _told(
            request,
            lambda: joining.decline_join_request(request=found, actor=actor),
            _("已答复：不同意加入。"),
        )
    else:
        raise Http404
    return HttpResponseRedirect(_members_address(organization))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where the mailed link leads; whoever is not signed in signs in, or up, and comes back."""
    found = joining.invitation_of(token)
    if found is None:
        raise Http404
    if not request.user.is_authenticated:
        here = urlencode({"next": request.path})
        context = {
            "invitation": found,
            "sign_in": f"{reverse('account_login')}?{here}",
            "sign_up": f"{reverse('account_signup')}?{here}",
        }
        return render(request, "organizations/invitation.html", {**context, "stage": "sign_in"})
    actor = Actor.of(request.user)
    if not may("organizations.accept_invitation", actor, found):
        context = {"invitation": found, "stage": "other_address"}
        return render(request, "organizations/invitation.html", context, status=403)
    if found.state != InvitationState.PENDING or queries.has_ended(found):
        context = {"invitation": found, "stage": "over"}
        return render(request, "organizations/invitation.html", context, status=410)
    if request.method == "POST":
        accepted = _told(
            request,
            lambda: joining.accept_invitation(invitation=found, actor=actor),
            _("您已加入“%(name)s”。") % {"name": found.organization},
        )
        return redirect(found.organization) if accepted else redirect("workspace")
    context = {"invitation": found, "stage": "accept"}
    return render(request, "organizations/invitation.html", context)


def _member_page(
    request: HttpRequest,
    actor: Actor,
    organization: Organization,
    form: InviteForm,
    *,
    status: int = 200,
) -> HttpResponse:
    owns = is_owner(actor, organization)
    manages = may("organizations.change_role", actor, organization)
    context: dict[str, Any] = {
        "organization": organization,
        "members": queries.members(organization),
        "manages": manages,
        "own_id": actor.user_id,
        "is_own": is_member(actor, organization),
        "owns": owns,
        "may_reveal": may("organizations.reveal_contact", actor, organization),
        "form": form,
        "roles": MemberRole.choices,
        "requests": queries.pending_join_requests(organization) if manages else [],
        "invitations": queries.pending_invitations(organization) if owns else [],
    }
    return render(request, "organizations/members.html", context, status=status)


def _seen(request: HttpRequest, public_id: UUID) -> tuple[Actor, Organization]:
    """The organization, whose people only its members and those who keep accounts see."""
    actor = Actor.of(request.user)
    organization = get_object_or_404(queries.visible_to(actor), public_id=public_id)
    keeps = may("organizations.change_role", actor, organization)
    if not is_member(actor, organization) and not keeps:
        raise PermissionDenied
    return actor, organization


def _member(actor: Actor, organization: Organization, person_id: UUID) -> User:
    rows = queries.visible_memberships(actor).filter(organization=organization)
    rows = rows.select_related("user")
    return get_object_or_404(rows, user__public_id=person_id).user


def _told(request: HttpRequest, verb: Any, done: Any) -> bool:
    """Carry a verb out and say what came of it on the next page."""
    try:
        verb()
    except DomainError as error:
        messages.error(request, error.message)
        return False
    messages.success(request, done)
    return True


def _members_address(organization: Organization) -> str:
    return reverse("organization_members", args=[organization.public_id])
