"""Reading how a member can be reached, which pages show masked."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST

from common.actor import Actor
from common.errors import Forbidden
from organizations.contacts import reveal_member_contact
from organizations.queries import visible_memberships


@require_POST
@login_required
def member_contact(request: HttpRequest, public_id: UUID, person_id: UUID) -> HttpResponse:
    """In the place of what was masked, or without scripts a page of its own; nothing keeps it."""
    actor = Actor.of(request.user)
    rows = visible_memberships(actor).filter(organization__public_id=public_id)
    rows = rows.select_related("organization", "user")
    membership = get_object_or_404(rows, user__public_id=person_id)
    try:
        contact = reveal_member_contact(membership=membership, actor=actor)
    except Forbidden as error:
        raise PermissionDenied from error
    context = {
        "organization": membership.organization,
        "person": membership.user,
        "contact": contact,
    }
    part = request.htmx  # type: ignore[attr-defined]
    page = "components/member_contact.html" if part else "organizations/member_contact.html"
    response = render(request, page, context)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request"])
    return response
