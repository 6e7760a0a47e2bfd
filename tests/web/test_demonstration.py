"""Invented records are marked wherever they are shown, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail as mailbox
from django.test import Client
from django.urls import Resolver404, resolve
from pytest_django import Settings

from accounts.consents import give_consent
from accounts.enums import ConsentKind
from accounts.models import User
from common.actor import Actor
from demonstration.services import load_demonstration, sign_ins
from organizations.models import Organization
from tests.pages import read
from tests.records import SYSTEM, make_organization, make_scenario

pytestmark = pytest.mark.django_db

SMALL_WORLD: Path = settings.ROOT / "tests" / "demonstration"
NOTE = '<aside class="demonstration"'
MARK = '<span class="invented">演示</span>'
ENOUGH = 3  # pages of one view, as reached by different links


def crawl(client: Client) -> dict[str, list[str]]:
    """Pages by the name of their view, from the home page along every link."""
    found: dict[str, list[str]] = {}
    waiting, seen = ["/", "/my/", "/administration/"], set[str]()
    while waiting:
        path = waiting.pop(0)
        try:
            name = resolve(path.partition("?")[0]).view_name
        except Resolver404:
            pytest.fail(f"a page links to {path}, which is no address")
        if path in seen or len(found.get(name, [])) >= ENOUGH:
            continue
        seen.add(path)
        response = client.get(path, follow=True)
        if response.status_code != 200:
            # What a reader may not see is linked nowhere; the first addresses were not links.
            assert path in {"/my/", "/administration/"}, (path, response.status_code)
            continue
        if not response.headers["Content-Type"].startswith("text/html"):
            continue
        page = response.content.decode()
        found.setdefault(name, []).append(page)
        waiting += [
            link.replace("&amp;", "&") for link in re.findall(r'href="(/(?!static/)[^"#]*)"', page)
        ]
    return found


@pytest.mark.parametrize(
    ("email", "reached"),
    [
        ("", {"scenario_detail", "capability_detail", "organization_detail", "account_login"}),
        ("publisher@demo.example.org", {"workspace", "application_detail", "scenario_edit"}),
        ("administrator@demo.example.org", {"administration", "catalogue_begin_notice"}),
        ("system@demo.example.org", {"administration", "authority_detail"}),
        ("auditor@demo.example.org", {"administration", "audit_list", "audit_event"}),
    ],
)
def test_every_page_says_that_records_are_invented(email: str, reached: set[str]) -> None:
    load_demonstration(directory=SMALL_WORLD, actor=SYSTEM)
    client = Client()
    if email:
        client.force_login(User.objects.get(email=email))

    pages = crawl(client)

    assert reached | {"home", "city_detail", "concept_detail", "catalogue_edition"} <= set(pages)
    bare = [name for name, found in pages.items() if not all(NOTE in page for page in found)]
    assert bare == []
    names = list(Organization.objects.values_list("name", flat=True))
    unmarked = {
        (view, name)
        for view, found in pages.items()
        for page in found
        for name in names
        if _is_unmarked(name, page)
    }
    assert unmarked == set()


def _is_unmarked(name: str, page: str) -> bool:
    """Whether the page's own text has the name somewhere without 演示 beside it."""
    content = page.partition("<main")[2].partition("</main>")[0]
    shown = re.sub(r"<(option|nav).*?</\1>|<input[^>]*>", "", content, flags=re.DOTALL)
    return bool(re.search(rf"{name}(?!\s*({MARK}|（演示）))", shown))


@pytest.mark.parametrize("email", ["publisher@demo.example.org", "administrator@demo.example.org"])
def test_invented_people_sign_in_only_where_invented_records_are_allowed(
    client: Client, settings: Settings, email: str
) -> None:
    load_demonstration(directory=SMALL_WORLD, actor=SYSTEM)
    password = next(each.password for each in sign_ins() if each.email == email)
    form = {"login": email, "password": password}
    assert client.post("/accounts/login/", form).headers["Location"] == "/my/"
    assert client.get("/my/").status_code == 200

    settings.DEMONSTRATION = False
    assert client.get("/my/").status_code == 302
    answer = Client().post("/accounts/login/", form)
    assert answer.headers["Location"] == "/accounts/inactive/"
    assert "_auth_user_id" not in answer.client.session


@pytest.mark.parametrize(
    ("address", "allowed", "reaches"),
    [
        ("publisher@demo.example.org", True, True),
        ("publisher@demo.example.org", False, False),
        ("clerk@demo.example.org", True, False),
    ],
)
def test_reset_link_goes_to_those_alone_who_may_sign_in(
    client: Client, settings: Settings, address: str, allowed: bool, reaches: bool
) -> None:
    load_demonstration(directory=SMALL_WORLD, actor=SYSTEM)
    settings.DEMONSTRATION = allowed

    answer = client.post("/accounts/password/reset/", {"email": address})

    assert answer.headers["Location"] == "/accounts/password/reset/done/"
    (mail,) = mailbox.outbox
    assert ("/accounts/password/reset/key/" in mail.body) is reaches


def test_own_people_sign_in_everywhere(client: Client, settings: Settings) -> None:
    settings.DEMONSTRATION = False
    person = User.objects.create_user("own@example.org", "海上升明月-2026")
    give_consent(person=person, kinds=[ConsentKind.TERMS], actor=Actor.of(person))

    form = {"login": "own@example.org", "password": "海上升明月-2026"}
    assert client.post("/accounts/login/", form).headers["Location"] == "/my/"
    assert client.get("/my/").status_code == 200


def test_installation_without_invented_records_says_nothing(client: Client) -> None:
    scenario = make_scenario()

    for path in ("/", "/scenarios/", scenario.get_absolute_url()):
        page = read(client, path)
        assert NOTE not in page
        assert MARK not in page


def test_only_what_is_invented_is_marked(client: Client) -> None:
    invented = make_organization("望潮码头", is_demonstration=True)
    made_up = make_scenario(invented, name="虚构的场景")
    real = make_scenario(make_organization("真实单位"), name="真实的场景")

    rows = re.findall(r"<tr>.*?</tr>", read(client, "/scenarios/"), re.DOTALL)
    marked = {
        name: MARK in row for row in rows for name in ("虚构的场景", "真实的场景") if name in row
    }
    assert marked == {"虚构的场景": True, "真实的场景": False}
    assert MARK in read(client, made_up.get_absolute_url())
    assert MARK not in read(client, real.get_absolute_url())


def test_api_says_which_organization_is_invented(client: Client) -> None:
    make_scenario(make_organization("望潮码头", is_demonstration=True), name="虚构的场景")
    make_scenario(make_organization("真实单位"), name="真实的场景")

    results = client.get("/api/v1/scenarios/").json()["results"]

    assert {each["name"]: each["organization"]["is_demonstration"] for each in results} == {
        "虚构的场景": True,
        "真实的场景": False,
    }
