"""Devices that are signed in: names, lists, endings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import User
from accounts.sessions import device_name, end_session, end_sessions, note_use, sessions_of
from audit.models import AuditEvent
from common.actor import Actor
from common.errors import Forbidden, NotFound
from tests.accounts.devices import WINDOWS, begin
from tests.records import make_administrator

pytestmark = pytest.mark.django_db

APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.fixture
def person() -> User:
    return User.objects.create_user("li@example.org")


@pytest.mark.parametrize(
    ("says", "name"),
    [
        (WINDOWS, "Windows · Chrome"),
        (f"{WINDOWS} Edg/140.0", "Windows · Edge"),
        (f"{WINDOWS} wxwork/4.1.0 MicroMessenger/7.0.1", "Windows · 企业微信"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) {APPLE} MicroMessenger/8.0.50",
            "iPhone · 微信",
        ),
        (f"Mozilla/5.0 (Phone; OpenHarmony 5.0) {APPLE} Chrome/114 Safari/537.36", "鸿蒙 · Chrome"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X) {APPLE} Safari/605.1.15", "Mac · Safari"),
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0", "Linux · Firefox"),
        ("curl/8.0", "未知设备"),
        ("", "未知设备"),
    ],
)
def test_device_has_the_name_that_people_call_it(says: str, name: str) -> None:
    assert device_name(says) == name


def test_list_holds_open_sessions_of_the_person_this_one_first(person: User) -> None:
    old = timezone.now() - timedelta(days=1)
    here = begin(person, last_seen_at=old)
    other = begin(person)
    begin(User.objects.create_user("wang@example.org"))
    ended = begin(person)
    Session.objects.filter(session_key=ended.session_key).delete()
    expired = begin(person)
    Session.objects.filter(session_key=expired.session_key).update(expire_date=old)

    listed = sessions_of(person, here.session_key)

    assert [(each.number, each.is_here) for each in listed] == [(here.pk, True), (other.pk, False)]


def test_use_is_noted(person: User) -> None:
    row = begin(person, last_seen_at=timezone.now() - timedelta(days=1))

    note_use(key=row.session_key, address="198.51.100.7")

    row.refresh_from_db()
    assert row.ip == "198.51.100.7"
    assert timezone.now() - row.last_seen_at < timedelta(minutes=1)


def test_one_is_ended_and_the_log_says_which_device(person: User) -> None:
    row, other = begin(person), begin(person)

    end_session(person=person, number=row.pk, actor=Actor.of(person))

    assert [*Session.objects.values_list("pk", flat=True)] == [other.session_key]
    assert [*UserSession.objects.all()] == [other]
    event = AuditEvent.objects.get(verb="accounts.user.end_session")
    assert event.details["device"] == "Windows · Chrome"
    assert row.session_key not in str(event.details)
    with pytest.raises(NotFound):
        end_session(person=person, number=row.pk, actor=Actor.of(person))


def test_all_but_this_one_are_ended(person: User) -> None:
    here = begin(person)
    for _ in range(3):
        begin(person)
    strange = begin(User.objects.create_user("wang@example.org"))

    ended = end_sessions(person=person, actor=Actor.of(person), keep=here.session_key)

    assert ended == 3
    assert {*Session.objects.values_list("pk", flat=True)} == {
        here.session_key,
        strange.session_key,
    }


def test_nobody_ends_or_finds_the_session_of_somebody_else(person: User) -> None:
    row = begin(person)
    wang = User.objects.create_user("wang@example.org")

    with pytest.raises(NotFound):
        end_session(person=wang, number=row.pk, actor=Actor.of(wang))
    for actor in (Actor.of(wang), make_administrator()):
        with pytest.raises(Forbidden):
            end_session(person=person, number=row.pk, actor=actor)
        with pytest.raises(Forbidden):
            end_sessions(person=person, actor=actor)
    assert Session.objects.filter(pk=row.session_key).exists()
