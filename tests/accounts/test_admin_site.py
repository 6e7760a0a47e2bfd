"""The admin site: for system administrators, to look at and nothing else."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from common.admin import ReadOnlyAdmin
from tests.pages import signed_in
from tests.records import make_administrator, make_member, make_organization

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
    actor = make_administrator("system")
    client = signed_in(actor)
    factor = Authenticator.objects.get(user_id=actor.user_id)
    person = User.objects.get(pk=actor.user_id)

    pages = [
        client.get(reverse(f"admin:{name}", args=[key])).content.decode()
        for name, key in (
            ("accounts_user_change", person.pk),
            ("mfa_authenticator_change", factor.pk),
        )
    ]

    assert [
        each for each in (factor.data["secret"], person.password) if each in "".join(pages)
    ] == []


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
