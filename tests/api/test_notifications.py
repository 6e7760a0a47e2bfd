"""The inbox over the API: one's own, and nobody else's."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from notifications.models import Notification
from organizations.models import Organization
from scenarios.services import close_scenario
from tests.inboxes import deliver_news, forget_news
from tests.pages import signed_in
from tests.records import SYSTEM, make_member, make_organization, make_scenario, user_of
from tokens.enums import Lifetime, Scope
from tokens.facts import TokenFacts
from tokens.services import create_token

pytestmark = pytest.mark.django_db

INBOX = "/api/v1/notifications/"
JSON = {"content_type": "application/json"}


@pytest.fixture
def host() -> Organization:
    return make_organization("明远制造")


def tell(host: Organization, count: int = 1) -> None:
    rows = [make_scenario(host, name="夜间巡检") for _ in range(count)]
    forget_news()
    for scenario in rows:
        close_scenario(scenario=scenario, actor=SYSTEM)
    deliver_news()


def test_own_notices_are_listed_with_reason_and_address(host: Organization) -> None:
    editor = make_member(host)
    tell(host)
    notice = Notification.objects.get(user=editor.user_id)

    body = signed_in(editor).get(INBOX).json()

    (row,) = body["results"]
    assert row["id"] == str(notice.public_id)
    assert row["title"] == "场景“夜间巡检”已结束"
    assert row["reason"] == "您是“明远制造”的编辑"
    assert row["organization"]["name"] == "明远制造"
    assert row["url"] == f"{settings.BASE_URL}{notice.path}"
    assert (row["category"], row["read_at"]) == ("review", None)


def test_reading_marks_ones_own_alone(host: Organization) -> None:
    editor, colleague = make_member(host), make_member(host)
    tell(host)
    own = Notification.objects.get(user=editor.user_id)
    other = Notification.objects.get(user=colleague.user_id)
    client = signed_in(editor)

    done = client.post(f"{INBOX}{own.public_id}/read/", **JSON)
    again = client.post(f"{INBOX}{own.public_id}/read/", **JSON)

    assert done.status_code == 200
    assert done.json()["read_at"] == again.json()["read_at"] is not None
    for absent in (other.public_id, uuid4()):
        assert client.get(f"{INBOX}{absent}/").status_code == 404
        assert client.post(f"{INBOX}{absent}/read/", **JSON).status_code == 404
    other.refresh_from_db()
    assert other.read_at is None
    assert client.get(f"{INBOX}?unread=true").json()["results"] == []


def test_visitors_and_programs_have_no_inbox(host: Organization) -> None:
    owner = make_member(host, "owner")
    tell(host)
    notice = Notification.objects.get(user=owner.user_id)
    facts = TokenFacts(name="同步", permissions=[*Scope], days=Lifetime.MONTH)
    _, key = create_token(organization=host, facts=facts, actor=owner)
    bearer = {"Authorization": f"Bearer {key.text}"}

    assert Client().get(INBOX).status_code == 401
    assert Client().get(INBOX, headers=bearer).status_code == 403
    read = f"{INBOX}{notice.public_id}/read/"
    assert Client().post(read, headers=bearer, **JSON).status_code == 403
    assert user_of(owner).notifications.filter(read_at=None).exists()


def test_list_costs_the_same_with_thirty(
    host: Organization, django_assert_max_num_queries, django_assert_num_queries
) -> None:
    client = signed_in(make_member(host))
    tell(host)
    client.get(INBOX)
    with django_assert_max_num_queries(6) as one:
        client.get(INBOX)
    tell(host, 30)
    with django_assert_num_queries(len(one)):
        assert len(client.get(INBOX).json()["results"]) >= 20
