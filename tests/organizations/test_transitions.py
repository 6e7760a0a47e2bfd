"""Every state × role × transition of an organization, and of what is asked on its way."""

from typing import Any

import pytest

from accounts.models import User
from common.actor import Actor, ActorKind
from lifecycle.services import available
from organizations import transitions
from organizations.models import (
    Amendment,
    Evidence,
    Invitation,
    JoinRequest,
    Membership,
    Organization,
)
from organizations.queries import stated_facts
from tests.evidence import make_draft, make_evidence, make_submitted
from tests.records import (
    GUANGZHOU,
    SYSTEM,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)
from tests.tables import Table

pytestmark = pytest.mark.django_db

EDITORS = {"editor", "owner"}
# In charge of content where it sits: the city's, the province's, the platform itself.
REVIEWERS = {"content of the city", "content of the province", "system"}
KEEPERS = {"accounts of the city", "system"}
ROLES = (
    *("visitor", "stranger", "viewer", "editor", "owner", "invited", "asking"),
    *("content of the city", "content of the province", "content elsewhere"),
    *("content and viewer", "accounts of the city", "catalogue", "system"),
)


def actor_of(role: str, organization: Organization) -> Actor:
    match role.split():
        case ["visitor"]:
            return Actor(ActorKind.VISITOR)
        case ["system"]:
            return SYSTEM
        case ["stranger"]:
            return make_member(make_organization(), "owner")
        case ["invited" | "asking"]:
            return Actor.of(User.objects.get(email=f"{role}@example.org"))
        case ["content", "of", "the", "city"]:
            return make_administrator("content", city=GUANGZHOU)
        case ["content", "of", "the", "province"]:
            return make_administrator("content")
        case ["content", "elsewhere"]:
            return make_administrator("content", city="440300")
        case ["content", "and", "viewer"]:
            actor = make_administrator("content")
            Membership.objects.create(organization=organization, user=user_of(actor), role="viewer")
            return actor
        case ["accounts", *_]:
            return make_administrator("system", city=GUANGZHOU)
        case ["catalogue"]:
            return make_administrator("catalogue")
    return make_member(organization, role)


def reason(*names: str) -> Any:
    return lambda name: {"reason": "请补充"} if name in names else {}


ORGANIZATION = Table(
    Organization,
    transitions.LIFECYCLE,
    {
        "submit": EDITORS,
        "recall": EDITORS,
        # Whoever belongs to it does not check it (THREATS F10).
        **dict.fromkeys(("verify", "return", "reject", "reopen", "suspend", "restore"), REVIEWERS),
    },
    {
        ("draft", "submit"): "submitted",
        ("returned", "submit"): "submitted",
        ("submitted", "recall"): "draft",
        ("submitted", "verify"): "verified",
        ("submitted", "return"): "returned",
        ("submitted", "reject"): "rejected",
        ("rejected", "reopen"): "returned",
        ("verified", "suspend"): "suspended",
        ("suspended", "restore"): "verified",
    },
    reason("return", "reject", "reopen", "suspend", "restore"),
    # A draft belongs to its authors.
    barred={"draft": REVIEWERS - {"system"}},
)
EVIDENCE = Table(
    Evidence,
    transitions.EVIDENCE,
    {
        "confirm": REVIEWERS,
        "decline": REVIEWERS,
        "withdraw": EDITORS,
        "replace": REVIEWERS,
        "expire": {"system"},
    },
    {
        ("stated", "confirm"): "confirmed",
        ("stated", "decline"): "declined",
        ("confirmed", "decline"): "declined",
        ("stated", "withdraw"): "withdrawn",
        ("confirmed", "withdraw"): "withdrawn",
        ("confirmed", "replace"): "replaced",
        ("confirmed", "expire"): "expired",
    },
    reason("decline"),
    # Others rely on what was checked.
    barred={"confirmed": {"editor"}},
)
AMENDMENT = Table(
    Amendment,
    transitions.AMENDMENT,
    {"approve": REVIEWERS, "decline": REVIEWERS, "withdraw": EDITORS},
    {
        ("pending", "approve"): "approved",
        ("pending", "decline"): "declined",
        ("pending", "withdraw"): "withdrawn",
    },
    reason("decline"),
)
JOIN_REQUEST = Table(
    JoinRequest,
    transitions.JOIN_REQUEST,
    {
        "accept": {"owner"} | KEEPERS,
        "decline": {"owner"} | KEEPERS,
        "withdraw": {"asking"},
    },
    {
        ("pending", "accept"): "accepted",
        ("pending", "decline"): "declined",
        ("pending", "withdraw"): "withdrawn",
    },
)
INVITATION = Table(
    Invitation,
    transitions.INVITATION,
    {"accept": {"invited"}, "revoke": {"owner"} | KEEPERS},
    {("pending", "accept"): "accepted", ("pending", "revoke"): "revoked"},
)
TABLES = {
    "organization": ORGANIZATION,
    "evidence": EVIDENCE,
    "amendment": AMENDMENT,
    "join request": JOIN_REQUEST,
    "invitation": INVITATION,
}


def record_of(noun: str, organization: Organization) -> Any:
    asking = User.objects.create_user("asking@example.org")
    User.objects.create_user("invited@example.org")
    match noun:
        case "evidence":
            return make_evidence(organization)
        case "amendment":
            values = stated_facts(organization).model_dump(mode="json")
            return Amendment.objects.create(organization=organization, values=values)
        case "join request":
            return JoinRequest.objects.create(organization=organization, user=asking)
        case "invitation":
            return Invitation.objects.create(
                organization=organization,
                email="Invited@example.org",
                role="editor",
                nonce="0",
                token_hash="0",
                expires_at="2100-01-01T00:00Z",
            )
    return organization


@pytest.mark.parametrize("noun", TABLES)
def test_tables_of_this_test_are_complete(noun: str) -> None:
    TABLES[noun].assert_complete()


@pytest.mark.parametrize("role", sorted((REVIEWERS | KEEPERS) - {"system"}))
@pytest.mark.parametrize("noun", [noun for noun in TABLES if noun != "organization"])
def test_nobody_in_charge_decides_what_belongs_to_a_draft(noun: str, role: str) -> None:
    organization = make_draft(city=GUANGZHOU).organization
    record, actor = record_of(noun, organization), actor_of(role, organization)

    assert available(record, actor) == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("noun", "name"), [(noun, name) for noun, table in TABLES.items() for name in table.holders]
)
def test_transitions_follow_the_table(noun: str, name: str, role: str) -> None:
    organization = make_submitted(city=GUANGZHOU).organization
    record = record_of(noun, organization)

    TABLES[noun].assert_followed(record, actor_of(role, organization), role, name)
