"""``Idempotency-Key`` on unsafe calls: once, and the same answer again (THREATS A28)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from applications.services import STEPS as APPLICATION_STEPS
from audit.models import AuditEvent
from organizations.models import Membership
from outbox.models import Message
from scenarios.models import Scenario
from tests.programs import Program, nothing_written
from tests.races import at_once
from tests.records import (
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)
from tests.tokens.makers import TokenProgram, make_token
from tokens.models import AnsweredCall

SCENARIOS = "/api/v1/scenarios/"


def send(program: Program, method: str, path: str, body: Any = None, key: str = "k-1") -> Any:
    return program.send(method, path, body, **{"Idempotency-Key": key})


def replayed(response: Any) -> bool:
    return bool(response.headers.get("Idempotency-Replayed") == "true")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["session", "token"])
def test_a_creation_that_is_sent_again_happens_once(kind: str) -> None:
    own = make_organization()
    writer = (
        Program(make_member(own))
        if kind == "session"
        else TokenProgram(make_token(own, "scenarios")[1].text)
    )
    body = {"organization": str(own.public_id), "name": "甲"}

    first = send(writer, "POST", SCENARIOS, body)
    with nothing_written():
        again = send(writer, "POST", SCENARIOS, body)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("Content-Type", "ETag", "Location"):
        assert again.headers[name] == first.headers[name]
    assert (replayed(first), replayed(again)) == (False, True)
    assert Scenario.objects.filter(organization=own).count() == 1
    other = send(writer, "POST", SCENARIOS, body, key="k-2")
    assert (other.status_code, replayed(other)) == (201, False)


@pytest.mark.django_db
def test_the_answer_is_what_it_is_without_a_key() -> None:
    own = make_organization()
    writer = Program(make_member(own))
    body = {"organization": str(own.public_id), "name": "甲"}

    plain = writer.send("POST", SCENARIOS, body)
    keyed = send(writer, "POST", SCENARIOS, body)

    assert set(keyed.headers) == set(plain.headers)
    assert keyed.headers["Content-Type"] == plain.headers["Content-Type"]
    changing = {"id", "url", "created_at", "updated_at"}
    before, after = (
        {name: value for name, value in json.loads(each.content).items() if name not in changing}
        for each in (plain, keyed)
    )
    assert after == before


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused() -> None:
    own = make_organization()
    writer = Program(make_member(own))
    body = {"organization": str(own.public_id), "name": "甲"}
    send(writer, "POST", SCENARIOS, body)

    with nothing_written():
        problem = writer.post(SCENARIOS, {**body, "name": "乙"}, 422, **{"Idempotency-Key": "k-1"})

    assert problem["code"] == "idempotency_key_reused"
    assert problem["title"] == "无法处理"


@pytest.mark.django_db
def test_a_refusal_is_repeated_too_and_leaves_no_effect() -> None:
    own = make_organization()
    writer = Program(make_member(own))
    draft = make_scenario(own, published=False)
    path = f"{SCENARIOS}{draft.public_id}/"
    assert send(writer, "POST", f"{path}submit/").status_code == 200

    refused = send(writer, "POST", f"{path}submit/", key="k-2")
    again = send(writer, "POST", f"{path}submit/", key="k-2")

    assert (refused.status_code, again.status_code) == (409, 409)
    assert again.content == refused.content
    assert again.headers["Content-Type"] == "application/problem+json"
    assert (replayed(refused), replayed(again)) == (False, True)
    # The first key still answers what it did, whatever has become of the record since.
    assert json.loads(send(writer, "POST", f"{path}submit/").content)["state"] == "submitted"


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 256, "钥", "a\tb"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    own = make_organization()
    writer = Program(make_member(own))

    with nothing_written():
        body = {"organization": str(own.public_id), "name": "甲"}
        answer = send(writer, "POST", SCENARIOS, body, key=key)
    assert answer.status_code == 400
    assert json.loads(answer.content)["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.django_db
def test_a_contact_is_shown_once_and_kept_nowhere() -> None:
    host, own = make_organization(), make_organization()
    scenario = make_scenario(host, contact_phone="13812345678", contact_email="chen@example.com")
    application = make_application(scenario, make_capability(own))
    for step in ("shortlist", "select", "connect"):
        APPLICATION_STEPS.take(step, application, make_member(host))
    applicant = Program(make_member(own))
    path = f"/api/v1/applications/{application.public_id}/contact/"

    first = send(applicant, "POST", path)
    with nothing_written():
        again = send(applicant, "POST", path)

    assert (first.status_code, json.loads(first.content)["phone"]) == (200, "13812345678")
    assert first.headers["Cache-Control"] == "no-store"
    assert again.status_code == 409
    assert "没有再次执行" in json.loads(again.content)["detail"]
    (kept,) = AnsweredCall.objects.values("body", "headers")
    assert kept == {"body": "", "headers": {}}
    # With another key it is read again, and that is on record again.
    assert send(applicant, "POST", path, key="k-2").content == first.content
    assert AuditEvent.objects.filter(verb__endswith=".reveal_contact").count() == 2


@pytest.mark.django_db
def test_reading_and_visitors_leave_no_answers() -> None:
    member = Program(make_member(make_organization()))

    assert send(member, "GET", SCENARIOS).status_code == 200
    assert send(Program(), "POST", SCENARIOS, {}).status_code == 401
    assert not AnsweredCall.objects.exists()


@pytest.mark.django_db
def test_who_left_gets_no_stored_answer() -> None:
    own = make_organization()
    actor = make_member(own)
    writer = Program(actor)
    body = {"organization": str(own.public_id), "name": "机密"}
    send(writer, "POST", SCENARIOS, body)
    Membership.objects.filter(user=actor.user_id).delete()

    answer = send(writer, "POST", SCENARIOS, body)

    assert answer.status_code == 409
    assert "机密" not in answer.content.decode()


@pytest.mark.django_db
def test_a_fault_leaves_neither_effect_nor_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    own = make_organization()
    writer = Program(make_member(own))
    writer.client.raise_request_exception = False
    body = {"organization": str(own.public_id), "name": "甲"}

    with monkeypatch.context() as patch:
        patch.setattr("tokens.idempotency.AnsweredCall.objects", _Failing())
        with nothing_written():
            assert send(writer, "POST", SCENARIOS, body).status_code == 500
    assert send(writer, "POST", SCENARIOS, body).status_code == 201


class _Failing:
    """Writes the row and then fails, as when the machine goes down after the effect."""

    def __getattr__(self, name: str) -> Any:
        if name == "filter":
            raise RuntimeError("the machine went down")
        return getattr(AnsweredCall._default_manager, name)


def test_eight_same_calls_at_once_have_one_effect(committed_db: str) -> None:
    own = make_organization()
    key = make_token(own, "scenarios")[1]
    body = {"organization": str(own.public_id), "name": "甲"}

    def call() -> tuple[int, bytes, bool]:
        response = send(TokenProgram(key.text), "POST", SCENARIOS, body)
        return response.status_code, response.content, replayed(response)

    answers = at_once(*[call] * 8)

    assert {status for status, _, _ in answers} == {201}
    assert len({content for _, content, _ in answers}) == 1
    assert sorted(was_replayed for _, _, was_replayed in answers) == [False] + [True] * 7
    assert Scenario.objects.filter(organization=own).count() == 1
    assert Message.objects.filter(topic="scenarios.scenario.create").count() == 1
