"""Limits by token, person and address; a cache that is away stops nobody."""

from __future__ import annotations

import json
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client, override_settings
from pytest_django import Settings

from api import throttling
from tests.programs import Program
from tests.records import make_member, make_organization
from tests.tokens.makers import TokenProgram, make_token

pytestmark = pytest.mark.django_db

CITIES, APPLICATIONS, SCENARIOS = "/api/v1/cities/", "/api/v1/applications/", "/api/v1/scenarios/"
FEW = {
    "token": {"read": 3, "write": 1},
    "person": {"read": 3, "write": 1},
    "address": {"read": 3, "write": 1, "failure": 2},
}


MINUTES = count(1_000_000_000, 60)


@pytest.fixture(autouse=True)
def now(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> float:
    """A clock that stands still, 20 s before the end of a minute in which no other test counts."""
    settings.API_RATES = FEW
    return stop(monkeypatch, float(next(MINUTES)))


def stop(monkeypatch: pytest.MonkeyPatch, moment: float) -> float:
    clock = SimpleNamespace(time=lambda: moment, monotonic=lambda: moment)
    monkeypatch.setattr(throttling, "time", clock)
    return moment


def statuses(program: Program, path: str, count: int, **headers: str) -> list[int]:
    return [program.send("GET", path, **headers).status_code for _ in range(count)]


def test_beyond_the_limit_is_a_problem_that_says_when_to_come_back() -> None:
    visitor = Program()
    assert statuses(visitor, CITIES, 3) == [200, 200, 200]

    response = visitor.send("GET", CITIES)

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "20"
    assert response.headers["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert (body["title"], body["code"]) == ("请求过多", "throttled")


def test_each_person_and_each_token_counts_alone() -> None:
    own = make_organization()
    first, second = (Program(make_member(own)) for _ in range(2))
    tokens = [TokenProgram(make_token(own)[1].text) for _ in range(2)]

    for program in (first, second, *tokens):
        assert statuses(program, APPLICATIONS, 4) == [200, 200, 200, 429]
    assert statuses(Program(), CITIES, 1) == [200]


def test_writing_counts_apart_from_reading() -> None:
    own = make_organization()
    writer = TokenProgram(make_token(own, "scenarios")[1].text)
    body = {"organization": str(own.public_id), "name": "甲"}

    assert writer.send("POST", SCENARIOS, body).status_code == 201
    assert writer.send("POST", SCENARIOS, body).status_code == 429
    assert statuses(writer, SCENARIOS, 3) == [200, 200, 200]


def test_the_next_minute_begins_anew(monkeypatch: pytest.MonkeyPatch, now: float) -> None:
    assert statuses(Program(), CITIES, 4)[-1] == 429
    next(MINUTES)
    stop(monkeypatch, now + 21)

    assert statuses(Program(), CITIES, 1) == [200]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        # Nobody in front: what the header says is invented.
        (0, lambda number: f"203.0.113.{number}", 429),
        # One proxy adds the last entry; what stands before it is invented.
        (1, lambda number: f"203.0.113.{number}, 198.51.100.7", 429),
        (1, lambda number: f"198.51.100.7, 203.0.113.{number}", 200),
        # All addresses of one IPv6 network are one source.
        (1, lambda number: f"2001:db8::{number}", 429),
    ],
)
def test_a_forged_address_is_no_way_around(
    settings: Settings, proxies: int, forwarded: Any, expected: int
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    client = Client()

    answers = [
        client.get(CITIES, headers={"X-Forwarded-For": forwarded(number)}).status_code
        for number in range(1, 5)
    ]

    assert answers == [200, 200, 200, expected]


@pytest.mark.parametrize("text", ["sbt_aaaaaaaaaa_" + "a" * 43, "no token"])
def test_wrong_tokens_of_an_address_are_soon_refused_and_right_ones_never(text: str) -> None:
    """Many organizations may come from one address: nobody's guessing shuts the others out."""
    right = TokenProgram(make_token(make_organization())[1].text)
    wrong = TokenProgram(text)

    assert statuses(right, APPLICATIONS, 1) == [200]
    assert statuses(wrong, APPLICATIONS, 3) == [401, 401, 429]
    assert wrong.send("GET", APPLICATIONS).headers["Retry-After"] == "20"
    assert statuses(right, APPLICATIONS, 2) == [200, 200]
    # Its own limit is another.
    assert statuses(right, APPLICATIONS, 1) == [429]
    assert statuses(wrong, APPLICATIONS, 1) == [429]


def test_without_redis_the_api_answers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(throttling, "_counter", throttling._Counter())
    own = make_organization()
    writer = TokenProgram(make_token(own, "scenarios")[1].text)
    body = {"organization": str(own.public_id), "name": "甲"}
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}

    with override_settings(CACHES={"default": away}):
        assert statuses(Program(), CITIES, 5) == [200] * 5
        assert [writer.send("POST", SCENARIOS, body).status_code for _ in range(2)] == [201, 201]
        assert statuses(TokenProgram("sbt_"), APPLICATIONS, 4) == [401] * 4

    assert caplog.text.count("api_limits_not_counted") == 1
