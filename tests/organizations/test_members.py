"""Letting people act for an organization."""

import pytest

from accounts.models import User
from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden
from organizations.enums import MemberRole
from organizations.models import Membership
from organizations.services import add_member
from outbox.models import Message
from tests.records import SYSTEM, make_administrator, make_member, make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("li@example.org")


@pytest.mark.parametrize("who", ["system", "administrator", "owner"])
def test_member_is_added_by_whoever_may(who: str, person: User) -> None:
    organization = make_organization()
    actors = {"system": SYSTEM, "administrator": make_administrator()}
    actor = actors.get(who) or make_member(organization, "owner")

    add_member(organization=organization, person=person, role=MemberRole.EDITOR, actor=actor)

    made = Membership.objects.get(user=person)
    assert (made.organization, made.role) == (organization, "editor")
    event = AuditEvent.objects.get(verb="organizations.organization.add_member")
    assert event.object_id == str(organization.pk)
    assert event.details == {"user": person.pk, "role": "editor"}
    message = Message.objects.get(topic="organizations.organization.add_member")
    assert message.payload == {"id": organization.pk}


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
