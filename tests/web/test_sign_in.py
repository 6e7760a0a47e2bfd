"""Signing in and out, passwords: who gets in, what strangers may learn, what forgery does."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from accounts.consents import give_consent
from accounts.enums import ConsentKind
from accounts.models import User
from common.actor import Actor
from tests.records import make_administrator, make_member, make_organization, user_of

pytestmark = pytest.mark.django_db

PASSWORD, OTHER = "海上升明月-2026", "天涯共此时-2026"
LOGIN, LOGOUT, SIGN_UP = "/accounts/login/", "/accounts/logout/", "/accounts/signup/"
CHANGE, SET = "/accounts/password/change/", "/accounts/password/set/"
RESET, RESET_DONE = "/accounts/password/reset/", "/accounts/password/reset/done/"
WRONG = "电子邮箱或密码不正确"
TOO_MANY = "登录失败次数过多"


@pytest.fixture(autouse=True)
def own_limits(settings) -> None:
    """Nothing that another test failed at counts here."""
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{uuid.uuid4()}"
    settings.CACHES = {**settings.CACHES}


@pytest.fixture
def person() -> User:
    return open_account("li@example.org", name="李明")


def open_account(email: str, **values: Any) -> User:
    """Of somebody who has agreed to the terms in force."""
    made = User.objects.create_user(email, PASSWORD, **values)
    give_consent(person=made, kinds=[ConsentKind.TERMS], actor=Actor.of(made))
    return made


def sign_in(
    client: Client, email: str = "li@example.org", password: str = PASSWORD, **values: Any
) -> Any:
    address = values.pop("remote_addr", "192.0.2.1")
    given = {"login": email, "password": password, **values}
    return client.post(LOGIN, given, REMOTE_ADDR=address)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def text_of(response: Any) -> str:
    """The page without what differs at every request."""
    html: str = response.content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)


# Signing in


def test_right_password_signs_in_and_leads_to_the_workspace(client: Client, person: User) -> None:
    response = sign_in(client, " LI@Example.org ")

    assert (response.status_code, response.headers["Location"]) == (302, "/my/")
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.session.get_expire_at_browser_close()


def test_remembered_session_outlives_the_browser(client: Client, person: User) -> None:
    sign_in(client, remember="on")

    assert not client.session.get_expire_at_browser_close()


def test_wrong_password_and_unknown_account_get_the_same_answer(
    client: Client, person: User
) -> None:
    known = sign_in(client, person.email, OTHER)
    unknown = sign_in(client, "wu@example.org", OTHER)

    assert known.status_code == unknown.status_code == 200
    assert WRONG in text_of(known)
    assert text_of(known).replace(person.email, "") == text_of(unknown).replace(
        "wu@example.org", ""
    )
    assert not is_in(client)


def test_wrong_password_and_unknown_account_take_the_same_work(
    client: Client, person: User, monkeypatch
) -> None:
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def count(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)

    sign_in(client, person.email, OTHER)
    known = len(hashed)
    sign_in(client, "wu@example.org", OTHER)

    assert (known, len(hashed)) == (1, 2)


@pytest.mark.parametrize(
    "values", [{"login": ""}, {"password": ""}, {"login": "li"}, {"login": "li\0@example.org"}]
)
def test_form_that_is_not_filled_in_says_where(client: Client, person: User, values) -> None:
    given = {"login": person.email, "password": PASSWORD, **values}

    response = client.post(LOGIN, given)

    assert f'href="#id_{next(iter(values))}"' in text_of(response)
    assert not is_in(client)


def test_stopped_account_stays_outside(client: Client, person: User) -> None:
    person.is_active = False
    person.save(update_fields=["is_active"])

    wrong = sign_in(client, password=OTHER)
    right = sign_in(client)

    assert WRONG in text_of(wrong)
    assert right.headers["Location"] == "/accounts/inactive/"
    assert "账号已停用" in text_of(client.get("/accounts/inactive/"))
    assert not is_in(client)


def test_account_that_is_stopped_is_out_at_the_next_request(client: Client, person: User) -> None:
    client.force_login(person)
    person.is_active = False
    person.save(update_fields=["is_active"])

    assert "退出" not in text_of(client.get("/cities/"))


def test_session_key_rotates_at_sign_in(client: Client, person: User) -> None:
    session = client.session
    session["planted"] = "by a stranger"
    session.save()
    client.cookies[configured.SESSION_COOKIE_NAME] = session.session_key

    sign_in(client)

    assert client.cookies[configured.SESSION_COOKIE_NAME].value != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_forms_without_token_are_refused(person: User) -> None:
    client = Client(enforce_csrf_checks=True)

    assert sign_in(client).status_code == 403
    assert not is_in(client)

    client.force_login(person)
    assert client.post(LOGOUT).status_code == 403
    assert client.post(CHANGE, {"oldpassword": PASSWORD}).status_code == 403
    assert is_in(client)


# Where one goes next


@pytest.mark.parametrize("target", ["/scenarios/?q=%E6%B8%AF&city=440100", "/my/"])
def test_sign_in_leads_on_to_where_one_was(client: Client, person: User, target: str) -> None:
    page = text_of(client.get(LOGIN, {"next": target}))
    response = sign_in(client, next=target)

    assert f'name="next" value="{target.replace("&", "&amp;")}"' in page
    assert response.headers["Location"] == target


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\t/evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\t//evil.example",
        " //evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example",
        "http://127.0.0.1/cities/",
        "/\n/evil.example",
    ],
)
def test_no_address_leads_to_another_site(client: Client, person: User, target: str) -> None:
    assert sign_in(client, next=target).headers["Location"] == "/my/"
    # Already signed in, and on the way out.
    assert client.get(LOGIN, {"next": target}).headers["Location"] == "/my/"
    assert client.post(LOGOUT, {"next": target}).headers["Location"] == "/"


def test_page_for_members_leads_to_sign_in_and_back(client: Client) -> None:
    response = client.get("/my/", follow=True)

    assert response.redirect_chain == [("/accounts/login/?next=/my/", 302)]


# Limits


def fail(
    client: Client, times: int, address: str = "192.0.2.1", email: str = "li@example.org"
) -> Any:
    for _ in range(times):
        response = sign_in(client, email, OTHER, remote_addr=address)
    return response


def strain(client: Client, email: str = "li@example.org") -> None:
    """Fail at one account as often as all addresses together may: 50 of them, once each."""
    for number in range(50):
        assert WRONG in text_of(fail(client, 1, f"198.51.100.{number}", email))


def test_account_is_closed_to_an_address_after_five_failures(client: Client, person: User) -> None:
    assert WRONG in text_of(fail(client, 5))

    assert TOO_MANY in text_of(sign_in(client))
    assert not is_in(client)


def test_stranger_who_fails_closes_the_account_to_nobody_else(client: Client, person: User) -> None:
    assert TOO_MANY in text_of(fail(Client(), 12))
    for _ in range(12):
        reset(Client(), REMOTE_ADDR="192.0.2.1")

    sign_in(client, remote_addr="192.0.2.2")
    assert is_in(client)
    sent = len(mail.outbox)
    reset(Client(), REMOTE_ADDR="192.0.2.2")
    assert len(mail.outbox) == sent + 1
    assert "password/reset/key" in str(mail.outbox[-1].body)


def test_account_under_attack_from_everywhere_slows_down_and_lets_its_owner_in(
    client: Client, person: User
) -> None:
    strain(client)

    # Who failed already waits, though one failure is far from five.
    assert TOO_MANY in text_of(sign_in(client, remote_addr="198.51.100.7"))
    assert WRONG in text_of(fail(client, 1, "203.0.113.1"))
    assert TOO_MANY in text_of(sign_in(client, remote_addr="203.0.113.1"))
    assert not is_in(client)
    sign_in(client, remote_addr="192.0.2.2")
    assert is_in(client)


def test_unknown_account_under_attack_answers_alike(client: Client) -> None:
    strain(client, "wu@example.org")

    again = sign_in(client, "wu@example.org", OTHER, remote_addr="198.51.100.7")
    assert TOO_MANY in text_of(again)


def test_failures_of_one_account_close_no_other(client: Client, person: User) -> None:
    open_account("wang@example.org")
    fail(client, 6)

    sign_in(client, "wang@example.org")

    assert is_in(client)


def test_address_that_tries_many_accounts_is_stopped_and_no_other(
    client: Client, person: User
) -> None:
    for number in range(10):
        assert WRONG in text_of(sign_in(client, f"guess{number}@example.org", OTHER))

    assert TOO_MANY in text_of(sign_in(client))
    assert not is_in(client)
    sign_in(client, remote_addr="192.0.2.2")
    assert is_in(client)


def test_limits_count_unknown_accounts_alike(client: Client) -> None:
    assert WRONG in text_of(fail(client, 5, email="wu@example.org"))

    assert TOO_MANY in text_of(fail(client, 1, email="wu@example.org"))


def test_success_does_not_count(client: Client, person: User) -> None:
    for _ in range(12):
        sign_in(client)
        assert is_in(client)
        client.post(LOGOUT)


@pytest.mark.parametrize(
    "forged",
    [
        lambda number: {"host": f"localhost:{8000 + number}"},
        lambda number: {"x-forwarded-for": f"198.51.100.{number}"},
    ],
    ids=["host", "forwarded"],
)
def test_limits_believe_no_header(client: Client, person: User, forged) -> None:
    for number in range(6):
        headers = forged(number)
        response = client.post(LOGIN, {"login": person.email, "password": OTHER}, headers=headers)

    assert TOO_MANY in text_of(response)


def test_proxy_that_is_trusted_says_where_requests_come_from(
    client: Client, person: User, settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def guess(number: int, address: str) -> Any:
        forwarded = {"x-forwarded-for": f"203.0.113.9, {address}"}
        values = {"login": f"guess{number}@example.org", "password": OTHER}
        return client.post(LOGIN, values, headers=forwarded)

    for number in range(10):
        guess(number, "198.51.100.1")

    assert TOO_MANY in text_of(guess(10, "198.51.100.1"))
    assert WRONG in text_of(guess(11, "198.51.100.2"))


def test_too_many_requests_are_told_on_a_page(client: Client) -> None:
    for number in range(30):
        client.post(LOGIN, {"login": f"guess{number}"})

    response = client.post(LOGIN, {"login": "guess"})

    assert response.status_code == 429
    assert "请求过于频繁" in text_of(response)


def test_without_redis_signed_in_people_work_on_and_sign_in_waits(
    client: Client, person: User, settings
) -> None:
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "unix:///nonexistent/redis.sock"}
    }

    refused = sign_in(client)
    assert refused.status_code == 503
    assert "暂时无法使用" in text_of(refused)
    assert not is_in(client)
    assert client.get(LOGIN).status_code == 200

    client.force_login(person)
    assert "李明" in text_of(client.get("/cities/"))
    assert client.post(LOGOUT).status_code == 302


# Signing out


def test_reading_the_way_out_signs_nobody_out(client: Client, person: User) -> None:
    client.force_login(person)

    response = client.get(LOGOUT)

    assert "确定要退出登录吗" in text_of(response)
    assert is_in(client)


def test_signing_out_ends_the_session(client: Client, person: User) -> None:
    client.force_login(person)
    key = client.session.session_key

    response = client.post(LOGOUT, follow=True)

    assert response.redirect_chain == [("/", 302)]
    assert "您已退出登录" in text_of(response)
    assert not is_in(client)
    assert not Session.objects.filter(session_key=key).exists()


# Changing a password


def change(client: Client, **values: str) -> Any:
    given = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER, **values}
    return client.post(CHANGE, given)


def test_password_is_changed_and_other_sessions_end(client: Client, person: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(person)
    client.force_login(person)

    assert "密码已修改" in text_of(client.get(change(client).headers["Location"]))

    person.refresh_from_db()
    assert person.check_password(OTHER)
    assert "退出" in text_of(client.get("/cities/"))
    assert "退出" not in text_of(elsewhere.get("/cities/"))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"oldpassword": OTHER}, "oldpassword"),
        ({"password1": "1", "password2": "1"}, "password1"),
        ({"password1": "li@example.org", "password2": "li@example.org"}, "password1"),
        ({"password2": PASSWORD}, "password2"),
    ],
)
def test_password_is_not_changed_by_faults(
    client: Client, person: User, values: dict[str, str], field: str
) -> None:
    client.force_login(person)

    html = text_of(change(client, **values))

    assert f'href="#id_{field}"' in html
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_passwords_are_for_the_signed_in(client: Client) -> None:
    for path in (CHANGE, SET):
        assert client.get(path).headers["Location"] == f"{LOGIN}?next={path}"


def test_account_without_password_gets_one(client: Client) -> None:
    member = user_of(make_member(make_organization()))
    client.force_login(member)

    assert client.get(CHANGE).headers["Location"] == SET
    client.post(SET, {"password1": OTHER, "password2": OTHER})

    member.refresh_from_db()
    assert member.check_password(OTHER)


# Resetting a password


def reset(client: Client, email: str = "li@example.org", **extra: Any) -> Any:
    return client.post(RESET, {"email": email}, **extra)


def link_in_mail() -> str:
    found = re.search(r"https?://\S+/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
    assert found
    return found[0]


def test_reset_answers_alike_for_known_and_unknown_accounts(client: Client, person: User) -> None:
    answers = []
    for email in (person.email, "wu@example.org"):
        response = reset(client, email)
        answers.append((response.status_code, response.headers["Location"]))

    assert answers == [(302, RESET_DONE)] * 2
    assert [each.to for each in mail.outbox] == [["li@example.org"], ["wu@example.org"]]
    assert "password/reset/key" not in str(mail.outbox[1].body)


def test_reset_sends_a_link_to_the_configured_address_whatever_the_host_says(
    client: Client, person: User, settings
) -> None:
    settings.BASE_URL = "https://scenebridge.example"

    reset(client, headers={"host": "localhost:6666"})
    reset(client, "wu@example.org", headers={"host": "localhost:6666"})
    refused = reset(client, headers={"host": "evil.example"})

    assert refused.status_code == 400
    assert link_in_mail_of(0).startswith("https://scenebridge.example/accounts/password/reset/key/")
    for each in mail.outbox:
        assert "localhost" not in f"{each.subject}{each.body}{each.from_email}"
        assert "https://scenebridge.example" in str(each.body)


def link_in_mail_of(number: int) -> str:
    return re.findall(r"https?://\S+", str(mail.outbox[number].body))[0]


def test_mail_speaks_chinese_and_names_the_person(client: Client, person: User) -> None:
    reset(client)

    sent = mail.outbox[0]
    assert sent.subject == "[场景桥] 重置密码"
    assert str(sent.body).startswith("您好，李明：\n")
    assert "一小时内" in str(sent.body)


def test_reset_by_the_link_in_the_mail_once(client: Client, person: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(person)
    reset(client)
    path = urlsplit(link_in_mail()).path

    form = client.get(path, follow=True)
    place = form.redirect_chain[0][0]
    assert path.rsplit("-", 1)[1].strip("/") not in place
    done = client.post(place, {"password1": OTHER, "password2": OTHER}, follow=True)

    assert "请用新密码登录" in text_of(done)
    assert not is_in(client)
    assert "退出" not in text_of(elsewhere.get("/cities/"))
    assert "链接无效" in text_of(Client().get(path))
    sign_in(client, password=OTHER)
    assert is_in(client)


def test_reset_with_a_faulty_password_keeps_the_old(client: Client, person: User) -> None:
    reset(client)
    place = client.get(urlsplit(link_in_mail()).path).headers["Location"]

    html = text_of(client.post(place, {"password1": "1", "password2": "1"}))

    assert 'href="#id_password1"' in html
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_link_dies_within_the_hour(client: Client, person: User, settings) -> None:
    reset(client)
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert "链接无效" in text_of(client.get(urlsplit(link_in_mail()).path))


@pytest.mark.parametrize("key", ["1-abc", "zz-set-password", "0-", "99999999999999999999-a-b"])
def test_made_up_link_is_invalid(client: Client, key: str) -> None:
    html = text_of(client.get(f"/accounts/password/reset/key/{key}/"))

    assert "链接无效" in html or "没有找到这个页面" in html


def test_reset_opens_an_account_that_failures_closed(client: Client, person: User) -> None:
    assert TOO_MANY in text_of(fail(client, 6, "127.0.0.1"))
    strain(client)
    reset(client)
    place = client.get(urlsplit(link_in_mail()).path).headers["Location"]
    client.post(place, {"password1": OTHER, "password2": OTHER})

    sign_in(client, password=OTHER, remote_addr="127.0.0.1")

    assert is_in(client)


def test_stopped_account_gets_no_link(client: Client, person: User) -> None:
    person.is_active = False
    person.save(update_fields=["is_active"])

    assert reset(client).headers["Location"] == RESET_DONE
    assert "password/reset/key" not in str(mail.outbox[0].body)


@pytest.mark.parametrize("email", ["li@example.org", "wu@example.org"])
def test_mails_to_one_account_are_limited_without_a_word(
    client: Client, person: User, email: str
) -> None:
    answers = {
        (response.status_code, response.headers["Location"])
        for number in range(40)
        for response in [reset(client, email, REMOTE_ADDR=f"192.0.2.{number // 8}")]
    }

    assert answers == {(302, RESET_DONE)}
    # Five for each of five addresses.
    assert len(mail.outbox) == 25
    reset(client, email, REMOTE_ADDR="192.0.2.99")
    assert len(mail.outbox) == 25


def test_address_that_asks_for_many_resets_is_told(client: Client) -> None:
    answers = [reset(client, f"guess{number}@example.org").status_code for number in range(21)]

    assert answers == [302] * 20 + [429]


def test_mail_server_that_is_away_is_told_alike(client: Client, person: User, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    answers = [reset(client, email) for email in (person.email, "wu@example.org")]

    assert [each.status_code for each in answers] == [503, 503]
    assert text_of(answers[0]) == text_of(answers[1])


# Pages


@pytest.mark.parametrize(
    "path",
    [
        LOGIN,
        SIGN_UP,
        RESET,
        RESET_DONE,
        "/accounts/inactive/",
        "/accounts/password/reset/key/done/",
    ],
)
def test_page_is_ours_and_in_chinese(client: Client, path: str) -> None:
    html = text_of(client.get(path))
    main = html.split("</nav>")[-1].split("</main>")[0]

    assert "· 场景桥</title>" in html
    assert html.count("<h1") == 1
    assert not re.search(r">[^<]*[A-Za-z]{3,}[^<]*<", main)
    assert "placeholder" not in main


def test_pages_with_passwords_are_kept_by_nobody(client: Client) -> None:
    assert "no-store" in client.get(LOGIN).headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["login/code/", "login/code/confirm/", "second-factor/trust/", "signup/passkey/"]
)
def test_what_makes_no_sense_is_absent(client: Client, person: User, path: str) -> None:
    client.force_login(person)

    assert client.get(f"/accounts/{path}").status_code == 404


# The header


def header_of(client: Client, path: str = "/cities/?region=north") -> str:
    return text_of(client.get(path)).split("<header")[1].split("</header>")[0]


def test_header_leads_visitors_to_sign_in_and_back(client: Client) -> None:
    html = header_of(client)

    assert 'href="/accounts/login/?next=/cities/%3Fregion%3Dnorth"' in html
    assert "退出" not in html
    assert "/administration/" not in html
    assert 'href="/accounts/login/"' in header_of(client, "/")


def test_header_of_a_member(client: Client) -> None:
    member = user_of(make_member(make_organization()))
    client.force_login(member)

    html = header_of(client)

    assert 'href="/my/"' in html
    assert member.email in html
    assert f'method="post" action="{LOGOUT}"' in html
    assert "/administration/" not in html
    assert LOGIN not in html


def test_header_of_an_administrator(client: Client) -> None:
    client.force_login(user_of(make_administrator()))

    assert 'href="/administration/"' in header_of(client)


def test_name_is_shown_as_text(client: Client) -> None:
    client.force_login(User.objects.create_user("li@example.org", name="<b>李"))

    assert "&lt;b&gt;李" in header_of(client)


@pytest.mark.parametrize("path", ["/", "/cities/", "/scenarios/", "/policy/", "/nothing/"])
def test_visitors_get_no_cookie_and_may_be_served_from_a_cache(client: Client, path: str) -> None:
    response = client.get(path)

    assert not response.cookies
    assert "no-store" not in response.headers.get("Cache-Control", "")
    assert "Cookie" in response.headers["Vary"]


def test_being_signed_in_costs_four_queries_and_duties_one_more(
    client: Client, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    """Session, person, duties, unread notices; second factor."""
    with django_assert_max_num_queries(1) as visitors:
        client.get("/api/docs/")

    client.force_login(user_of(make_member(make_organization())))
    with django_assert_num_queries(len(visitors.captured_queries) + 4):
        client.get("/api/docs/")
    client.force_login(user_of(make_administrator()))
    with django_assert_num_queries(len(visitors.captured_queries) + 5):
        client.get("/api/docs/")
