"""Opening accounts: who may, what is written, what is refused; no password anywhere."""

import json
import re
from typing import Any

import pytest

from accounts.models import User
from accounts.queries import person_by_email
from accounts.services import create_person, set_password
from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden, InvalidInput
from outbox.models import Message
from tests.records import SYSTEM, make_administrator, make_member, make_organization

pytestmark = pytest.mark.django_db

PASSWORD = "海上升明月-2026"


def open_account(actor: Actor = SYSTEM, **values: Any) -> User:
    return create_person(**{"email": "li@example.org", "password": PASSWORD, **values}, actor=actor)


def written() -> tuple[int, int, int]:
    return User.objects.count(), AuditEvent.objects.count(), Message.objects.count()


def test_account_is_opened_with_what_is_stated() -> None:
    made = open_account(email=" Li@Example.ORG ", name="李 明")

    kept = User.objects.get(pk=made.pk)
    assert (kept.email, kept.name, kept.grants) == ("li@example.org", "李 明", frozenset())
    assert kept.check_password(PASSWORD)
    assert (kept.is_active, kept.is_staff, kept.is_superuser) == (True, False, False)


def test_opening_is_told_once_and_never_the_password() -> None:
    before = written()

    made = open_account()

    assert written() == tuple(each + 1 for each in before)
    event = AuditEvent.objects.get(object_type="accounts.user", object_id=made.pk)
    assert (event.verb, event.details) == ("accounts.user.create", {})
    message = Message.objects.get(key=f"accounts.user:{made.pk}")
    assert (message.topic, message.payload) == ("accounts.user.create", {"id": made.pk})
    said = json.dumps([event.details, event.actor_label, message.payload], ensure_ascii=False)
    assert PASSWORD not in said
    assert made.password not in said


def test_system_administrators_and_the_platform_open_accounts() -> None:
    open_account(make_administrator("system"), email="a@example.org")
    open_account(SYSTEM, email="b@example.org")

    assert User.objects.filter(email__in=["a@example.org", "b@example.org"]).count() == 2


def test_others_do_not() -> None:
    owner = make_member(make_organization(), "owner")
    others = [make_administrator(duty) for duty in ("content", "catalogue", "audit")]
    before = written()

    for actor in (owner, *others, Actor(ActorKind.VISITOR), None):
        with pytest.raises(Forbidden):
            open_account(actor)  # type: ignore[arg-type]
    assert written() == before


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "li"}, "email"),
        ({"email": f"{'l' * 260}@example.org"}, "email"),
        ({"name": "李" * 61}, "name"),
        ({"password": ""}, "password"),
        ({"password": "短"}, "password"),
        ({"password": "password1"}, "password"),
        ({"password": "20261121202611"}, "password"),
        ({"email": "mingyue@example.org", "password": "mingyue@example"}, "password"),
        ({"name": "Mingyue Li", "password": "mingyue-li"}, "password"),
    ],
)
def test_faults_stand_at_their_field_and_nothing_is_written(
    values: dict[str, Any], field: str
) -> None:
    before = written()

    with pytest.raises(InvalidInput) as refused:
        open_account(**values)
    assert list(refused.value.fields) == [field]
    # In Chinese, whatever Django's own catalogue lacks.
    assert all(re.search("[一-龥]", text) for text in refused.value.fields[field])
    assert written() == before


def test_address_that_has_an_account_is_a_conflict_in_any_capitals() -> None:
    open_account()
    before = written()

    with pytest.raises(Conflict, match="已有账号"):
        open_account(email="LI@example.org")
    assert written() == before


def test_account_stored_in_capitals_is_one_too() -> None:
    User.objects.create(email="LI@Example.org")

    with pytest.raises(Conflict, match="已有账号"):
        open_account()
    assert person_by_email(" li@EXAMPLE.org ") == User.objects.get()


def test_platform_gives_an_account_another_password_and_says_so_without_it() -> None:
    person = open_account()

    set_password(person=person, password="潮平两岸阔-2026", actor=SYSTEM)

    kept = User.objects.get(pk=person.pk)
    assert kept.check_password("潮平两岸阔-2026")
    event = AuditEvent.objects.filter(object_type="accounts.user", object_id=person.pk).latest("pk")
    assert (event.verb, event.details) == ("accounts.user.set_password", {})


def test_nobody_else_gives_somebody_another_password() -> None:
    person = open_account()
    before = User.objects.get(pk=person.pk).password

    for actor in (make_administrator(), Actor.of(person), Actor(ActorKind.VISITOR)):
        with pytest.raises(Forbidden):
            set_password(person=person, password="潮平两岸阔-2026", actor=actor)

    assert User.objects.get(pk=person.pk).password == before


def test_password_that_is_too_easy_is_not_set() -> None:
    person = open_account()
    before = User.objects.get(pk=person.pk).password

    with pytest.raises(InvalidInput) as refusal:
        set_password(person=person, password="12345", actor=SYSTEM)

    assert refusal.value.fields["password"]
    assert User.objects.get(pk=person.pk).password == before
