"""The pages on which an organization keeps its tokens."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import Settings

from common.actor import Actor
from organizations.models import Organization
from tests.pages import read, signed_in
from tests.programs import nothing_written
from tests.records import make_administrator, make_member, make_organization, user_of
from tests.tokens.makers import make_token
from tokens.models import ApiToken
from tokens.services import MOST_TOKENS

pytestmark = pytest.mark.django_db

PASSWORD = "海上升明月-2026"
FILLED = {"name": "内网系统", "permissions": ["scenarios"], "days": "30"}


def pages(organization: Organization, token: ApiToken | None = None) -> dict[str, str]:
    own = f"/organizations/{organization.public_id}/tokens/"
    which = token.public_id if token else uuid.uuid4()
    return {"list": own, "new": f"{own}new/", "revoke": f"{own}{which}/revoke/"}


def text_on(page: str) -> str:
    found = re.search(r"sbt_[a-z0-9]{10}_[\w-]{43}", page)
    assert found
    return found[0]


def test_an_owner_makes_a_token_that_is_shown_once() -> None:
    organization = make_organization()
    client = signed_in(make_member(organization, "owner"))
    address = pages(organization)
    assert "还没有令牌" in read(client, address["list"])

    response = client.post(address["new"], FILLED)

    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    text = text_on(response.content.decode())
    client.cookies.load({})
    carried = [str(response.headers), str(client.cookies), str(dict(client.session))]
    assert all(text[15:] not in each for each in carried)
    for path in (address["list"], address["new"], "/my/", organization.get_absolute_url()):
        assert text[15:] not in read(client, path)
    listed = read(client, address["list"])
    assert "内网系统" in listed
    assert text[:14] in listed
    program = Client(headers={"Authorization": f"Bearer {text}"})
    assert program.get("/api/v1/applications/").status_code == 200


def test_a_session_alone_makes_no_token(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Whoever finds a browser open proves first who they are; then what was written is done."""
    organization = make_organization()
    owner, editor = (make_member(organization, role) for role in ("owner", "editor"))
    person = user_of(owner)
    person.set_password(PASSWORD)
    person.save()
    client, address = signed_in(owner), pages(organization)
    again = f"/accounts/reauthenticate/?next={quote(address['new'], safe='')}"
    read(client, address["list"])
    # Who may not is refused, and not asked.
    assert signed_in(editor).get(address["new"]).status_code == 403

    for ask in (client.get, lambda path: client.post(path, FILLED)):
        answer = ask(address["new"])
        assert answer.headers["Location"] == again
        assert not ApiToken.objects.exists()
    assert client.post(again, {"password": "wrong"}).status_code == 200
    assert not ApiToken.objects.exists()

    made = client.post(again, {"password": PASSWORD})
    assert "no-store" in made.headers["Cache-Control"]
    (token,) = ApiToken.objects.all()
    assert text_on(made.content.decode()).startswith(f"sbt_{token.prefix}_")
    # It holds for a while.
    assert client.post(address["new"], FILLED).status_code == 200
    later = time.time() + settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1
    monkeypatch.setattr("allauth.account.internal.flows.reauthentication.time.time", lambda: later)
    assert client.get(address["new"]).headers["Location"] == again


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": ""}, "name"),
        ({"name": "长" * 61}, "name"),
        ({"days": "366"}, "days"),
        ({"days": ""}, "days"),
        ({"permissions": ["organizations"]}, "permissions"),
    ],
)
def test_what_cannot_be_made_is_said_at_its_field(change: dict[str, Any], fault: str) -> None:
    organization = make_organization()
    client = signed_in(make_member(organization, "owner"))

    with nothing_written():
        page = client.post(pages(organization)["new"], {**FILLED, **change}).content.decode()

    assert f'href="#id_{fault}"' in page
    assert "没有创建" in page


def test_the_limit_is_explained() -> None:
    organization = make_organization()
    owner = make_member(organization, "owner")
    for _ in range(MOST_TOKENS):
        make_token(organization, owner=owner)

    response = signed_in(owner).post(pages(organization)["new"], FILLED)

    assert response.status_code == 409
    assert "请先撤销不用的" in response.content.decode()


def test_revoking_asks_first() -> None:
    organization = make_organization()
    token, _ = make_token(organization)
    client = signed_in(make_member(organization, "owner"))
    address = pages(organization, token)

    with nothing_written():
        assert "不能恢复" in read(client, address["revoke"])
    assert client.post(address["revoke"]).status_code == 302
    assert "已撤销" in read(client, address["list"])
    assert client.post(address["revoke"]).status_code == 409


@pytest.mark.parametrize(
    ("who", "statuses"),
    [
        ("owner", (200, 200, 200)),
        ("editor", (200, 403, 403)),
        ("viewer", (403, 403, 403)),
        ("rival", (404, 404, 404)),
        ("administrator", (404, 404, 404)),
        ("visitor", (302, 302, 302)),
    ],
)
def test_who_sees_and_who_does(who: str, statuses: tuple[int, ...]) -> None:
    organization = make_organization()
    token, _ = make_token(organization)
    people = {
        "rival": lambda: make_member(make_organization(), "owner"),
        "administrator": make_administrator,
    }
    client = Client()
    if who != "visitor":
        actor: Actor = people[who]() if who in people else make_member(organization, who)
        client = signed_in(actor)
    address = pages(organization, token)

    got = tuple(client.get(path).status_code for path in address.values())
    assert got == statuses
    if who != "owner":
        with nothing_written():
            for name in ("new", "revoke"):
                assert client.post(address[name], FILLED).status_code in {302, 403, 404}
    page = client.get(organization.get_absolute_url()).content.decode()
    assert (address["list"] in page) == (who in {"owner", "editor"})
    listed = client.get(address["list"]).content.decode()
    assert (address["new"] in listed) == (who == "owner")


def test_tokens_of_another_organization_are_not_found() -> None:
    own, other = make_organization(), make_organization()
    foreign, _ = make_token(other)
    client = signed_in(make_member(own, "owner"))

    for path in (pages(own, foreign)["revoke"], pages(own)["revoke"]):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    foreign.refresh_from_db()
    assert foreign.revoked_at is None


def test_the_list_costs_the_same_for_one_and_for_many(
    django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    organization = make_organization()
    owner = make_member(organization, "owner")
    client, path = signed_in(owner), pages(organization)["list"]
    make_token(organization, owner=owner)
    read(client, path)
    with django_assert_max_num_queries(12) as one:
        read(client, path)
    for _ in range(MOST_TOKENS - 1):
        make_token(organization)
    with django_assert_num_queries(len(one.captured_queries)):
        read(client, path)
