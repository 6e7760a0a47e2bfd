"""Taking up, verifying and suspending organizations: who may, what is written, what is refused."""

import dataclasses
from typing import Any

import pytest
from pydantic import ValidationError

from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Conflict, DomainError, Forbidden, InvalidInput
from organizations.models import Organization
from organizations.services import (
    OrganizationFacts,
    register_organization,
    suspend_organization,
    verify_organization,
)
from organizations.transitions import LIFECYCLE
from outbox.models import Message
from tests.races import at_once
from tests.records import (
    FOSHAN,
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    credit_code,
    make_member,
    make_organization,
)
from tests.tables import Table

VISITOR = Actor(ActorKind.VISITOR)
ADMINISTRATOR = Actor(
    ActorKind.PERSON, user_id=0, label="admin", roles=frozenset({"administrator"})
)
FULL = {
    "name": "广州港股份有限公司",
    "legal_kind": "institution",
    "identifier": credit_code(900_001),
    "capacities": ["supply", "serve"],
    "attributes": ["state_owned", "high_tech"],
    "city": GUANGZHOU,
    "district": "guangzhou-nansha",
    "seat": "",
}
ROLES = (
    *("visitor", "stranger", "viewer", "editor", "owner"),
    *("administrator", "superuser", "system"),
)
ADMINISTER = {"administrator", "superuser", "system"}
STEPS = {
    ("submitted", "verify"): "verified",
    ("suspended", "verify"): "verified",
    ("verified", "suspend"): "suspended",
}


def actor_of(role: str, organization: Organization) -> Actor:
    if role in {"visitor", "system", "administrator"}:
        return {"visitor": VISITOR, "system": SYSTEM, "administrator": ADMINISTRATOR}[role]
    if role == "superuser":
        return dataclasses.replace(ADMINISTRATOR, roles=frozenset({"superuser"}))
    if role == "stranger":
        return make_member(make_organization(), "owner")
    return make_member(organization, role)


def written() -> tuple[int, int, int]:
    return Organization.objects.count(), AuditEvent.objects.count(), Message.objects.count()


def facts(**values: Any) -> OrganizationFacts:
    return OrganizationFacts(**{"name": "甲", "identifier": credit_code(900_000), **values})


@pytest.mark.django_db
def test_register_keeps_everything_that_is_stated() -> None:
    made = register_organization(facts=OrganizationFacts(**FULL), actor=ADMINISTRATOR)

    kept = Organization.objects.get(pk=made.pk)
    assert kept.city is not None
    assert kept.district is not None
    said = {name: getattr(kept, name) for name in set(FULL) - {"city", "district"}}
    assert {**said, "city": kept.city.code, "district": kept.district.code} == FULL
    assert (kept.state, kept.identifier_scheme) == ("submitted", "credit_code")


@pytest.mark.django_db
def test_register_with_name_and_number_alone() -> None:
    kept = register_organization(facts=facts(), actor=SYSTEM)

    kept.refresh_from_db()
    assert (kept.legal_kind, kept.capacities, kept.attributes) == (
        "enterprise",
        ["publish", "supply"],
        [],
    )
    assert (kept.city, kept.district, kept.seat, kept.state) == (None, None, "", "submitted")


@pytest.mark.django_db
def test_register_tells_of_it_once() -> None:
    before = written()

    made = register_organization(facts=facts(), actor=ADMINISTRATOR)

    assert written() == tuple(each + 1 for each in before)
    event = AuditEvent.objects.get(object_type="organizations.organization", object_id=made.pk)
    assert (event.verb, event.actor_label, event.details) == (
        "organizations.organization.register",
        "admin",
        {},
    )
    message = Message.objects.get(key=f"organizations.organization:{made.pk}")
    assert (message.topic, message.payload) == (
        "organizations.organization.register",
        {"id": made.pk},
    )


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(set(ROLES) - ADMINISTER))
def test_register_is_for_administrators(role: str) -> None:
    actor = actor_of(role, make_organization())
    before = written()

    with pytest.raises(Forbidden):
        register_organization(facts=facts(), actor=actor)
    assert written() == before


@pytest.mark.django_db
@pytest.mark.parametrize("actor", [None, "admin", object()], ids=lambda actor: type(actor).__name__)
def test_verbs_refuse_to_run_without_an_actor(actor: Any) -> None:
    organization = make_organization(verified=False)
    before = written()

    for act in (
        lambda: register_organization(facts=facts(), actor=actor),
        lambda: verify_organization(organization=organization, actor=actor),
        lambda: suspend_organization(organization=organization, actor=actor),
    ):
        with pytest.raises(Forbidden, match="缺少身份信息"):
            act()
    assert written() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"city": "430100"}, "city"),
        ({"city": SHENZHEN, "district": "guangzhou-nansha"}, "district"),
        ({"city": FOSHAN, "district": "guangzhou-nansha"}, "district"),
        ({"district": "guangzhou-nansha"}, "district"),
    ],
    ids=str,
)
def test_register_refuses_places_that_there_are_not(place: dict[str, str], field: str) -> None:
    before = written()

    with pytest.raises(InvalidInput) as refusal:
        register_organization(facts=facts(**place), actor=SYSTEM)
    assert set(refusal.value.fields) == {field}
    assert written() == before


@pytest.mark.django_db
def test_number_is_taken_once_in_its_scheme() -> None:
    first = make_organization(identifier="12345678", identifier_scheme="hong_kong")
    before = written()

    with pytest.raises(Conflict, match=r"12345678.*已经登记过"):
        make_organization(identifier=" １２３４５６７８ ", identifier_scheme="hong_kong")
    assert written() == before

    other = make_organization(identifier="12345678", identifier_scheme="macau")
    assert other.pk != first.pk


def test_of_two_who_register_the_same_number_at_once_one_is_told(committed_db: str) -> None:
    def register() -> str:
        try:
            register_organization(facts=facts(), actor=SYSTEM)
        except DomainError as error:
            return type(error).__name__
        return "won"

    assert sorted(at_once(register, register)) == ["Conflict", "won"]
    assert Organization.objects.count() == 1
    verb = "organizations.organization.register"
    assert AuditEvent.objects.filter(verb=verb).count() == 1
    assert Message.objects.filter(topic=verb).count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "字" * 121}, "name"),
        ({"name": "\u200b \u3164"}, "name"),
        ({"name": "甲\x00"}, "name"),
        ({"name": "甲\u202e乙"}, "name"),
        ({"identifier": "91440000MA5000000X"}, "identifier"),
        ({"identifier": "\x00"}, "identifier"),
        ({"identifier": "12", "identifier_scheme": "macau"}, "identifier"),
        ({"identifier_scheme": "passport"}, "identifier_scheme"),
        ({"legal_kind": "person"}, "legal_kind"),
        ({"capacities": []}, "capacities"),
        ({"capacities": ["review"]}, "capacities"),
        ({"attributes": ["famous"]}, "attributes"),
        ({"city": "\ud800"}, "city"),
        ({"city": "4" * 241}, "city"),
        ({"seat": "字" * 61}, "seat"),
        ({"state": "verified"}, "state"),
        ({"id": 1}, "id"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_facts_refuse_by_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        facts(**wrong)

    assert {each["loc"][0] for each in refusal.value.errors()} == {field}


def test_capacity_given_twice_counts_once() -> None:
    assert facts(capacities=["serve", "serve"]).capacities == ["serve"]


TABLE = Table(Organization, LIFECYCLE, {"verify": ADMINISTER, "suspend": ADMINISTER}, STEPS)


def test_table_of_this_test_is_complete() -> None:
    TABLE.assert_complete()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["verify", "suspend"])
@pytest.mark.parametrize("role", ROLES)
def test_transitions_follow_the_table(role: str, name: str) -> None:
    organization = make_organization()

    TABLE.assert_followed(organization, actor_of(role, organization), role, name)


@pytest.mark.django_db
def test_organization_is_verified_suspended_and_verified_again() -> None:
    organization = make_organization(verified=False)

    assert verify_organization(organization=organization, actor=SYSTEM).state == "verified"
    assert suspend_organization(organization=organization, actor=SYSTEM).state == "suspended"
    assert verify_organization(organization=organization, actor=SYSTEM).state == "verified"
    events = AuditEvent.objects.filter(
        object_type="organizations.organization", object_id=organization.pk
    ).order_by("id")
    assert [(each.verb.rpartition(".")[2], each.details.get("to")) for each in events] == [
        ("register", None),
        ("verify", "verified"),
        ("suspend", "suspended"),
        ("verify", "verified"),
    ]
