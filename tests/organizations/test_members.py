"""Letting people act for an organization."""

from collections.abc import Callable

import pytest

from accounts.models import User
from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden, NotFound
from organizations.enums import MemberRole
from organizations.joining import accept_join_request
from organizations.models import Membership, Organization
from organizations.queries import role_of
from organizations.services import add_member, change_role, remove_member
from outbox.models import Message
from tests.people import ask
from tests.records import (
    SYSTEM,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("li@example.org")


@pytest.mark.parametrize("who", ["system", "administrator", "owner"])
def test_member_is_added_by_whoever_may(who: str, person: User) -> None:
    organization = make_organization()
    actors = {"system": SYSTEM, "administrator": make_administrator("system")}
    actor = actors.get(who) or make_member(organization, "owner")

    add_member(organization=organization, person=person, role=MemberRole.EDITOR, actor=actor)

    made = Membership.objects.get(user=person)
    assert (made.organization, made.role) == (organization, "editor")
    event = AuditEvent.objects.get(verb="organizations.organization.add_member")
    assert event.object_id == str(organization.pk)
    assert event.details == {"user": person.pk, "role": "editor"}
    message = Message.objects.get(topic="organizations.organization.add_member")
    assert message.payload == {"id": organization.pk, "user": person.pk, "role": "editor"}


@pytest.mark.parametrize("who", ["visitor", "viewer", "editor", "owner elsewhere", "nobody"])
def test_others_may_not_add(who: str, person: User) -> None:
    organization = make_organization()
    actors = {
        "visitor": Actor(ActorKind.VISITOR),
        "viewer": make_member(organization, "viewer"),
        "editor": make_member(organization, "editor"),
        "owner elsewhere": make_member(make_organization(), "owner"),
        "nobody": None,
    }

    with pytest.raises(Forbidden):
        add_member(
            organization=organization,
            person=person,
            role=MemberRole.OWNER,
            actor=actors[who],  # type: ignore[arg-type]
        )
    assert not Membership.objects.filter(user=person).exists()
    assert not AuditEvent.objects.filter(verb__endswith="add_member").exists()


def test_member_is_not_added_again_in_another_role(person: User) -> None:
    organization = make_organization()
    add_member(organization=organization, person=person, role=MemberRole.VIEWER, actor=SYSTEM)

    with pytest.raises(Conflict, match="已经是"):
        add_member(organization=organization, person=person, role=MemberRole.OWNER, actor=SYSTEM)
    assert Membership.objects.get(user=person).role == "viewer"
    assert AuditEvent.objects.filter(verb__endswith="add_member").count() == 1


def test_person_may_act_for_several(person: User) -> None:
    for organization in (make_organization(), make_organization()):
        add_member(organization=organization, person=person, role=MemberRole.OWNER, actor=SYSTEM)

    assert Membership.objects.filter(user=person).count() == 2


# Another role, or none

VERBS: dict[str, Callable[[Organization, User, Actor], object]] = {
    "change_role": lambda organization, person, actor: change_role(
        organization=organization, person=person, role=MemberRole.EDITOR, actor=actor
    ),
    "remove_member": lambda organization, person, actor: remove_member(
        organization=organization, person=person, actor=actor
    ),
}


def somebody(who: str, organization: Organization) -> Actor:
    made = {
        "system": lambda: SYSTEM,
        "administrator": lambda: make_administrator("system"),
        "owner": lambda: make_member(organization, "owner"),
        "visitor": lambda: Actor(ActorKind.VISITOR),
        "viewer": lambda: make_member(organization, "viewer"),
        "editor": lambda: make_member(organization, "editor"),
        "owner elsewhere": lambda: make_member(make_organization(), "owner"),
    }
    return made[who]()


@pytest.mark.parametrize("who", ["system", "administrator", "owner"])
@pytest.mark.parametrize(
    ("verb", "role", "details"),
    [
        ("change_role", "editor", {"before": "viewer", "after": "editor"}),
        ("remove_member", None, {"role": "viewer"}),
    ],
)
def test_role_ends_or_changes_by_whoever_may(who: str, verb: str, role, details) -> None:
    organization = make_organization()
    person = user_of(make_member(organization, "viewer"))

    VERBS[verb](organization, person, somebody(who, organization))

    assert role_of(organization, person) == role
    event = AuditEvent.objects.get(verb=f"organizations.organization.{verb}")
    assert event.object_id == str(organization.pk)
    assert event.details == {"user": person.pk, **details}
    message = Message.objects.get(topic=f"organizations.organization.{verb}")
    said = details.get("role", details.get("after"))
    former = {"before": "viewer"} if verb == "change_role" else {}
    told = {"id": organization.pk, "user": person.pk, "role": said, **former}
    assert message.payload == told


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["visitor", "viewer", "editor", "owner elsewhere"])
def test_others_change_no_role(who: str, verb: str) -> None:
    organization = make_organization()
    person = user_of(make_member(organization, "viewer"))

    with pytest.raises(Forbidden):
        VERBS[verb](organization, person, somebody(who, organization))
    assert role_of(organization, person) == "viewer"
    assert not AuditEvent.objects.filter(verb__endswith=verb).exists()


@pytest.mark.parametrize("verb", VERBS)
def test_last_owner_stays(verb: str) -> None:
    organization = make_organization()
    first, second = (make_member(organization, "owner") for _ in range(2))
    make_member(organization, "editor")

    VERBS[verb](organization, user_of(second), first)
    for actor in (SYSTEM, first):
        with pytest.raises(Conflict, match="最后一位负责人"):
            VERBS[verb](organization, user_of(first), actor)
    assert role_of(organization, user_of(first)) == "owner"


@pytest.mark.parametrize("verb", VERBS)
def test_stranger_has_no_role_to_change(verb: str, person: User) -> None:
    organization = make_organization()
    elsewhere = make_organization()
    add_member(organization=elsewhere, person=person, role=MemberRole.VIEWER, actor=SYSTEM)

    with pytest.raises(NotFound):
        VERBS[verb](organization, person, SYSTEM)
    assert role_of(elsewhere, person) == "viewer"


def test_role_that_one_has_is_said(person: User) -> None:
    organization = make_organization()
    add_member(organization=organization, person=person, role=MemberRole.EDITOR, actor=SYSTEM)

    with pytest.raises(Conflict, match="角色就是“编辑”"):
        VERBS["change_role"](organization, person, SYSTEM)
    assert not AuditEvent.objects.filter(verb__endswith="change_role").exists()


def test_a_system_administrator_lets_others_in_and_never_himself() -> None:
    organization = make_organization()
    administrator = make_administrator("system")
    person = user_of(administrator)

    with pytest.raises(Forbidden):
        add_member(
            organization=organization, person=person, role=MemberRole.OWNER, actor=administrator
        )
    request = ask(organization, administrator)
    with pytest.raises(Forbidden):
        accept_join_request(request=request, role=MemberRole.OWNER, actor=administrator)
    assert role_of(organization, person) is None

    Membership.objects.create(organization=organization, user=person, role=MemberRole.VIEWER)
    with pytest.raises(Forbidden):
        change_role(
            organization=organization, person=person, role=MemberRole.OWNER, actor=administrator
        )
    assert role_of(organization, person) is MemberRole.VIEWER
