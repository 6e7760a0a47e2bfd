"""The admin site: for the province's system administrators, to look at and nothing else."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import User
from common.admin import ReadOnlyAdmin
from outbox.models import Delivery
from outbox.services import publish
from tests.accounts.devices import begin
from tests.pages import read, signed_in
from tests.records import (
    GUANGZHOU,
    give_second_factor,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plain_templates(settings) -> None:
    """Django's own admin templates name variables that are not always there."""
    options = {**settings.TEMPLATES[0]["OPTIONS"], "string_if_invalid": ""}
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "OPTIONS": options}]


def names() -> list[str]:
    return [f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry]


def test_every_registered_model_is_read_only() -> None:
    assert "accounts_user" in names()
    assert all(isinstance(each, ReadOnlyAdmin) for each in admin.site._registry.values())


def test_visitor_is_led_to_our_sign_in_and_back() -> None:
    for path in ("/admin/", "/admin/accounts/user/", "/admin/login/?next=/admin/accounts/user/"):
        assert Client().get(path, follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    assert Client().post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302


@pytest.mark.parametrize("duty", ["content", "catalogue", "audit", "owner"])
def test_others_are_refused(duty: str) -> None:
    actor = (
        make_member(make_organization(), "owner") if duty == "owner" else make_administrator(duty)
    )
    client = signed_in(actor)

    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get("/admin/accounts/user/", follow=True).status_code == 403


@pytest.mark.parametrize("place", [{"city": GUANGZHOU}, {"city": GUANGZHOU, "district": "440106"}])
def test_duty_with_bounds_opens_nothing(place: dict[str, str]) -> None:
    client = signed_in(make_administrator("system", **place))

    assert client.get("/admin/", follow=True).status_code == 403
    for name in names():
        page = client.get(reverse(f"admin:{name}_changelist"), follow=True)
        assert page.status_code == 403, name


def test_flags_of_django_open_nothing() -> None:
    flagged = User.objects.create_superuser("root@example.org", "海上升明月-2026")
    client = Client()
    client.force_login(flagged)

    assert client.get("/admin/", follow=True).status_code == 403


def test_system_administrator_looks_and_changes_nothing() -> None:
    actor = make_administrator("system")
    client = signed_in(actor)

    for name in names():
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:{name}_changelist"), {"q": "li"}).status_code == 200
        assert client.get(reverse(f"admin:{name}_add")).status_code == 403
    one = reverse("admin:accounts_user_change", args=[actor.user_id])
    assert client.get(one).status_code == 200
    assert client.post(one, {"name": "王"}).status_code == 403
    gone = reverse("admin:accounts_user_delete", args=[actor.user_id])
    assert client.post(gone, {"post": "yes"}).status_code == 403
    assert User.objects.get(pk=actor.user_id).name == ""


def test_no_secret_stands_on_any_page() -> None:
    """Nor what is shown elsewhere only to whom it concerns, or masked."""
    client = signed_in(make_administrator("system"))
    person = User.objects.create_user("li@example.org", "海上升明月-2026", phone="13800138000")
    give_second_factor(person)
    factor = Authenticator.objects.get(user=person)
    session = begin(person, ip="203.0.113.77")
    address = EmailAddress.objects.get(user=person)
    with transaction.atomic():
        message = publish(topic="support.told", key="support:1", payload={"token": "secret-1"})
    delivery = Delivery.objects.create(message=message, consumer="support", key=message.key)
    rows: list[tuple[str, Model]] = [
        ("accounts_user", person),
        ("mfa_authenticator", factor),
        ("account_emailaddress", address),
        ("usersessions_usersession", session),
        ("outbox_message", message),
        ("outbox_delivery", delivery),
    ]

    paths = [reverse(f"admin:{name}_change", args=[row.pk]) for name, row in rows]
    paths += [reverse(f"admin:{name}_changelist") for name, _ in rows]
    shown = "".join(read(client, path) for path in paths)

    secrets = [
        factor.data["secret"],
        person.password,
        person.phone,
        person.email,
        session.session_key,
        session.ip,
        "secret-1",
    ]
    assert [each for each in secrets if each in shown] == []
    assert "support.told" in shown


def test_there_is_no_history_for_nobody_writes_here() -> None:
    actor = make_administrator("system")
    client = signed_in(actor)

    answer = client.get(reverse("admin:accounts_user_history", args=[actor.user_id]))

    assert answer.headers["Location"] == reverse("admin:accounts_user_change", args=[actor.user_id])


def test_ways_out_are_ours() -> None:
    client = signed_in(make_administrator("system"))

    assert client.get("/admin/password_change/").headers["Location"] == (
        "/accounts/password/change/"
    )
    assert client.post("/admin/logout/").headers["Location"] == "/accounts/logout/"
    assert 'action="/accounts/logout/"' in client.get("/admin/").content.decode()


@pytest.mark.parametrize("target", ["//evil.example", "/\t/evil.example", "/\\evil.example"])
def test_sign_in_for_it_leads_to_no_other_site(target: str) -> None:
    client = Client()
    client.get("/admin/login/", {"next": target})
    User.objects.create_user("li@example.org", "海上升明月-2026", is_demonstration=True)
    given = {"login": "li@example.org", "password": "海上升明月-2026", "next": target}

    assert client.post("/accounts/login/", given).headers["Location"] == "/my/"


def test_headings_are_chinese() -> None:
    actor = make_administrator("system")
    person = user_of(actor)
    session = begin(person, ip="203.0.113.77")
    factor = Authenticator.objects.get(user=person)
    address = EmailAddress.objects.get(user=person)
    with transaction.atomic():
        message = publish(topic="support.told", key="support:1")
    delivery = Delivery.objects.create(message=message, consumer="support", key=message.key)
    client = signed_in(actor)
    pages = [read(client, "/admin/")]
    for name, row in (
        ("accounts_user", person),
        ("mfa_authenticator", factor),
        ("account_emailaddress", address),
        ("usersessions_usersession", session),
        ("outbox_message", message),
        ("outbox_delivery", delivery),
    ):
        pages.append(read(client, reverse(f"admin:{name}_changelist")))
        pages.append(read(client, reverse(f"admin:{name}_change", args=[row.pk])))

    headings = [
        re.sub(r"<[^>]+>", "", each).strip()
        for page in pages
        for tag in ("caption", "h1", 'th scope="col"', "label")
        for each in re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag.split()[0]}>", page, re.DOTALL)
    ]

    assert len(headings) > 40
    assert {each for each in headings if re.search("[A-Za-z]{3}", each)} == set()
