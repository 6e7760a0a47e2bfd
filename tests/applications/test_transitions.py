"""Every state × role × transition of an application."""

import dataclasses
from typing import Any

import pytest

from applications.enums import ApplicationState
from applications.models import Application
from applications.transitions import LIFECYCLE
from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden
from common.models import database_now
from lifecycle.services import advance, available
from organizations.models import Membership
from outbox.models import Message
from tests.records import (
    SYSTEM,
    make_administrator,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)

pytestmark = pytest.mark.django_db

# Who edits for both sides answers, but does not choose between applicants; nor does who belongs
# to a rival.
SUPPLIERS = {"supplier editor", "supplier owner", "supplier administrator", "both sides"}
HOSTS = {"host editor", "host owner", "host administrator"}
OTHERS = {
    "visitor",
    "stranger",
    "administrator",
    "superuser",
    "system",
    "supplier viewer",
    "host viewer",
    "partner editor",
    "rival editor",
    "rival viewer and host owner",
}
HOLDERS = {
    "submit": SUPPLIERS,
    "discard": SUPPLIERS,
    "withdraw": SUPPLIERS,
    "shortlist": HOSTS,
    "select": HOSTS,
    "connect": HOSTS,
    "decline": HOSTS,
}
STEPS = {
    ("draft", "submit"): "submitted",
    ("draft", "discard"): "discarded",
    ("submitted", "withdraw"): "withdrawn",
    ("shortlisted", "withdraw"): "withdrawn",
    ("submitted", "shortlist"): "shortlisted",
    ("submitted", "select"): "selected",
    ("shortlisted", "select"): "selected",
    ("selected", "connect"): "connected",
    ("submitted", "decline"): "declined",
    ("shortlisted", "decline"): "declined",
}
ROLES = sorted(SUPPLIERS | HOSTS | OTHERS)


def actor_of(role: str, application: Application) -> Actor:
    scenario, supplier = application.scenario, application.organization
    match role.split():
        case ["visitor"]:
            return Actor(ActorKind.VISITOR)
        case ["system"]:
            return SYSTEM
        case ["stranger"]:
            return make_member(make_organization(), "owner")
        case ["administrator"]:
            return make_administrator()
        case ["superuser"]:
            stranger = make_member(make_organization(), "owner")
            return dataclasses.replace(stranger, roles=frozenset({"superuser"}))
        case ["partner", held]:
            return make_member(scenario.co_publishers.get(), held)
        case ["rival", held]:
            rival = make_application(scenario)
            return make_member(rival.organization, held)
        case ["both", "sides"]:
            member = make_member(scenario.organization, "owner")
            Membership.objects.create(organization=supplier, user_id=member.user_id, role="editor")
            return member
        case ["rival", *_]:
            member = make_member(scenario.organization, "owner")
            rival = make_application(scenario).organization
            Membership.objects.create(organization=rival, user_id=member.user_id, role="viewer")
            return member
        case [side, "administrator"]:
            member = make_member(supplier if side == "supplier" else scenario.organization)
            return dataclasses.replace(member, roles=frozenset({"administrator"}))
        case [side, held]:
            return make_member(supplier if side == "supplier" else scenario.organization, held)
    raise AssertionError(role)


def written(application: Application) -> tuple[dict[str, Any], int, int]:
    row = Application.objects.filter(pk=application.pk).values().get()
    return row, AuditEvent.objects.count(), Message.objects.count()


def test_table_of_this_test_is_complete() -> None:
    assert set(HOLDERS) == {each.name for each in LIFECYCLE.transitions}
    assert set(STEPS) == {
        (source, each.name) for each in LIFECYCLE.transitions for source in each.sources
    }


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize("role", ROLES)
def test_transitions_follow_the_table(role: str, name: str) -> None:
    partner = make_organization()
    application = make_application(
        make_scenario(co_publishers=[partner.identifier], contact_phone="020-1"),
        make_capability(),
        submitted=False,
    )
    actor = actor_of(role, application)
    now = database_now()

    for state in ApplicationState.values:
        Application.objects.filter(pk=application.pk).update(state=state)
        mine = Application.objects.get(pk=application.pk)
        target = STEPS.get((state, name)) if role in HOLDERS[name] else None
        offered = {each.name for each in available(mine, actor)}
        assert (name in offered) is (target is not None), state
        before = written(mine)
        if target:
            reason = {"reason": "预算不足"} if name == "decline" else {}
            values = {"submitted_at": now} if name == "submit" else {}
            assert advance(mine, name, actor, **reason, values=values).state == target
            row, *counts = written(mine)
            assert counts == [before[1] + 1, before[2] + 1]
            changed = {key for key in row if row[key] != before[0][key]}
            assert changed == {"state", "updated_at", *values}
            event, message = AuditEvent.objects.latest("id"), Message.objects.latest("id")
            told = reason | ({"submitted_at": said(now)} if values else {})
            assert event.details == {"from": state, "to": target, "details": told}
            assert event.verb == message.topic == f"applications.application.{name}"
            assert message.key == f"applications.application:{mine.pk}"
            assert message.payload == {"id": mine.pk, "details": told}
        else:
            with pytest.raises(Conflict if role in HOLDERS[name] else Forbidden):
                advance(mine, name, actor, reason="预算不足")
            assert written(mine) == before, state


def said(moment: Any) -> str:
    """As JSON keeps it."""
    return f"{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{moment.microsecond // 1000:03}Z"
