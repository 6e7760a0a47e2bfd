"""The inbox, its settings, and the number in the header."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from common.actor import Actor
from notifications.enums import Category, Mode
from notifications.models import Notification, Preference
from organizations.models import Membership, Organization
from scenarios.services import close_scenario
from tests.inboxes import deliver_news, forget_news
from tests.pages import read, signed_in
from tests.records import (
    SYSTEM,
    make_administrator,
    make_member,
    make_organization,
    make_scenario,
    user_of,
)

pytestmark = pytest.mark.django_db

INBOX = "/notifications/"
SETTINGS = "/notifications/preferences/"


@pytest.fixture
def host() -> Organization:
    return make_organization("明远制造")


@pytest.fixture
def editor(host: Organization) -> Actor:
    return make_member(host)


def tell(host: Organization, *names: str) -> None:
    rows = [make_scenario(host, name=name) for name in names]
    forget_news()
    for scenario in rows:
        close_scenario(scenario=scenario, actor=SYSTEM)
    deliver_news()


def notice_of(actor: Actor) -> Notification:
    return Notification.objects.get(user=actor.user_id)


def badge(page: str) -> str | None:
    found = re.search(r'class="unread-count">(\d+\+?)<', page)
    return found[1] if found else None


def test_inbox_says_what_and_why(host: Organization, editor: Actor) -> None:
    tell(host, "夜间巡检")

    page = read(signed_in(editor), INBOX)

    assert "场景“夜间巡检”已结束" in page
    assert "您是“明远制造”的编辑，因此收到此通知。" in page
    assert "未读 1 条" in page


def test_visitors_are_asked_to_sign_in() -> None:
    for path in (INBOX, SETTINGS):
        response = Client().get(path)
        assert (response.status_code, response["Location"]) == (
            302,
            f"/accounts/login/?next={path}",
        )
    assert Client().post(f"{INBOX}read/").status_code == 302


def test_empty_inbox_says_what_will_come(editor: Actor) -> None:
    page = read(signed_in(editor), INBOX)

    assert "还没有通知" in page
    assert badge(page) is None


def test_opening_marks_read_and_leads_to_the_record(host: Organization, editor: Actor) -> None:
    tell(host, "夜间巡检")
    notice, client = notice_of(editor), signed_in(editor)

    response = client.post(f"{INBOX}{notice.public_id}/open/")

    assert (response.status_code, response["Location"]) == (302, notice.path)
    assert notice_of(editor).read_at is not None
    assert badge(read(client, INBOX)) is None


def test_reading_changes_nothing_by_get(host: Organization, editor: Actor) -> None:
    tell(host, "夜间巡检")
    client, notice = signed_in(editor), notice_of(editor)

    for path in (f"{notice.public_id}/open/", f"{notice.public_id}/read/", "read/"):
        assert client.get(INBOX + path).status_code == 405
    assert notice_of(editor).read_at is None


def test_notices_of_others_are_not_there(host: Organization, editor: Actor) -> None:
    tell(host, "夜间巡检")
    notice = notice_of(editor)
    colleague, administrator = make_member(host), make_administrator()

    for stranger in (colleague, administrator):
        client = signed_in(stranger)
        assert "夜间巡检" not in read(client, INBOX)
        for step in ("open", "read"):
            absent = client.post(f"{INBOX}{uuid4()}/{step}/")
            other = client.post(f"{INBOX}{notice.public_id}/{step}/")
            assert absent.status_code == other.status_code == 404
    assert notice_of(editor).read_at is None


def test_all_are_marked_read_as_far_as_the_page_could_show(
    host: Organization, editor: Actor
) -> None:
    tell(host, "甲", "乙")
    client = signed_in(editor)
    found = re.search(r'name="until" value="([^"]+)"', read(client, INBOX))
    assert found is not None

    response = client.post(f"{INBOX}read/?unread=true", {"until": found[1], "category": ""})

    assert response["Location"] == f"{INBOX}?unread=true"
    assert "已将 2 条通知标为已读" in read(client, INBOX)
    assert "没有符合条件的通知" in read(client, f"{INBOX}?unread=true")


@pytest.mark.parametrize("until", ["", "yesterday", "2026-11-22T08:00:00"])
def test_request_without_a_time_marks_nothing(
    host: Organization, editor: Actor, until: str
) -> None:
    tell(host, "甲")
    client = signed_in(editor)

    client.post(f"{INBOX}read/", {"until": until})

    assert notice_of(editor).read_at is None
    assert "请重新打开通知页" in read(client, INBOX)


def test_unread_come_first_and_filters_narrow(host: Organization, editor: Actor) -> None:
    tell(host, "甲", "乙", "丙")
    newest = Notification.objects.filter(user=editor.user_id).latest("pk")
    client = signed_in(editor)
    client.post(f"{INBOX}{newest.public_id}/read/")

    page = read(client, INBOX)
    assert page.index("“乙”") < page.index("“甲”") < page.index("“丙”")
    assert "“丙”" not in read(client, f"{INBOX}?unread=true")
    assert "没有符合条件的通知" in read(client, f"{INBOX}?category=catalogue")
    assert "“甲”" in read(client, f"{INBOX}?category=review")
    assert "无法识别" in read(client, f"{INBOX}?category=nothing")


def test_part_for_htmx_holds_the_list_alone(host: Organization, editor: Actor) -> None:
    tell(host, "甲")

    part = signed_in(editor).get(INBOX, headers={"HX-Request": "true"}).content.decode()

    assert "“甲”" in part
    assert "<html" not in part


def test_header_says_how_many_wait(host: Organization, editor: Actor) -> None:
    client = signed_in(editor)
    assert badge(read(client, "/policy/")) is None
    tell(host, "甲", "乙")

    assert badge(read(client, "/policy/")) == "2"
    row = Notification.objects.filter(user=editor.user_id).first()
    assert row is not None
    Notification.objects.bulk_create(
        Notification(
            user_id=editor.user_id,
            standing="self",
            category=Category.MEMBERSHIP,
            title="许多",
            text="许多",
            path="/my/",
            reason="许多",
            topic=row.topic,
            message_id=number,
            mode=Mode.NONE,
        )
        for number in range(1_000_000, 1_000_100)
    )
    assert badge(read(client, "/policy/")) == "99+"
    assert badge(read(Client(), "/policy/")) is None


def test_header_costs_one_query_for_members_and_none_for_others(
    editor: Actor, django_assert_num_queries, client: Client
) -> None:
    with django_assert_num_queries(1):  # whether anything invented is shown
        client.get("/api/docs/")
    own = signed_in(editor)
    own.get("/api/docs/")

    with django_assert_num_queries(5):  # that, session, person, grants, unread
        own.get("/api/docs/")


def test_inbox_costs_the_same_with_thirty_rows(
    host: Organization, editor: Actor, django_assert_num_queries
) -> None:
    client = signed_in(editor)
    tell(host, "甲")
    client.get(INBOX)
    with django_assert_num_queries(9):
        client.get(INBOX)
    tell(host, *(f"场景{number}" for number in range(30)))
    with django_assert_num_queries(9):
        assert client.get(INBOX).content.decode().count('class="notice-item') == 30


def test_names_are_text(host: Organization, editor: Actor) -> None:
    tell(host, "<script>alert(1)</script>")

    assert "<script>alert" not in read(signed_in(editor), INBOX)


# Settings


def field(owner: Organization | None, category: Category) -> str:
    return f"{owner.public_id if owner else 'own'}-{category.value}"


def test_settings_are_kept_for_person_and_organization(host: Organization, editor: Actor) -> None:
    client = signed_in(editor)
    sent = {field(None, Category.REVIEW): "daily", field(host, Category.CATALOGUE): "none"}

    response = client.post(SETTINGS, sent, follow=True)

    assert "通知设置已保存" in response.content.decode()
    stored = Preference.objects.filter(user=editor.user_id).order_by("pk")
    assert list(stored.values_list("organization", "category", "mode")) == [
        (None, "review", "daily"),
        (host.pk, "catalogue", "none"),
    ]
    page = response.content.decode()
    assert page.count('<option value="daily" selected>') == 1
    assert page.count('<option value="none" selected>') == 1
    assert AuditEvent.objects.filter(verb="notifications.preference.choose").count() == 2

    client.post(SETTINGS, {})
    assert not Preference.objects.exists()


def test_settings_offer_what_concerns_the_reader(host: Organization, editor: Actor) -> None:
    page = read(signed_in(editor), SETTINGS)
    assert "明远制造" in page
    assert "立即发送（不能关闭）" in page
    assert "待办审核" not in page

    administrators = read(signed_in(make_administrator()), SETTINGS)
    assert "待办审核" in administrators
    assert "明远制造" not in administrators


def test_settings_refuse_what_is_not_offered(host: Organization, editor: Actor) -> None:
    client = signed_in(editor)
    other = make_organization()

    page = client.post(SETTINGS, {field(None, Category.REVIEW): "sometimes"})
    assert "设置没有保存" in page.content.decode()
    client.post(
        SETTINGS,
        {field(other, Category.REVIEW): "none", field(None, Category.SECURITY): "none"},
    )
    assert not Preference.objects.exists()


def test_settings_cost_the_same_with_many_organizations(
    editor: Actor, django_assert_max_num_queries, django_assert_num_queries
) -> None:
    client = signed_in(editor)
    client.get(SETTINGS)
    with django_assert_max_num_queries(9) as one:
        client.get(SETTINGS)
    for _ in range(10):
        Membership.objects.create(
            organization=make_organization(), user=user_of(editor), role="viewer"
        )
    with django_assert_num_queries(len(one)):
        client.get(SETTINGS)


def test_addresses_have_names() -> None:
    assert reverse("notification_list") == INBOX
    assert reverse("notification_preferences") == SETTINGS
