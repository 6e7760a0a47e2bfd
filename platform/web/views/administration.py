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
from organizations.queries import awaiting_verification

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
    return render(
        request,
        "administration/index.html",
        {
            "organizations": awaiting_verification(),
            "scenarios": scenarios.queries.awaiting_review(actor).select_related(
                "organization", "city"
            ),
        },
    )
