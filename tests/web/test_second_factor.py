"""Second factors: who must have one, setting up, signing in, and that nobody takes one off."""

from __future__ import annotations

import html
import json
import re
import time
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client

from accounts.consents import give_consent
from accounts.enums import ConsentKind
from accounts.models import User
from accounts.second_factor import SecondFactorAdapter
from accounts.sessions import sessions_of
from audit.models import AuditEvent
from common.actor import Actor
from tests.inboxes import deliver_news, forget_news, titles
from tests.pages import read, signed_in
from tests.passkeys import Passkey
from tests.records import (
    TOTP_SECRET,
    give_second_factor,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)

pytestmark = pytest.mark.django_db

PASSWORD = "海上升明月-2026"
SITE = "https://scenebridge.example"
HOME = "/accounts/second-factor/"
SECOND = f"{HOME}authenticate/"
APP, APP_OFF = f"{HOME}app/", f"{HOME}app/remove/"
CODES, NEW_CODES = f"{HOME}recovery-codes/", f"{HOME}recovery-codes/new/"
ADD_KEY, KEY_LOGIN = f"{HOME}passkeys/add/", f"{HOME}passkeys/login/"
AGAIN, SHOW = "/accounts/reauthenticate/", f"{HOME}reauthenticate/"
MUST = "请先设置两步验证"


@pytest.fixture(autouse=True)
def own_limits(settings) -> None:
    """Nothing that another test failed at counts here."""
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{uuid.uuid4()}"
    settings.CACHES = {**settings.CACHES}
    settings.BASE_URL = SITE


def open_account(email: str) -> User:
    made = User.objects.create_user(email, PASSWORD, name="李明")
    give_consent(person=made, kinds=[ConsentKind.TERMS], actor=Actor.of(made))
    return made


@pytest.fixture
def person() -> User:
    return open_account("li@example.org")


@pytest.fixture
def guarded(person: User) -> User:
    give_second_factor(person)
    return person


def code(secret: str = TOTP_SECRET, step: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def sign_in(client: Client, email: str = "li@example.org") -> Any:
    return client.post("/accounts/login/", {"login": email, "password": PASSWORD})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def prove(client: Client, then: str) -> Any:
    """Sign in and prove again who one is, on the way to a page that asks for it."""
    client.force_login(User.objects.get(email="li@example.org"))
    return client.post(f"{AGAIN}?next={then}", {"password": PASSWORD})


def options_on(client: Client, path: str) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]+)"', read(client, path))
    assert found
    data = json.loads(html.unescape(found[1]))
    return dict(data.get("creation_options") or data["request_options"])


def events() -> list[str]:
    told = AuditEvent.objects.filter(object_type="accounts.user").order_by("pk")
    return [each.verb.rpartition(".")[2] for each in told]


# Who must


def without_factor(actor: Actor) -> Client:
    Authenticator.objects.filter(user_id=actor.user_id).delete()
    return signed_in(actor)


@pytest.mark.parametrize("path", ["/", "/my/", "/administration/", "/accounts/", "/admin/"])
def test_administrator_without_one_opens_nothing_but_the_way_to_it(path: str) -> None:
    client = without_factor(make_administrator())

    assert client.get(path).headers["Location"] == HOME
    assert client.post(path).headers["Location"] == HOME
    assert MUST in read(client, HOME)


@pytest.mark.parametrize("path", ["/api/v1/scenarios/", "/api/v1/organizations/"])
def test_programs_are_told_in_their_way(path: str) -> None:
    answer = without_factor(make_administrator()).get(path)

    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "second_factor_required"


def test_ways_to_set_up_and_out_stay_open() -> None:
    client = without_factor(make_administrator())

    # Made without a password: there is nothing to prove again.
    for path in (APP, ADD_KEY, "/accounts/privacy/", "/accounts/terms/"):
        assert client.get(path).status_code == 200
    assert client.post("/accounts/logout/").headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_factor_opens_the_door_and_others_never_see_it() -> None:
    assert signed_in(make_administrator()).get("/administration/").status_code == 200
    assert signed_in(make_member(make_organization(), "owner")).get("/my/").status_code == 200
    assert Client().get("/").status_code == 200


def test_invented_administrator_needs_none() -> None:
    actor = make_administrator()
    User.objects.filter(pk=actor.user_id).update(is_demonstration=True)

    assert without_factor(actor).get("/administration/").status_code == 200


# Sessions that a password began


def let_in(email: str = "li@example.org", **extra: Any) -> Client:
    """A browser of its own, signed in through the page, with the password alone."""
    browser = Client(**extra)
    assert sign_in(browser, email).headers["Location"] == "/my/"
    return browser


def set_up_app(browser: Client) -> Any:
    browser.post(f"{AGAIN}?next={APP}", {"password": PASSWORD})
    found = re.search(r'<code class="secret">(\w+)</code>', read(browser, APP))
    assert found
    return browser.post(APP, {"code": code(found[1])})


def set_up_passkey(browser: Client) -> Any:
    browser.post(f"{AGAIN}?next={ADD_KEY}", {"password": PASSWORD})
    given = {"name": "办公电脑", "passwordless": "on"}
    given["credential"] = Passkey(SITE).create(options_on(browser, ADD_KEY))
    return browser.post(ADD_KEY, given)


def copied(browser: Client) -> Client:
    """Somebody who has stolen the cookie."""
    thief = Client()
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    return thief


@pytest.mark.parametrize("set_up", [set_up_app, set_up_passkey])
def test_first_factor_ends_all_that_the_password_had_opened(person: User, set_up: Any) -> None:
    attacker, owner = let_in(), let_in()
    thief = copied(owner)
    stranger = let_in(open_account("wang@example.org").email)
    assert {each.get("/my/").status_code for each in (attacker, owner, thief)} == {200}

    assert set_up(owner).headers["Location"] == CODES

    for lost in (attacker, thief):
        assert lost.get("/my/").headers["Location"].startswith("/accounts/login/")
    assert owner.get("/my/").status_code == stranger.get("/my/").status_code == 200
    # The list of devices knows the one that stays, under its new key.
    assert [each.is_here for each in sessions_of(person, owner.session.session_key)] == [True]
    assert events().count("end_sessions") == 1


def test_another_factor_ends_nothing(person: User) -> None:
    owner = let_in()
    set_up_app(owner)
    other = Client()
    sign_in(other)
    other.post(SECOND, {"code": code(secret_of(person), step=1)})
    assert is_in(other)

    set_up_passkey(owner)

    assert Authenticator.objects.filter(type="webauthn").count() == 1
    assert other.get("/my/").status_code == owner.get("/my/").status_code == 200


def test_new_recovery_codes_end_nothing(person: User) -> None:
    owner, other = let_in(), let_in()
    give_second_factor(person)
    Authenticator.objects.filter(type="recovery_codes").delete()
    owner.post(f"{AGAIN}?next={NEW_CODES}", {"password": PASSWORD})

    owner.post(NEW_CODES)

    assert Authenticator.objects.filter(type="recovery_codes").exists()
    assert other.get("/my/").status_code == 200


def secret_of(person: User) -> str:
    kept = Authenticator.objects.get(user=person, type="totp")
    return SecondFactorAdapter().decrypt(kept.data["secret"])


@pytest.mark.parametrize("path", ["/my/", "/administration/", "/admin/", HOME, APP, ADD_KEY])
def test_session_without_it_opens_nothing_to_whoever_gets_duties(person: User, path: str) -> None:
    """However it outlived the day on which the factor was set up."""
    attacker = let_in()
    assert attacker.get("/my/").status_code == 200

    make_administrator(person=person)

    told = attacker.get(path)
    assert told.headers["Location"] == f"{SHOW}?{urlencode({'next': path})}"
    assert attacker.post(path).headers["Location"] == SHOW
    api = attacker.get("/api/v1/scenarios/")
    assert (api.status_code, api.json()["code"]) == (403, "second_factor_required")
    assert attacker.get("/accounts/terms/").status_code == 200


def test_password_is_no_way_around(person: User) -> None:
    attacker = let_in()
    make_administrator(person=person)  # who has a factor already

    page = read(attacker, SHOW)

    assert "本次登录还没有通过两步验证" in page
    assert "用密码验证" not in page
    assert attacker.post(AGAIN, {"password": PASSWORD}).headers["Location"] == SHOW
    assert attacker.get("/administration/").headers["Location"].startswith(SHOW)


def test_who_shows_it_goes_on_where_he_wanted(person: User) -> None:
    owner = let_in()
    make_administrator(person=person)
    asked = owner.get("/administration/").headers["Location"]

    answer = owner.post(asked, {"code": code()})

    assert answer.headers["Location"] == "/administration/"
    assert owner.get("/administration/").status_code == 200


def test_who_has_a_passkey_alone_is_led_to_it(client: Client, person: User) -> None:
    key, _ = add_key(client)
    make_administrator(person=person)
    Authenticator.objects.exclude(type="webauthn").delete()
    record = client.session
    del record["account_authentication_methods"]
    record.save()

    way = client.get("/administration/").headers["Location"]
    assert way == f"{HOME}passkeys/reauthenticate/?next=%2Fadministration%2F"
    client.post(way, {"credential": key.get(options_on(client, way))})

    assert client.get("/administration/").status_code == 200


def test_who_signed_in_with_it_is_asked_no_more(person: User) -> None:
    make_administrator(person=person)
    browser = Client()
    sign_in(browser)
    browser.post(SECOND, {"code": code()})

    assert browser.get("/administration/").status_code == 200


# An app


def test_app_is_set_up_after_proving_again(client: Client, person: User) -> None:
    client.force_login(person)
    assert client.get(APP).headers["Location"].startswith(f"{AGAIN}?next=")
    prove(client, APP)

    page = read(client, APP)
    found = re.search(r'<code class="secret">(\w+)</code>', page)
    assert found
    assert 'src="data:image/svg+xml;base64,' in page
    wrong = client.post(APP, {"code": "000000"})
    assert "验证没有通过" in wrong.content.decode()
    done = client.post(APP, {"code": code(found[1])})

    assert done.headers["Location"] == CODES
    assert events()[-2:] == ["add_second_factor", "add_second_factor"]


def test_recovery_codes_are_shown_once_and_work_once(client: Client, person: User) -> None:
    prove(client, APP)
    secret = re.search(r'<code class="secret">(\w+)</code>', read(client, APP))
    assert secret
    client.post(APP, {"code": code(secret[1])})

    codes = re.findall(r"<code>(\d{8})</code>", read(client, CODES))
    assert len(codes) == 10
    assert not re.findall(
        r"\d{8}", re.sub(r"<head>.*</head>", "", read(client, CODES), flags=re.DOTALL)
    )
    for expected in (True, False):
        other = Client()
        sign_in(other)
        other.post(SECOND, {"code": codes[0]})
        assert is_in(other) is expected


def test_notices_of_a_new_factor_say_which(client: Client, person: User) -> None:
    prove(client, APP)
    secret = re.search(r'<code class="secret">(\w+)</code>', read(client, APP))
    assert secret
    client.post(APP, {"code": code(secret[1])})
    deliver_news()

    assert titles(Actor.of(person)) == [
        "您的账号增加了登录验证方式：验证器应用",
        "您的账号增加了登录验证方式：恢复码",
    ]


@pytest.mark.parametrize("again", [False, True], ids=["sign-in", "proof"])
def test_use_of_a_recovery_code_is_mailed_with_what_is_left(
    client: Client, guarded: User, again: bool
) -> None:
    codes = RecoveryCodes.activate(guarded).generate_codes()
    forget_news()
    sign_in(client)
    client.post(SECOND, {"code": code() if again else codes[0]})
    if again:
        assert titles(Actor.of(guarded)) == []
        client.post(SHOW, {"code": codes[0]})
    deliver_news()

    assert is_in(client)
    assert titles(Actor.of(guarded)) == ["您的账号用了一个恢复码，还剩 9 个"]
    sent = next(each for each in mail.outbox if "恢复码" in each.subject)
    assert sent.to == ["li@example.org"]
    assert "如果不是您本人操作，请立即重置密码" in sent.body
    assert f"{SITE}{HOME}" in sent.body
    assert "use_recovery_code" in events()


def test_second_step_offers_a_passkey_to_who_can_use_one(
    client: Client, guarded: User, settings
) -> None:
    offer = "用通行密钥验证"
    settings.SITE_CONTACT = "020-12345678"
    sign_in(client)
    page = read(client, SECOND)
    assert offer not in page
    assert "passkey.js" not in page
    assert "请联系运营单位：020-12345678" in page
    add_key(Client())

    with_key = read(client, SECOND)
    settings.BASE_URL = "http://192.0.2.1:8000"
    assert offer in with_key
    assert offer not in read(client, SECOND)


# Signing in


def test_password_alone_does_not_sign_in(client: Client, guarded: User) -> None:
    answer = sign_in(client)

    assert answer.headers["Location"] == SECOND
    assert not is_in(client)
    assert client.get("/my/").headers["Location"].startswith("/accounts/login/")


def test_code_signs_in_and_rotates_the_session(client: Client, guarded: User) -> None:
    sign_in(client)
    before = client.session.session_key

    wrong = client.post(SECOND, {"code": code(step=9)})
    assert "验证没有通过" in wrong.content.decode()
    assert not is_in(client)
    right = client.post(SECOND, {"code": code()})

    assert right.headers["Location"] == "/my/"
    assert is_in(client)
    assert client.session.session_key != before


def test_code_works_once(client: Client, guarded: User) -> None:
    used = code()
    for expected in (True, False):
        browser = Client()
        sign_in(browser)
        browser.post(SECOND, {"code": used})
        assert is_in(browser) is expected


def test_guessing_codes_is_stopped(client: Client, guarded: User) -> None:
    sign_in(client)
    for number in range(5):
        client.post(SECOND, {"code": f"00000{number}"})

    told = client.post(SECOND, {"code": code()})

    assert "登录失败次数过多" in told.content.decode()
    assert not is_in(client)


def test_second_step_without_the_first_leads_to_the_first(client: Client) -> None:
    assert client.get(SECOND).headers["Location"] == "/accounts/login/"
    assert client.post(SECOND, {"code": code()}).headers["Location"] == "/accounts/login/"


def test_second_step_needs_the_token_of_its_form(guarded: User) -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post(SECOND, {"code": code()}).status_code == 403


# Taking it off


@pytest.mark.parametrize("path", [APP, APP_OFF, NEW_CODES, ADD_KEY])
def test_nothing_changes_without_proving_again(client: Client, guarded: User, path: str) -> None:
    client.force_login(guarded)
    kept = [*Authenticator.objects.values_list("pk", "data")]
    if path == APP:
        Authenticator.objects.all().delete()
        kept = []

    for answer in (client.get(path), client.post(path, {"code": code()})):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(AGAIN)
    assert [*Authenticator.objects.values_list("pk", "data")] == kept


def test_proof_of_long_ago_does_not_count(client: Client, guarded: User, monkeypatch) -> None:
    prove(client, APP_OFF)
    assert client.get(APP_OFF).status_code == 200
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)

    assert client.post(APP_OFF).headers["Location"].startswith(AGAIN)
    assert Authenticator.objects.exists()


def test_wrong_password_proves_nothing(client: Client, guarded: User) -> None:
    client.force_login(guarded)

    page = client.post(f"{AGAIN}?next={APP_OFF}", {"password": "wrong"})

    assert "密码不正确" in page.content.decode()
    assert client.post(APP_OFF).headers["Location"].startswith(AGAIN)


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\t/evil.example", "/\\evil.example", "https://evil.example"]
)
def test_proving_again_leads_to_no_other_site(client: Client, guarded: User, target: str) -> None:
    client.force_login(guarded)

    answer = client.post(AGAIN, {"password": PASSWORD, "next": target})

    assert answer.headers["Location"] == "/my/"


def test_app_is_taken_off_by_whoever_need_not_have_one(client: Client, guarded: User) -> None:
    prove(client, APP_OFF)

    assert client.post(APP_OFF).headers["Location"] == HOME
    assert not Authenticator.objects.exists()
    assert events()[-1] == "remove_second_factor"
    assert "验证器应用已停用" in mail.outbox[-1].subject


def administrator_with_password(client: Client) -> User:
    person = user_of(make_administrator())
    person.set_password(PASSWORD)
    person.save()
    client.force_login(person)
    client.post(f"{AGAIN}?next={APP_OFF}", {"password": PASSWORD})
    return person


def test_last_factor_of_an_administrator_stays(client: Client) -> None:
    administrator_with_password(client)

    assert "须至少保留一种" in read(client, APP_OFF)
    client.post(APP_OFF)
    assert Authenticator.objects.count() == 1


def test_last_passkey_of_an_administrator_stays_too(client: Client) -> None:
    administrator_with_password(client)
    key = Passkey(SITE)
    client.post(
        ADD_KEY,
        {
            "name": "电脑",
            "credential": key.create(options_on(client, ADD_KEY)),
            "passwordless": "on",
        },
    )
    row = Authenticator.objects.get(type="webauthn")
    # One of two may go, then none.
    client.post(APP_OFF)
    assert [*Authenticator.objects.exclude(type="recovery_codes")] == [row]

    answer = client.post(f"{HOME}passkeys/{row.pk}/remove/", follow=True)

    assert "须至少保留一种" in answer.content.decode()
    assert Authenticator.objects.filter(pk=row.pk).exists()


# Passkeys


def add_key(client: Client, origin: str = SITE) -> tuple[Passkey, Any]:
    prove(client, ADD_KEY)
    key = Passkey(origin)
    given = {"name": "办公电脑", "passwordless": "on"}
    given["credential"] = key.create(options_on(client, ADD_KEY))
    return key, client.post(ADD_KEY, given)


def challenge(client: Client) -> dict[str, Any]:
    answer = client.get(KEY_LOGIN, headers={"accept": "application/json"})
    assert answer.status_code == 200
    return dict(answer.json()["request_options"])


def test_passkey_is_added_and_signs_in_alone(client: Client, person: User) -> None:
    key, added = add_key(client)
    assert added.headers["Location"] == CODES
    assert "add_second_factor" in events()
    browser = Client()
    before = browser.session.session_key

    credential = key.get(challenge(browser))
    answer = browser.post(KEY_LOGIN, {"credential": credential, "next": "/accounts/"})

    assert answer.headers["Location"] == "/accounts/"
    assert browser.session["_auth_user_id"] == str(person.pk)
    assert browser.session.session_key != before
    # The challenge is spent.
    again = Client()
    again.post(KEY_LOGIN, {"credential": credential})
    assert not is_in(again)


def test_passkey_is_a_second_factor_after_the_password(client: Client, person: User) -> None:
    key, _ = add_key(client)
    browser = Client()
    assert sign_in(browser).headers["Location"] == SECOND

    browser.post(SECOND, {"credential": key.get(options_on(browser, SECOND))})

    assert is_in(browser)


def test_passkey_proves_again(client: Client, person: User) -> None:
    key, _ = add_key(client)
    browser = Client()
    browser.force_login(person)
    path = f"{HOME}passkeys/reauthenticate/?next={ADD_KEY}"

    answer = browser.post(path, {"credential": key.get(options_on(browser, path))})

    assert answer.headers["Location"] == ADD_KEY
    assert browser.get(ADD_KEY).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://scenebridge.example"])
def test_passkey_for_another_site_is_refused(client: Client, person: User, origin: str) -> None:
    _, answer = add_key(client, origin)

    assert answer.status_code == 200
    assert not Authenticator.objects.exists()


def test_host_header_does_not_change_whose_passkeys_are_asked_for(client: Client) -> None:
    asked = client.get(
        KEY_LOGIN, headers={"accept": "application/json", "host": "localhost:6666"}
    ).json()

    assert asked["request_options"]["publicKey"]["rpId"] == "scenebridge.example"


def test_challenge_tells_nothing_of_accounts(client: Client, person: User) -> None:
    before = challenge(Client())["publicKey"]
    add_key(client)
    after = challenge(Client())["publicKey"]

    assert {*before} == {*after}
    assert not after.get("allowCredentials")
    assert before["challenge"] != after["challenge"]


def test_unknown_and_known_account_get_the_same_refusal(client: Client, person: User) -> None:
    key, _ = add_key(client)
    told = []
    for handle in (key.user_handle, "zzzz", ""):
        browser = Client()
        stranger = Passkey(SITE, user_handle=handle)
        answer = browser.post(
            KEY_LOGIN, {"credential": stranger.get(challenge(browser))}, follow=True
        )
        assert not is_in(browser)
        told.append(re.findall(r'<div class="alert[^>]*>[^<]*', answer.content.decode()))
    assert told[0] == told[1] == told[2] != []


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "null",
        "[]",
        "{}",
        "1",
        '"a"',
        '{"response": []}',
        '{"response": "a"}',
        json.dumps({"type": "public-key", "id": "", "response": {"userHandle": "z" * 999}}),
        json.dumps(
            {
                "type": "public-key",
                "id": "AA",
                "rawId": "AA",
                "response": dict.fromkeys(
                    ["clientDataJSON", "authenticatorData", "signature", "userHandle"], "AA"
                ),
            }
        ),
        "\0",
        "{" * 5000,
    ],
)
def test_made_up_credential_is_refused_and_nothing_breaks(
    client: Client, guarded: User, credential: str
) -> None:
    browser = Client()
    challenge(browser)
    assert browser.post(KEY_LOGIN, {"credential": credential}).status_code == 302
    assert not is_in(browser)
    sign_in(browser)
    assert browser.post(SECOND, {"credential": credential}).status_code == 200
    assert not is_in(browser)
    prove(client, ADD_KEY)
    client.get(ADD_KEY)
    assert client.post(ADD_KEY, {"credential": credential, "passwordless": "on"}).status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_passkey_of_somebody_else_is_absent(client: Client, person: User) -> None:
    add_key(client)
    row = Authenticator.objects.get(type="webauthn")
    other = User.objects.create_user("wang@example.org", PASSWORD)
    client.force_login(other)
    client.post(AGAIN, {"password": PASSWORD})

    for path in (f"{HOME}passkeys/{row.pk}/remove/", f"{HOME}passkeys/{row.pk}/edit/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"name": "x"}).status_code == 404
    row.refresh_from_db()
    assert row.wrap().name == "办公电脑"


def test_stopped_account_does_not_sign_in_with_its_passkey(client: Client, person: User) -> None:
    key, _ = add_key(client)
    User.objects.filter(pk=person.pk).update(is_active=False)
    browser = Client()

    answer = browser.post(KEY_LOGIN, {"credential": key.get(challenge(browser))})

    assert answer.headers["Location"] == "/accounts/inactive/"
    assert not is_in(browser)


def test_passkeys_are_not_offered_where_browsers_refuse_them(
    client: Client, person: User, settings
) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    client.force_login(person)

    assert "本站目前的地址不支持通行密钥" in read(client, HOME)
    assert "用通行密钥登录" not in read(Client(), "/accounts/login/")


def test_sign_in_with_duties_is_on_record_once_it_is_complete(client: Client) -> None:
    """And of nobody else: the log would hold little besides."""
    person = open_account("li@example.org")
    sign_in(Client())
    assert "sign_in" not in events()
    make_administrator("content", person=person)

    sign_in(client)
    client.post(SECOND, {"code": code(step=9)})
    assert "sign_in" not in events()
    client.post(SECOND, {"code": code()})

    assert is_in(client)
    event = AuditEvent.objects.get(verb="accounts.user.sign_in")
    assert (event.actor_user_id, event.object_id, event.details) == (person.pk, str(person.pk), {})
    assert event.address == "127.0.0.1"
