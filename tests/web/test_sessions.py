"""Devices that are signed in, on the page of their owner."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.consents import give_consent
from accounts.enums import ConsentKind
from accounts.models import User
from accounts.sessions import NOTED
from audit.models import AuditEvent
from common.actor import Actor
from tests.pages import read

pytestmark = pytest.mark.django_db

PASSWORD, OTHER = "海上升明月-2026", "天涯共此时-2026"
LIST, END_OTHERS = "/accounts/sessions/", "/accounts/sessions/end/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def own_limits(settings) -> None:
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{uuid.uuid4()}"
    settings.CACHES = {**settings.CACHES}


def open_account(email: str) -> User:
    made = User.objects.create_user(email, PASSWORD)
    give_consent(person=made, kinds=[ConsentKind.TERMS], actor=Actor.of(made))
    return made


@pytest.fixture
def person() -> User:
    return open_account("li@example.org")


def signed_in(email: str = "li@example.org", **extra: Any) -> Client:
    client = Client(**extra)
    client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert "_auth_user_id" in client.session
    return client


def row_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def test_list_shows_devices_and_marks_this_one(person: User) -> None:
    signed_in(headers={"user-agent": FIREFOX}, REMOTE_ADDR="198.51.100.7")
    here = signed_in(headers={"user-agent": "curl"})
    signed_in(open_account("wang@example.org").email, REMOTE_ADDR="203.0.113.5")

    page = read(here, LIST)

    assert page.count('class="device-name"') == 2
    assert "Linux · Firefox" in page
    assert "网络地址 198.51.100.7" in page
    assert "203.0.113.5" not in page
    assert page.index("本机") < page.index("Firefox")
    assert row_of(here).session_key not in page


def test_one_is_ended(person: User) -> None:
    lost, here = signed_in(), signed_in()

    answer = here.post(f"{LIST}{row_of(lost).pk}/end/", follow=True)

    assert "已让这台设备退出登录" in answer.content.decode()
    assert lost.get("/my/").status_code == 302
    assert here.get("/my/").status_code == 200


def test_everywhere_else_is_ended_and_told(person: User) -> None:
    others, here = [signed_in() for _ in range(3)], signed_in()

    answer = here.post(END_OTHERS, follow=True)

    assert "已让其他 3 台设备退出登录" in answer.content.decode()
    assert [each.get("/my/").status_code for each in others] == [302] * 3
    assert here.get("/my/").status_code == 200
    assert AuditEvent.objects.get(verb="accounts.user.end_sessions").details == {"sessions": 3}
    assert "没有其他设备登录" in here.post(END_OTHERS, follow=True).content.decode()


def test_session_of_somebody_else_answers_as_an_absent_one(person: User) -> None:
    strange = signed_in(open_account("wang@example.org").email)
    here = signed_in()

    told = []
    for number in (row_of(strange).pk, 999_999):
        page = here.post(f"{LIST}{number}/end/", follow=True).content.decode()
        told.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page))

    assert told[0] == told[1]
    assert "已经退出登录" in told[0]
    assert strange.get("/my/").status_code == 200


def test_nothing_ends_by_reading_or_without_token(person: User) -> None:
    lost, here = signed_in(), signed_in()
    path = f"{LIST}{row_of(lost).pk}/end/"
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = here.cookies

    assert here.get(path).status_code == here.get(END_OTHERS).status_code == 405
    assert forged.post(path).status_code == forged.post(END_OTHERS).status_code == 403
    assert lost.get("/my/").status_code == 200


def test_changed_password_leaves_this_device_in_the_list_alone(person: User) -> None:
    lost, here = signed_in(), signed_in()

    here.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER},
    )

    assert lost.get("/my/").status_code == 302
    page = read(here, LIST)
    assert "本机" in page
    assert AuditEvent.objects.filter(verb="accounts.user.change_password").count() == 1


def test_use_is_noted_now_and_then(person: User) -> None:
    here = signed_in(REMOTE_ADDR="192.0.2.1")
    before = row_of(here).last_seen_at

    here.get("/cities/", REMOTE_ADDR="198.51.100.9")
    assert row_of(here).last_seen_at == before
    session = here.session
    session[NOTED] = int(time.time()) - 601
    session.save()
    here.get("/cities/", REMOTE_ADDR="198.51.100.9")

    row = row_of(here)
    assert row.last_seen_at > before
    assert row.ip == "198.51.100.9"


def test_page_is_for_the_signed_in() -> None:
    for path in (LIST, "/accounts/", "/accounts/second-factor/", "/accounts/personal-data/"):
        assert Client().get(path).headers["Location"].startswith("/accounts/login/")
    assert Client().post(END_OTHERS).headers["Location"].startswith("/accounts/login/")
