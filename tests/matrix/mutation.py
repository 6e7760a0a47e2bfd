"""The site with its permissions and its scoping removed: whoever asks may do all, and sees all.

What every rule and every query is built of is taken away at its root; the few views that ask
something else have their own line. What is left are the views, and states of records.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import EditWebAuthnView, RemoveWebAuthnView
from django.core.exceptions import FieldError
from django.db import IntegrityError

import common.permissions
import notifications.queries
import organizations.queries
import reviews.queries
import tokens.queries
from common.actor import Actor, Grant
from common.admin import ReadOnlyAdmin
from common.errors import Forbidden
from notifications.models import Notification
from organizations.enums import MemberRole
from organizations.models import Invitation, JoinRequest, Organization
from policy.models import ResponsibleBody
from tests.matrix.case import Case
from tests.matrix.routes import methods_of
from tests.matrix.runner import CLOSED, Cell, faults_of
from tests.matrix.table import Line, Table
from tests.matrix.world import World
from tokens.models import ApiToken

REFUSALS = {"login", "forbidden", "absent"}
# Whoever gets these has come in, also where the state of the record then says no; where verbs ask
# once more, "forbidden" in the place of "absent" tells that there is something.
TOLD = {"done", "shown", "invalid", "conflict", "forbidden"}
# What no permission keeps closed.
OTHERWISE_CLOSED = {
    "organization_review[draft]": "nobody reviews what was not handed in",
    "member_leave": "only who is a member can leave; there is nothing to leave for others",
    "admin:view_on_site": "people have no page: absent for whoever may ask",
    "admin:accounts_user_add": "the form is not made to be opened: read only for everybody",
    "admin:accounts_user_change": "the form is not made to be opened: read only for everybody",
}


@contextmanager
def open_to_all(world: World) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        everybodys(patch, common.permissions, "may", lambda *_: True)
        patch.setattr(Actor, "holds", lambda self, duty: True)
        patch.setattr(Actor, "grants_of", lambda self, duty: _grants(duty))
        for name in ("own_organizations", "organizations_behind", "editable_organizations"):
            everybodys(patch, organizations.queries, name, lambda actor: Organization.objects.all())
        everybodys(patch, organizations.queries, "roles_in", lambda *_: {*MemberRole})
        everybodys(
            patch, organizations.queries, "visible_invitations", lambda _: Invitation.objects.all()
        )
        for name in ("visible_join_requests", "own_join_requests"):
            everybodys(patch, organizations.queries, name, lambda _: JoinRequest.objects.all())
        for name in ("visible_to", "inbox"):
            everybodys(patch, notifications.queries, name, lambda _: Notification.objects.all())
        everybodys(patch, tokens.queries, "visible_to", lambda _: ApiToken.objects.all())
        expert = world.records["expert"]["own"]
        everybodys(patch, reviews.queries, "expert_of", lambda _: expert)
        for name in ("add", "change", "delete"):
            patch.setattr(ReadOnlyAdmin, f"has_{name}_permission", lambda *_: True)
        # No sign-in is asked for either, nor a second factor of one's own: whoever has neither is
        # taken for somebody who has no right but these.
        for name in ("visitor", "newcomer"):
            patch.setitem(world.callers, name, world.callers["unverified"])
        for view in (EditWebAuthnView, RemoveWebAuthnView):
            patch.setattr(view, "get_queryset", lambda _: Authenticator.objects.all())
        yield


def everybodys(
    patch: pytest.MonkeyPatch, home: Any, name: str, all_rows: Callable[..., Any]
) -> None:
    """Put it in the place of the function wherever that was imported."""
    scoped = getattr(home, name)
    for module in list(sys.modules.values()):
        if getattr(module, name, None) is scoped:
            patch.setattr(module, name, all_rows)


def _grants(duty: str) -> list[Grant]:
    """In the whole province, for every body."""
    bodies = ResponsibleBody.objects.values_list("pk", flat=True)
    return [Grant(duty), *(Grant(duty, body_id=each) for each in bodies)]


# The verb refuses what the page let in, or Django's admin site finds nothing that could be written
# (no field, no column filled, no row on the page): the page breaks of it, and the matrix with it.
BREAKS = (Forbidden, FieldError, IntegrityError, NameError)


def guarded(case: Case, table: Table) -> list[tuple[str, bool]]:
    """What must be caught: method, and whether of the sign-in (visitors) or of all the rest."""
    found: list[tuple[str, bool]] = []
    if case.name in OTHERWISE_CLOSED:
        return found
    for method in methods_of(case.route):
        lines = table[f"{method} {case.name}"]
        if all({*line.values()} <= CLOSED for line in lines.values()):
            continue
        found += [
            (method, of_visitors)
            for of_visitors in (True, False)
            if any(_refused(lines, of_visitors=of_visitors))
        ]
    return found


def _refused(lines: dict[str, Line], *, of_visitors: bool) -> Iterator[tuple[str, str]]:
    for side, line in lines.items():
        if side == "absent":
            continue
        for actor, outcome in line.items():
            if outcome in REFUSALS and (actor == "visitor") is of_visitors:
                yield side, actor


def is_caught(world: World, case: Case, table: Table, method: str, *, of_visitors: bool) -> bool:
    """Whether somebody refused is told more now, and the runner says so."""
    name = f"{method} {case.name}"
    with open_to_all(world):
        for side, actor in _refused(table[name], of_visitors=of_visitors):
            body = case.body(method, world, side)
            try:
                answer = world.callers[actor].call(method, case.path(world, side), body)
            except BREAKS:
                return True
            faults = faults_of(name, Cell(side, actor, answer), table[name])
            if answer.outcome in TOLD and any(faults):
                return True
    return False
