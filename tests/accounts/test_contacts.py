"""One's name and phone."""

import json

import pytest

from accounts.consents import give_consent
from accounts.contacts import shares_contact, update_contact
from accounts.enums import ConsentKind
from accounts.models import User
from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Forbidden, InvalidInput
from tests.records import make_administrator, make_member, make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("li@example.org", name="李明", phone="13800138000")


def test_change_is_kept_cleaned_and_told_without_the_values(person: User) -> None:
    update_contact(person=person, name=" 李 明 ", phone="+852 9123 4567", actor=Actor.of(person))

    kept = User.objects.get(pk=person.pk)
    assert (kept.name, kept.phone) == ("李 明", "+85291234567")
    event = AuditEvent.objects.get(verb="accounts.user.update_contact")
    assert event.details == {"changed": ["name", "phone"]}
    assert "91234567" not in json.dumps(event.details)


def test_what_did_not_change_is_not_told(person: User) -> None:
    update_contact(person=person, name="李明", phone="138 0013 8000", actor=Actor.of(person))

    assert not AuditEvent.objects.filter(verb="accounts.user.update_contact").exists()


def test_faulty_number_stands_at_its_field(person: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        update_contact(person=person, name="李明", phone="12345", actor=Actor.of(person))
    assert list(refused.value.fields) == ["phone"]


def test_nobody_changes_somebody_else(person: User) -> None:
    for actor in (make_administrator(), make_member(make_organization()), Actor(ActorKind.VISITOR)):
        with pytest.raises(Forbidden):
            update_contact(person=person, name="王", phone="", actor=actor)


def test_contacts_are_shared_by_those_who_said_so(person: User) -> None:
    assert not shares_contact(person)
    give_consent(person=person, kinds=[ConsentKind.SHARE_CONTACTS], actor=Actor.of(person))
    assert shares_contact(person)
