"""One's own account page, contacts, consents, export and closing, by pages."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.consents import give_consent
from accounts.contacts import shares_contact
from accounts.enums import ConsentKind
from accounts.models import User
from audit.models import AuditEvent
from common.actor import Actor
from tests.pages import read
from tests.records import make_administrator, user_of

pytestmark = pytest.mark.django_db

PASSWORD = "海上升明月-2026"
PAGE, AGAIN = "/accounts/personal-data/", "/accounts/reauthenticate/"
EXPORT, CLOSE, SHARING = f"{PAGE}export/", f"{PAGE}close/", f"{PAGE}sharing/"
CONTACT = "/accounts/contact/"


@pytest.fixture(autouse=True)
def own_limits(settings) -> None:
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{uuid.uuid4()}"
    settings.CACHES = {**settings.CACHES}


@pytest.fixture
def person() -> User:
    made = User.objects.create_user("li@example.org", PASSWORD, name="李明")
    give_consent(person=made, kinds=[ConsentKind.TERMS], actor=Actor.of(made))
    return made


@pytest.fixture
def own(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def prove(client: Client) -> None:
    client.post(AGAIN, {"password": PASSWORD})


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_account_page_states_everything_and_leads_to_it(own: Client, person: User) -> None:
    page = read(own, "/accounts/")

    for shown in ("李明", "li@example.org", "没有开启", "未同意向对接方提供联系方式"):
        assert shown in page
    for path in (CONTACT, "/accounts/email/", "/accounts/password/change/", PAGE):
        assert f'href="{path}"' in page
    assert 'href="/accounts/"' in read(own, "/cities/")


def test_contact_is_changed(own: Client, person: User) -> None:
    answer = own.post(CONTACT, {"name": "李 明", "phone": "+86 138 0013 8000"}, follow=True)

    assert "已保存" in text_of(answer)
    assert "13800138000" in text_of(answer)
    person.refresh_from_db()
    assert (person.name, person.phone) == ("李 明", "13800138000")


@pytest.mark.parametrize(
    ("values", "field"),
    [({"phone": "12345"}, "phone"), ({"name": ""}, "name"), ({"name": "李\u202e明"}, "name")],
)
def test_faulty_contact_leads_to_its_field(
    own: Client, person: User, values: dict[str, str], field: str
) -> None:
    answer = own.post(CONTACT, {"name": "王", "phone": "", **values})

    assert f'href="#id_{field}"' in text_of(answer)
    person.refresh_from_db()
    assert person.name == "李明"


def test_sharing_is_agreed_to_and_taken_back(own: Client, person: User) -> None:
    own.post(SHARING, {"shares": "yes"})
    assert shares_contact(person)
    assert "撤回同意" in read(own, PAGE)

    own.post(SHARING, {"shares": "no"})

    assert not shares_contact(person)
    assert "撤回于" in read(own, PAGE)


def test_export_is_a_file_for_whoever_proves_again(own: Client) -> None:
    assert f'href="{EXPORT}"' in read(own, PAGE)
    asked = own.get(EXPORT)
    assert asked.headers["Location"].startswith(AGAIN)

    # Back to a page, from which the file is fetched: a file alone would leave the old page open.
    back = own.post(asked.headers["Location"], {"password": PASSWORD}, follow=True)
    assert back.redirect_chain == [(EXPORT, 302)]
    assert "下载" in text_of(back)
    answer = own.post(EXPORT)

    assert answer.headers["Content-Disposition"].startswith('attachment; filename="scenebridge-')
    assert answer.headers["Cache-Control"] == "no-store"
    data = json.loads(answer.content)
    assert data["account"]["name"] == "李明"
    assert AuditEvent.objects.filter(verb="accounts.user.export").count() == 1


def test_export_waits_for_a_proof_that_is_fresh(own: Client) -> None:
    refused = own.post(EXPORT)

    assert refused.headers["Location"] == EXPORT
    assert own.get(EXPORT).headers["Location"].startswith(AGAIN)
    assert not AuditEvent.objects.filter(verb="accounts.user.export").exists()


def test_proof_page_says_when_it_asks_again(own: Client) -> None:
    page = read(own, AGAIN)
    assert "刚登录过也要再验证一次" in page
    prove(own)

    assert own.get(CLOSE).status_code == own.get(EXPORT).status_code == 200


def test_contact_page_says_who_sees_what(own: Client) -> None:
    assert "达成对接的组织可以看到完整的" in read(own, CONTACT)


def test_account_is_closed_by_whoever_proves_again_and_is_sure(own: Client, person: User) -> None:
    assert own.post(CLOSE, {"sure": "on"}).headers["Location"].startswith(AGAIN)
    prove(own)
    assert "请先确认" in text_of(own.post(CLOSE, {}))
    person.refresh_from_db()
    assert person.is_active

    answer = own.post(CLOSE, {"sure": "on"}, follow=True)

    assert "账号已注销" in text_of(answer)
    assert "_auth_user_id" not in own.session
    person.refresh_from_db()
    assert (person.name, person.is_active) == ("已注销用户", False)
    back = Client().post("/accounts/login/", {"login": "li@example.org", "password": PASSWORD})
    assert "电子邮箱或密码不正确" in text_of(back)


def test_whoever_has_duties_reads_why_not(client: Client) -> None:
    administrator = user_of(make_administrator())
    administrator.set_password(PASSWORD)
    administrator.save()
    client.force_login(administrator)

    assert "解除任职" in read(client, PAGE)
    assert f'href="{CLOSE}"' not in read(client, PAGE)
    prove(client)
    refused = client.post(CLOSE, {"sure": "on"})
    assert "解除任职" in text_of(refused)
    administrator.refresh_from_db()
    assert administrator.is_active


def test_forms_without_token_change_nothing(person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)

    for path in (SHARING, EXPORT, CLOSE, CONTACT, "/accounts/email/"):
        assert client.post(path, {"shares": "yes"}).status_code == 403
    assert not shares_contact(person)
