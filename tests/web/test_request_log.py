"""What the log says of requests, as it is written: never an address."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse

from accounts.models import User
from organizations.enums import MemberRole
from organizations.joining import invite, token_of
from organizations.models import Invitation
from tests.pages import signed_in
from tests.records import make_member, make_organization, make_scenario
from web.request_log import WithoutAddresses

pytestmark = pytest.mark.django_db


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the handler of the settings writes."""
    (handler,) = (
        each
        for each in logging.getLogger().handlers
        if isinstance(each, logging.StreamHandler)
        and any(isinstance(filtering, WithoutAddresses) for filtering in each.filters)
    )
    text = io.StringIO()
    before = handler.setStream(text)
    yield text
    handler.setStream(before)


@pytest.fixture
def person() -> User:
    return User.objects.create_user("li@example.org", "海上升明月-2026")


def ask(path: str, client: Client | None = None) -> int:
    """Reading and sending; returns the status of reading."""
    client = client or Client()
    client.post(path)
    return client.get(path).status_code


def test_request_is_named_by_its_route_and_record(written: io.StringIO) -> None:
    scenario = make_scenario()

    Client().get(f"{scenario.get_absolute_url()}?q=找水下机器人&next=/secret-place/")

    lines = [line for line in written.getvalue().splitlines() if "request_" in line]
    assert ["request_started" in lines[0], "request_finished" in lines[1]] == [True, True]
    wanted = f"GET /scenarios/<uuid:public_id>/ public_id={scenario.public_id}"
    assert [wanted in line for line in lines] == [True, True]
    assert "q=" not in written.getvalue()
    assert "secret-place" not in written.getvalue()


def test_link_to_reset_a_password_is_not_written(written: io.StringIO, person: User) -> None:
    key = default_token_generator.make_token(person)
    given = {"uidb36": user_pk_to_url_str(person), "key": key}

    assert ask(reverse("account_reset_password_from_key", kwargs=given)) == 302
    assert (
        ask(reverse("account_reset_password_from_key", kwargs={**given, "key": "k-wrong"})) == 200
    )

    assert "request_finished" in written.getvalue()
    assert key not in written.getvalue()
    assert "k-wrong" not in written.getvalue()


def test_link_to_confirm_an_address_is_not_written(written: io.StringIO, person: User) -> None:
    address = EmailAddress.objects.get(user=person)
    EmailAddress.objects.update(verified=False)
    key = EmailConfirmationHMAC(address).key

    ask(reverse("account_confirm_email", args=[key]))
    ask(reverse("account_confirm_email", args=["k-wrong"]))

    assert "account_confirm_email" not in written.getvalue()
    assert "request_finished" in written.getvalue()
    assert key not in written.getvalue()
    assert "k-wrong" not in written.getvalue()


def test_invitation_is_not_written_however_it_is_answered(written: io.StringIO) -> None:
    organization = make_organization()
    owner = make_member(organization, "owner")
    invite(organization=organization, email="li@example.org", role=MemberRole.VIEWER, actor=owner)
    token = token_of(Invitation.objects.get())
    path = reverse("invitation", args=[token])

    statuses = [
        ask(path),
        ask(path, signed_in(owner)),  # for another address: 403, which Django warns of
        ask(reverse("invitation", args=[f"wrong-{token}"])),
        ask(f"{path.rstrip('/')}"),  # no route, and told to the one with a slash
        ask(f"{path}x"),
        Client(enforce_csrf_checks=True).post(path).status_code,
    ]

    assert statuses == [200, 403, 404, 301, 404, 403]
    assert "Forbidden" in written.getvalue()
    assert "Not Found" in written.getvalue()
    assert token not in written.getvalue()


def test_path_that_leads_nowhere_is_not_written(written: io.StringIO) -> None:
    assert ask("/reset/秘密-k-123/?key=k-456") == 404

    assert "(no such route)" in written.getvalue()
    assert "Not Found" in written.getvalue()
    assert "k-123" not in written.getvalue()
    assert "k-456" not in written.getvalue()


def test_next_of_a_sign_in_is_not_written(written: io.StringIO) -> None:
    Client().get("/accounts/login/?next=/invitations/k-789/")

    assert "request_finished" in written.getvalue()
    assert "k-789" not in written.getvalue()
