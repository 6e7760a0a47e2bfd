"""What people agreed to: versions, withdrawal, evidence that nobody overwrites."""

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts import consents
from accounts.consents import consents_of, give_consent, has_given, owes_consent, withdraw_sharing
from accounts.enums import ConsentKind
from accounts.models import Consent, User
from audit.models import AuditEvent
from common.actor import Actor
from common.errors import Forbidden
from tests.records import SYSTEM, make_administrator

pytestmark = pytest.mark.django_db

TERMS, SHARE = ConsentKind.TERMS, ConsentKind.SHARE_CONTACTS


@pytest.fixture
def person() -> User:
    return User.objects.create_user("li@example.org")


def agree(person: User, *kinds: ConsentKind) -> None:
    give_consent(person=person, kinds=kinds or [TERMS], actor=Actor.of(person))


def test_consent_counts_for_its_kind_and_version_alone(person: User, monkeypatch) -> None:
    assert owes_consent(person)
    agree(person)
    assert not owes_consent(person)
    assert not has_given(person, SHARE)

    monkeypatch.setitem(consents.VERSIONS, TERMS, "2027-01")
    assert owes_consent(person)
    agree(person)
    assert not owes_consent(person)
    assert [each.version for each in consents_of(person)] == ["2027-01", "2026-11"]


def test_invented_people_owe_nothing() -> None:
    invented = User.objects.create_user("li@example.org", is_demonstration=True)

    assert not owes_consent(invented)


def test_agreeing_twice_is_agreeing_once(person: User) -> None:
    agree(person)
    first = Consent.objects.get()
    agree(person)

    assert Consent.objects.get() == first
    assert AuditEvent.objects.filter(verb="accounts.user.give_consent").count() == 1


def test_sharing_is_withdrawn_and_given_anew(person: User) -> None:
    agree(person, SHARE)
    withdraw_sharing(person=person, actor=Actor.of(person))
    assert not has_given(person, SHARE)
    withdraw_sharing(person=person, actor=Actor.of(person))
    agree(person, SHARE)

    assert has_given(person, SHARE)
    assert [each.withdrawn_at is None for each in consents_of(person)] == [True, False]
    assert AuditEvent.objects.filter(verb="accounts.user.withdraw_consent").count() == 1


def test_nobody_agrees_for_somebody_else(person: User) -> None:
    for actor in (SYSTEM, make_administrator(), Actor.of(User.objects.create_user("wang@b.cn"))):
        with pytest.raises(Forbidden):
            give_consent(person=person, kinds=[TERMS], actor=actor)
        with pytest.raises(Forbidden):
            withdraw_sharing(person=person, actor=actor)
    assert not Consent.objects.filter(user=person).exists()


@pytest.mark.parametrize(
    "change",
    [
        "version = '2099-01'",
        "given_at = now() - interval '1 year'",
        "kind = 'share_contacts'",
        "withdrawn_at = NULL",
        "withdrawn_at = now(), version = '2099-01'",
    ],
)
def test_database_refuses_to_overwrite(person: User, change: str) -> None:
    agree(person)

    with (
        pytest.raises(ProgrammingError, match="never overwritten"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE accounts_consent SET {change}")
