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
from accounts.enums import Duty
from authorities.queries import held_by
from common.actor import Actor
from matching.queries import present, progress
from organizations.queries import awaiting_verification

MANY = 50  # of each queue; what is decided makes room for the rest
View = Callable[..., HttpResponse]


def for_duty(*duties: Duty) -> Callable[[View], View]:
    """Pages of those who hold one of the duties, somewhere; what they see there is up to queries.

    Visitors are asked to sign in, everybody else is refused.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = Actor.of(request.user)
            if not any(actor.holds(duty) for duty in duties):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


@require_safe
@for_duty(*Duty)
def administration(request: HttpRequest) -> HttpResponse:
    """The way to everything that the reader's duties cover; queues of content stand here."""
    actor = Actor.of(request.user)
    context: dict[str, Any] = {
        "held": held_by(actor),
        "duties": {duty.value: actor.holds(duty) for duty in Duty},
    }
    if actor.holds(Duty.CONTENT):
        context |= _content_queues(actor)
    return render(request, "administration/index.html", context)


def _content_queues(actor: Actor) -> dict[str, Any]:
    waiting = scenarios.queries.awaiting_review(actor)
    changed = scenarios.queries.changed_since_review(actor)
    organizations = awaiting_verification(actor)
    return {
        "scenarios": waiting.select_related("organization", "city")[:MANY],
        "scenario_count": waiting.count(),
        "changed": changed.select_related("organization", "city")[:MANY],
        "changed_count": changed.count(),
        "organizations": organizations[:MANY],
        "organization_count": organizations.count(),
        "many": MANY,
        "present": present(),
        "under_way": progress(),
    }
