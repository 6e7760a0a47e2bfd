"""Verbs on applications."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

import audit.services
from applications.enums import ApplicationState
from applications.facts import ApplicationFacts
from applications.models import Application
from applications.queries import Contact, stated_contact
from applications.transitions import may_be_begun
from audit.digests import digest_of
from capabilities.models import Capability
from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden, NotFound
from common.models import database_now, refuse_duplicates, refuse_stale
from common.permissions import may
from lifecycle.news import announce
from lifecycle.services import advance
from lifecycle.steps import Steps
from scenarios.models import Scenario

ANSWERED = "这项能力已经申请过这个场景，请到“对接申请”中查看进展。"


def create_application(
    *, scenario: Scenario, capability: Capability, facts: ApplicationFacts, actor: Actor
) -> Application:
    """Begin an answer as a draft, which only the supplier sees.

    Raises Forbidden, Conflict (the call is not open, own scenario, not published or verified,
    already answered with this capability).
    """
    actor = require_actor(actor)
    if not may("applications.create", actor, capability):
        raise Forbidden("您不能以这项能力的名义申请。")
    with transaction.atomic():
        application = Application(scenario=scenario, capability=capability, **facts.model_dump())
        may_be_begun(application)
        with refuse_duplicates("applications_one_per_capability", ANSWERED):
            application.save()
        announce(application, "create", actor)
    return application


def change_application(
    *,
    application: Application,
    facts: ApplicationFacts,
    actor: Actor,
    unchanged_since: datetime | None = None,
) -> Application:
    """Replace what a draft says.

    ``unchanged_since``: the ``updated_at`` that was edited. Raises NotFound, Forbidden, Conflict
    (submitted already, or changed since).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        locked = (
            Application.objects.select_for_update(of=("self",)).filter(pk=application.pk).first()
        )
        if locked is None:
            raise NotFound("这份申请已不存在。")
        if not may("applications.change", actor, locked):
            raise Forbidden("您不能修改这份申请。")
        if locked.state != ApplicationState.DRAFT:
            raise Conflict(f"申请“{locked.get_state_display()}”，不能修改；可以撤回后重新申请。")
        refuse_stale(locked, unchanged_since)
        before = digest_of(locked)
        for name, value in facts.model_dump().items():
            setattr(locked, name, value)
        locked.save()
        announce(locked, "change", actor, before=before)
    return locked


def submit_application(*, application: Application, actor: Actor) -> Application:
    """Hand it to the publisher; raises Conflict when the call is not, or no longer, open."""
    return advance(application, "submit", actor, values={"submitted_at": database_now()})


def discard_application(*, application: Application, actor: Actor) -> Application:
    return advance(application, "discard", actor)


def withdraw_application(*, application: Application, actor: Actor) -> Application:
    return advance(application, "withdraw", actor)


def shortlist_application(*, application: Application, actor: Actor) -> Application:
    return advance(application, "shortlist", actor)


def select_application(*, application: Application, actor: Actor) -> Application:
    return advance(application, "select", actor)


def connect_application(*, application: Application, actor: Actor) -> Application:
    """Show the scenario's contact to the supplier; raises Conflict when none is stated."""
    return advance(application, "connect", actor)


def decline_application(*, application: Application, reason: str, actor: Actor) -> Application:
    """The supplier is told why; raises InvalidInput without a reason."""
    return advance(application, "decline", actor, reason=reason)


def reveal_contact(*, application: Application, actor: Actor) -> Contact:
    """What the supplier's pages show masked, in full; that somebody read it is on record.

    Raises Forbidden (no member of the supplier), Conflict (not connected).
    """
    actor = require_actor(actor)
    if not may("applications.reveal_contact", actor, application):
        raise Forbidden("只有申请方的成员可以查看联系方式。")
    contact = stated_contact(application, actor)
    if contact is None:
        raise Conflict("发布单位还没有出示联系方式。")
    with transaction.atomic():
        verb = "applications.application.reveal_contact"
        audit.services.record(actor=actor, verb=verb, obj=application)
    return contact


STEPS = Steps(
    "application",
    {
        "submit": submit_application,
        "discard": discard_application,
        "withdraw": withdraw_application,
        "shortlist": shortlist_application,
        "select": select_application,
        "connect": connect_application,
        "decline": decline_application,
    },
)
