"""Every state × role × transition of an application."""

from typing import Any

import pytest

from applications.models import Application
from applications.transitions import LIFECYCLE
from common.actor import Actor, ActorKind
from common.models import database_now
from organizations.models import Membership
from tests.records import (
    SYSTEM,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)
from tests.roles import ADMINISTRATORS, AT_NANSHA, make_role, with_role
from tests.tables import Table

pytestmark = pytest.mark.django_db

# Who edits for both sides answers, but does not choose between applicants; nor does who belongs
# to a rival.
SUPPLIERS = {"supplier editor", "supplier owner", "supplier administrator", "both sides"}
HOSTS = {"host editor", "host owner", "host administrator"}
OTHERS = {
    "visitor",
    "stranger",
    *ADMINISTRATORS,
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
    if role in ADMINISTRATORS:
        return make_role(role)
    match role.split():
        case ["visitor"]:
            return Actor(ActorKind.VISITOR)
        case ["system"]:
            return SYSTEM
        case ["stranger"]:
            return make_member(make_organization(), "owner")
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
            return with_role(member, "administrator")
        case [side, held]:
            return make_member(supplier if side == "supplier" else scenario.organization, held)
    raise AssertionError(role)


def given(name: str) -> dict[str, Any]:
    if name == "submit":
        return {"values": {"submitted_at": database_now()}}
    return {"reason": "预算不足"} if name == "decline" else {}


TABLE = Table(Application, LIFECYCLE, HOLDERS, STEPS, given)


def test_table_of_this_test_is_complete() -> None:
    TABLE.assert_complete()


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize("role", ROLES)
def test_transitions_follow_the_table(role: str, name: str) -> None:
    partner = make_organization()
    host, supplier = (make_organization(**AT_NANSHA) for _ in range(2))
    application = make_application(
        make_scenario(host, co_publishers=[partner.identifier], contact_phone="020-1"),
        make_capability(supplier),
        submitted=False,
    )

    TABLE.assert_followed(application, actor_of(role, application), role, name)
