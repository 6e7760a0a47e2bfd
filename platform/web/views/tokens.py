"""The pages on which an organization keeps the tokens of its programs."""

from __future__ import annotations

from uuid import UUID

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from common.actor import Actor
from common.permissions import may
from organizations.models import Organization
from organizations.queries import own_organizations
from tokens import queries
from tokens.facts import TokenFacts
from tokens.keys import Key
from tokens.models import ApiToken
from tokens.services import MOST_TOKENS, create_token, revoke_token
from web.forms.refusals import attempt, posted
from web.forms.tokens import TokenForm
from web.writing import form_status, written


@require_safe
@login_required
def token_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    actor = Actor.of(request.user)
    organization = _own(actor, public_id, "tokens.list")
    context = {
        "organization": organization,
        "tokens": queries.tokens_of(organization, actor),
        "may_change": may("tokens.create", actor, organization),
        "most": MOST_TOKENS,
    }
    return render(request, "tokens/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@sensitive_variables("made", "key")
def token_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The answer to the POST itself shows the token, once; no address and no message holds it.

    Whoever may make one proves again who they are: a token outlives the session, so a browser
    that somebody left open is not enough.
    """
    actor = Actor.of(request.user)
    organization = _own(actor, public_id, "tokens.create")
    raise_if_reauthentication_required(request, app="")
    form = TokenForm(posted(request))

    def write(facts: TokenFacts) -> tuple[ApiToken, Key]:
        return create_token(organization=organization, facts=facts, actor=actor)

    if made := written(request, form, write):
        token, key = made
        context = {"organization": organization, "token": token, "text": key.text}
        return render(request, "tokens/made.html", context)
    context = {"organization": organization, "form": form}
    return render(request, "tokens/new.html", context, status=form_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def token_revoke(request: HttpRequest, public_id: UUID, token_id: UUID) -> HttpResponse:
    actor = Actor.of(request.user)
    organization = _own(actor, public_id, "tokens.create")
    token = get_object_or_404(queries.tokens_of(organization, actor), public_id=token_id)
    form = forms.Form(posted(request))
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(form, lambda: revoke_token(token=token, actor=actor)):
        messages.success(request, _("令牌“%(token)s”已撤销。") % {"token": token})
        return redirect("token_list", organization.public_id)
    context = {"organization": organization, "token": token, "form": form}
    return render(request, "tokens/revoke.html", context, status=form_status(form))


def _own(actor: Actor, public_id: UUID, permission: str) -> Organization:
    """An organization of others is answered like an absent one, also when it is public."""
    organization = get_object_or_404(own_organizations(actor), public_id=public_id)
    if not may(permission, actor, organization):
        raise PermissionDenied
    return organization
