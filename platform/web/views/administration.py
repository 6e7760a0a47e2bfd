"""What administrators have to decide, the longest waiting first."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import scenarios.queries
from accounts.rules import is_administrator
from common.actor import Actor
from matching.queries import present, progress
from organizations.queries import awaiting_verification

MANY = 50  # of each queue; what is decided makes room for the rest
View = Callable[..., HttpResponse]


def administrators_only(view: View) -> View:
    """Visitors are asked to sign in, everybody else is refused."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_administrator(Actor.of(request.user)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@administrators_only
def administration(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request.user)
    waiting = scenarios.queries.awaiting_review(actor)
    changed = scenarios.queries.changed_since_review(actor)
    organizations = awaiting_verification()
    return render(
        request,
        "administration/index.html",
        {
            "scenarios": waiting.select_related("organization", "city")[:MANY],
            "scenario_count": waiting.count(),
            "changed": changed.select_related("organization", "city")[:MANY],
            "changed_count": changed.count(),
            "organizations": organizations[:MANY],
            "organization_count": organizations.count(),
            "many": MANY,
            "present": present(),
            "under_way": progress(),
        },
    )
