"""Programs that sign in with a token: what they see, what they may, how they are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db.models.functions import Now

from audit.models import AuditEvent
from organizations.models import Membership, Organization
from scenarios.models import Scenario
from tests.programs import Program, nothing_written
from tests.records import (
    SYSTEM,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
    user_of,
)
from tests.tokens.makers import TokenProgram, make_token
from tokens.models import ApiToken
from tokens.services import revoke_token

pytestmark = pytest.mark.django_db

SCENARIOS, CAPABILITIES, APPLICATIONS = (
    f"/api/v1/{noun}/" for noun in ("scenarios", "capabilities", "applications")
)


def program(organization: Organization, *scopes: str) -> TokenProgram:
    return TokenProgram(make_token(organization, *scopes)[1].text)


def test_a_program_writes_for_its_organization() -> None:
    own = make_organization()
    token, key = make_token(own, "scenarios")
    writer = TokenProgram(key.text)

    body = {"organization": str(own.public_id), "name": "岸电巡检"}
    draft = writer.post(SCENARIOS, body, 201)
    path = f"{SCENARIOS}{draft['id']}/"
    assert writer.put(path, {"name": "岸电智能巡检"})["name"] == "岸电智能巡检"
    assert writer.post(f"{path}submit/")["state"] == "submitted"

    scenario = Scenario.objects.get(public_id=draft["id"])
    events = AuditEvent.objects.filter(object_type="scenarios.scenario", object_id=str(scenario.pk))
    assert {(each.actor_kind, each.actor_label) for each in events} == {("token", "内网系统")}
    assert {each.actor_user_id for each in events} == {token.user_id}


def test_a_reading_program_sees_what_a_viewer_sees_and_writes_nothing() -> None:
    own, other = make_organization(), make_organization()
    owner = make_member(own, "owner")
    Membership.objects.create(organization=other, user=user_of(owner), role="owner")
    reader = TokenProgram(make_token(own, owner=owner)[1].text)
    viewer = Program(make_member(own, "viewer"))
    draft, foreign = make_scenario(own, published=False), make_scenario(other, published=False)
    make_application(make_scenario(own), make_capability(other))
    make_application(make_scenario(other), make_capability())

    for path in (SCENARIOS, CAPABILITIES, APPLICATIONS, f"{SCENARIOS}{draft.public_id}/"):
        assert reader.get(path) == viewer.get(path), path
    absent = reader.get(f"{SCENARIOS}{own.public_id}/", 404)
    assert reader.get(f"{SCENARIOS}{foreign.public_id}/", 404) == absent
    # The first call of a minute notes the use; that was before.
    with nothing_written():
        body = {"organization": str(own.public_id), "name": "甲"}
        reader.post(SCENARIOS, body, 403)
        reader.put(f"{SCENARIOS}{draft.public_id}/", {"name": "甲"}, 403)
        reader.post(f"{SCENARIOS}{draft.public_id}/submit/", None, 403)
        reader.put(f"{SCENARIOS}{foreign.public_id}/", {"name": "甲"}, 404)


def test_a_program_writes_what_its_scopes_name_alone() -> None:
    own = make_organization()
    writer = program(own, "capabilities")
    body = {"organization": str(own.public_id), "name": "甲"}

    assert writer.post(CAPABILITIES, body, 201)["state"] == "draft"
    assert writer.post(SCENARIOS, body, 403)["code"] == "forbidden"
    scenario = make_scenario(own, published=False)
    assert writer.get(f"{SCENARIOS}{scenario.public_id}/")["actions"] == []


def test_a_program_does_not_write_for_another_organization_of_its_maker() -> None:
    own, other = make_organization(), make_organization()
    owner = make_member(own, "owner")
    Membership.objects.create(organization=other, user=user_of(owner), role="owner")
    writer = TokenProgram(make_token(own, "scenarios", owner=owner)[1].text)

    body = {"organization": str(other.public_id), "name": "甲"}
    problem = writer.post(SCENARIOS, body, 400)

    assert problem["errors"] == [{"field": "organization", "message": "只能填写您所属的组织。"}]


def _refused() -> dict[str, str]:
    own = make_organization()
    texts = {"unknown": "sbt_aaaaaaaaaa_" + "a" * 43, "no token": "abc", "empty": ""}
    for name in ("expired", "revoked", "left", "inactive", "misspelt"):
        token, key = make_token(own)
        texts[name] = key.text
        if name == "expired":
            ApiToken.objects.filter(pk=token.pk).update(expires_at=Now())
        elif name == "revoked":
            revoke_token(token=token, actor=SYSTEM)
        elif name == "left":
            Membership.objects.filter(user=token.user_id).delete()
        elif name == "inactive":
            type(token.user).objects.filter(pk=token.user_id).update(is_active=False)
        else:
            texts[name] = key.text[:-1] + ("a" if key.text[-1] != "a" else "b")
    return texts


def test_tokens_that_open_nothing_are_all_refused_alike() -> None:
    answers = {}
    for name, text in _refused().items():
        for path in (SCENARIOS, APPLICATIONS):
            response = TokenProgram(text).send("GET", path)
            assert response.status_code == 401, name
            assert response.headers["WWW-Authenticate"].startswith("Bearer "), name
            assert response.headers["Content-Type"] == "application/problem+json"
            answers[name, path] = response.content
    assert len(set(answers.values())) == 1
    assert json.loads(answers["unknown", SCENARIOS])["code"] == "authentication_failed"


def test_a_wrong_token_is_not_saved_by_a_session() -> None:
    member = Program(make_member(make_organization()))

    answer = member.send("GET", APPLICATIONS, Authorization="Bearer sbt_no")

    assert answer.status_code == 401


def test_sessions_still_need_the_csrf_token() -> None:
    own = make_organization()
    member = Program(make_member(own), token="x" * 32)

    body = {"organization": str(own.public_id), "name": "甲"}
    assert member.post(SCENARIOS, body, 403)["code"] == "permission_denied"
    assert member.get(APPLICATIONS)["results"] == []


def test_visitors_are_told_how_to_sign_in() -> None:
    response = Program().send("POST", SCENARIOS, {})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_token_opens_no_page() -> None:
    own = make_organization()
    reader = program(own, "scenarios")
    draft = make_scenario(own, published=False)

    assert reader.send("GET", "/my/").status_code == 302
    assert reader.send("GET", draft.get_absolute_url()).status_code == 404
    assert reader.send("GET", f"/organizations/{own.public_id}/tokens/").status_code == 302
    assert reader.send("POST", f"/organizations/{own.public_id}/tokens/new/").status_code in {
        302,
        403,
    }


def test_a_token_dies_with_the_membership_between_two_calls() -> None:
    own = make_organization()
    token, key = make_token(own, "scenarios")
    writer = TokenProgram(key.text)
    assert writer.get(APPLICATIONS)["results"] == []

    Membership.objects.filter(user=token.user_id).delete()

    assert writer.get(APPLICATIONS, 401)["code"] == "authentication_failed"


def test_signing_in_takes_one_query(django_assert_num_queries: Any) -> None:
    """Beside the one that notes the use, once a minute, and what the list itself takes."""
    own = make_organization()
    reader = program(own)
    reader.get(APPLICATIONS)
    with django_assert_num_queries(2):  # the token, the count of no rows
        reader.get(APPLICATIONS)
