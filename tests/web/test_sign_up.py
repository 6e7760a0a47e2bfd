"""Signing up, proving and changing an address, terms that come anew."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from accounts import consents
from accounts.consents import give_consent, has_given, owes_consent
from accounts.enums import ConsentKind
from accounts.models import Consent, User
from audit.models import AuditEvent
from common.actor import Actor
from tests.pages import read

pytestmark = pytest.mark.django_db

PASSWORD, OTHER = "海上升明月-2026", "天涯共此时-2026"
SIGN_UP, LOGIN = "/accounts/signup/", "/accounts/login/"
SENT, CONSENT = "/accounts/confirm-email/", "/accounts/consent/"
EMAIL, AGAIN = "/accounts/email/", "/accounts/reauthenticate/"
SITE = "https://scenebridge.example"


@pytest.fixture(autouse=True)
def own_limits(settings) -> None:
    """Nothing that another test failed at counts here."""
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{uuid.uuid4()}"
    settings.CACHES = {**settings.CACHES}
    settings.BASE_URL = SITE


@pytest.fixture
def person() -> User:
    made = User.objects.create_user("li@example.org", PASSWORD, name="李明")
    give_consent(person=made, kinds=[ConsentKind.TERMS], actor=Actor.of(made))
    return made


def join(client: Client, email: str = "chen@example.org", **values: Any) -> Any:
    extra = {name: values.pop(name) for name in ("headers", "REMOTE_ADDR") if name in values}
    given = {"email": email, "name": "陈新", "password1": PASSWORD, "terms": "on", **values}
    return client.post(SIGN_UP, {k: v for k, v in given.items() if v is not None}, **extra)


def sign_in(client: Client, email: str = "chen@example.org", **values: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": PASSWORD, **values})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def text_of(response: Any) -> str:
    html: str = response.content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)


def link(number: int = -1) -> str:
    """The way to verify an address, out of a mail."""
    found = re.search(r"(https?://\S+)/accounts/confirm-email/\S+/", str(mail.outbox[number].body))
    assert found
    assert found[1] == SITE
    return urlsplit(found[0]).path


# Signing up


def test_account_is_opened_verified_and_used(client: Client) -> None:
    assert join(client).headers["Location"] == SENT
    assert "chen@example.org" in read(client, SENT)
    assert not is_in(client)
    assert "确认" in read(client, link())
    assert not User.objects.get().emailaddress_set.filter(verified=True).exists()

    done = client.post(link(), follow=True)

    assert "chen@example.org 已验证" in text_of(done)
    assert sign_in(client).headers["Location"] == "/my/"
    assert is_in(client)
    told = [each.verb.rpartition(".")[2] for each in AuditEvent.objects.order_by("pk")]
    assert told[-3:] == ["sign_up", "give_consent", "verify_address"]
    assert mail.outbox[0].subject == "[场景桥] 验证电子邮箱"


@pytest.mark.parametrize(
    ("wanted", "then"),
    [
        ("/invitations/abc/", f"{LOGIN}?next=%2Finvitations%2Fabc%2F"),
        ("//evil.example/", LOGIN),
        ("", LOGIN),
    ],
)
def test_way_on_is_kept_until_the_address_is_verified(
    client: Client, wanted: str, then: str
) -> None:
    join(client, next=wanted)

    assert client.post(link()).headers["Location"] == then


def test_way_on_is_unknown_to_another_browser(client: Client) -> None:
    join(client, next="/invitations/abc/")

    assert Client().post(link()).headers["Location"] == LOGIN


def test_nobody_signs_in_with_an_address_that_is_not_verified(client: Client) -> None:
    join(client)
    browser = Client()

    assert sign_in(browser).headers["Location"] == SENT
    assert not is_in(browser)
    assert browser.get("/my/").headers["Location"].startswith(LOGIN)


def test_nothing_is_ticked_before() -> None:
    page = read(Client(), SIGN_UP)

    assert page.count('type="checkbox"') == 2
    assert "checked" not in page


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "li"}, "email"),
        ({"email": "li\0@example.org"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "陈\u202e新"}, "name"),
        ({"name": "陈" * 61}, "name"),
        ({"password1": "12345678"}, "password1"),
        ({"password1": "chen@example.org"}, "password1"),
        ({"name": "Mingyue Chen", "password1": "mingyue-chen"}, "password1"),
        ({"terms": None}, "terms"),
    ],
)
def test_faults_lead_to_their_field_and_no_account(
    client: Client, values: dict[str, Any], field: str
) -> None:
    assert f'href="#id_{field}"' in text_of(join(client, **values))
    assert not User.objects.exists()
    assert not mail.outbox


def test_sharing_contacts_is_a_choice_of_its_own(client: Client) -> None:
    join(client, "a@example.org")
    join(client, "b@example.org", shares_contacts="on")

    shared = Consent.objects.filter(kind=ConsentKind.SHARE_CONTACTS)
    assert [each.user.email for each in shared] == ["b@example.org"]


def test_known_and_unknown_address_get_the_same_answer(person: User) -> None:
    answers = []
    for email in ("chen@example.org", "li@example.org", "LI@example.org"):
        browser = Client()
        first = join(browser, email)
        page = text_of(browser.get(SENT)).replace(email, "").replace(email.lower(), "")
        again = browser.post(SENT)
        answers.append((first.status_code, first.headers["Location"], page, again.status_code))

    assert answers[0] == answers[1] == answers[2]
    assert [(*each.to, each.subject) for each in mail.outbox][:2] == [
        ("chen@example.org", "[场景桥] 验证电子邮箱"),
        ("li@example.org", "[场景桥] 您已有账号"),
    ]
    assert User.objects.filter(email__iexact="li@example.org").count() == 1
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_known_and_unknown_address_take_the_same_work(person: User, monkeypatch) -> None:
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def count(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)

    join(Client())
    unknown = len(hashed)
    join(Client(), "li@example.org")

    assert (unknown, len(hashed)) == (1, 2)


def test_mails_name_the_configured_address_whatever_the_host_says(person: User, client) -> None:
    host = {"host": "localhost:6666"}
    join(Client(), headers=host)
    join(Client(), "li@example.org", headers=host)
    client.force_login(person)
    client.post(AGAIN, {"password": PASSWORD}, headers=host)
    client.post(EMAIL, {"email": "new@example.org", "action_add": ""}, headers=host)
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER},
        headers=host,
    )

    assert len(mail.outbox) == 4
    for each in mail.outbox:
        assert "localhost" not in f"{each.subject}{each.body}{each.from_email}"
        assert SITE in str(each.body)


def test_second_mail_waits_a_minute_and_says_nothing_of_it(client: Client) -> None:
    join(client)
    answers = {text_of(client.post(SENT, follow=True)) for _ in range(3)}

    assert len(mail.outbox) == 1
    assert len(answers) == 1


def test_mail_that_got_lost_is_sent_again(client: Client, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "confirm_email": "99/m/key"}
    join(client)

    assert client.post(SENT).headers["Location"] == SENT

    assert [message.to for message in mail.outbox] == [["chen@example.org"]] * 2
    assert mail.outbox[0].subject == mail.outbox[1].subject


def test_mailbox_of_a_stranger_is_not_flooded(client: Client, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "confirm_email": "99/m/key"}
    for number in range(15):
        join(Client(), "victim@example.org", REMOTE_ADDR=f"192.0.2.{number}")

    assert len(mail.outbox) == 10


def test_one_address_opens_accounts_slowly() -> None:
    answers = [join(Client(), f"p{number}@example.org").status_code for number in range(21)]

    assert answers == [302] * 20 + [429]


def test_form_without_token_opens_nothing() -> None:
    assert join(Client(enforce_csrf_checks=True)).status_code == 403
    assert not User.objects.exists()


def test_mail_server_that_is_away_leaves_no_account(client: Client, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    assert join(client).status_code == 503
    assert not User.objects.exists()


@pytest.mark.parametrize("key", ["x", "MQ:1abc:def", "set-password", "a:b:c"])
def test_made_up_link_proves_nothing(client: Client, key: str) -> None:
    join(client)

    assert "链接无效" in read(client, f"/accounts/confirm-email/{key}/")
    assert client.post(f"/accounts/confirm-email/{key}/").status_code == 404


# Changing one's address


def ask_to_change(client: Client, person: User, email: str = "new@example.org") -> None:
    client.force_login(person)
    client.post(AGAIN, {"password": PASSWORD})
    client.post(EMAIL, {"email": email, "action_add": ""})


def test_address_changes_when_the_new_one_is_verified(client: Client, person: User) -> None:
    ask_to_change(client, person)
    person.refresh_from_db()
    assert person.email == "li@example.org"
    assert "等待验证" in read(client, "/accounts/")

    client.post(link())

    person.refresh_from_db()
    assert person.email == "new@example.org"
    rows = person.emailaddress_set.values_list("email", "verified", "primary")
    assert [*rows] == [("new@example.org", True, True)]
    assert AuditEvent.objects.filter(verb="accounts.user.change_address").exists()
    # The former mailbox hears of it.
    assert [each.to for each in mail.outbox] == [["new@example.org"], ["li@example.org"]]
    # Nothing can be reset there any more.
    assert "请立即联系运营单位" in str(mail.outbox[-1].body)
    assert "password/reset" not in str(mail.outbox[-1].body)
    assert sign_in(Client(), "li@example.org").status_code == 200
    assert sign_in(Client(), "new@example.org").status_code == 302


def test_change_is_asked_for_by_whoever_proves_again(client: Client, person: User) -> None:
    client.force_login(person)

    answer = client.post(EMAIL, {"email": "new@example.org", "action_add": ""})

    assert answer.headers["Location"].startswith(AGAIN)
    assert person.emailaddress_set.count() == 1


def test_change_can_be_given_up(client: Client, person: User) -> None:
    ask_to_change(client, person)

    client.post(EMAIL, {"email": "new@example.org", "action_remove": ""})

    assert [each.email for each in person.emailaddress_set.all()] == ["li@example.org"]
    assert client.post(link(0)).status_code == 404


def test_address_typed_wrong_gives_a_stranger_nothing(client: Client, person: User) -> None:
    ask_to_change(client, person, "stranger@example.org")
    mail.outbox.clear()

    Client().post("/accounts/password/reset/", {"email": "stranger@example.org"})

    assert "password/reset/key" not in str(mail.outbox[0].body)


def test_address_wanted_by_one_is_free_for_its_owner(client: Client, person: User) -> None:
    ask_to_change(client, person, "chen@example.org")
    squatted = link()

    owner = Client()
    join(owner, REMOTE_ADDR="192.0.2.7")
    made = User.objects.get(email="chen@example.org")
    # The limit for one mailbox: the second mail comes a minute later.
    assert made.pk != person.pk

    client.post(squatted)
    person.refresh_from_db()
    assert person.email == "chen@example.org"
    assert not User.objects.filter(pk=made.pk).exists()


def test_verified_address_of_somebody_else_is_not_taken(client: Client, person: User) -> None:
    ask_to_change(client, person, "wang@example.org")
    User.objects.create_user("wang@example.org")

    page = read(client, link())

    assert "链接无效" in page
    client.post(link())
    person.refresh_from_db()
    assert person.email == "li@example.org"


# Terms that are new


def test_person_who_never_agreed_is_asked_at_sign_in(client: Client) -> None:
    made = User.objects.create_user("chen@example.org", PASSWORD)

    assert sign_in(client, next="/cities/").headers["Location"] == CONSENT
    assert not is_in(client)
    assert client.get("/my/").headers["Location"].startswith(LOGIN)
    page = read(client, CONSENT)
    assert "首次登录" in page
    assert "checked" not in page
    refused = client.post(CONSENT, {"shares_contacts": "on"})
    assert 'href="#id_terms"' in text_of(refused)
    assert not Consent.objects.exists()
    before = client.session.session_key

    answer = client.post(CONSENT, {"terms": "on"})

    assert answer.headers["Location"] == "/cities/"
    assert is_in(client)
    assert client.session.session_key != before
    assert not owes_consent(made)
    assert not has_given(made, ConsentKind.SHARE_CONTACTS)


def test_new_version_asks_again_and_then_no_more(client: Client, person: User, monkeypatch) -> None:
    monkeypatch.setitem(consents.VERSIONS, ConsentKind.TERMS, "2027-01")

    assert sign_in(client, person.email).headers["Location"] == CONSENT
    assert "条款已更新" in read(client, CONSENT)
    client.post(CONSENT, {"terms": "on"})

    assert is_in(client)
    assert sign_in(Client(), person.email).headers["Location"] == "/my/"


def test_whoever_does_not_agree_leaves(client: Client) -> None:
    User.objects.create_user("chen@example.org", PASSWORD)
    sign_in(client)

    client.post("/accounts/logout/")

    assert client.get(CONSENT).headers["Location"] == LOGIN
    assert not is_in(client)


def test_terms_are_asked_of_nobody_who_proved_nothing(client: Client) -> None:
    assert client.get(CONSENT).headers["Location"] == LOGIN
    assert client.post(CONSENT, {"terms": "on"}).headers["Location"] == LOGIN


def test_invented_people_are_not_asked(client: Client) -> None:
    User.objects.create_user("chen@example.org", PASSWORD, is_demonstration=True)

    assert sign_in(client).headers["Location"] == "/my/"


# Texts


@pytest.mark.parametrize("path", ["/accounts/terms/", "/accounts/privacy/"])
def test_texts_state_version_date_and_whom_to_ask(settings, path: str) -> None:
    settings.SITE_CONTACT = "020-12345678"

    page = read(Client(), path)

    assert f"版本 {consents.VERSIONS[ConsentKind.TERMS]}，自 2026年11月22日起施行" in page
    assert "020-12345678" in page
    assert f'href="{path}"' in read(Client(), "/")


def test_privacy_page_states_the_periods_that_count(settings) -> None:
    settings.RETENTION_DAYS = {**settings.RETENTION_DAYS, "unverified_accounts": 17}

    assert "17 天后删除" in read(Client(), "/accounts/privacy/")
