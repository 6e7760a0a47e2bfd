"""Organizations over the API: the life of a registration, who reads what, what programs may not."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from audit.models import AuditEvent
from common.actor import Actor
from organizations.models import Evidence, Organization
from organizations.services import STEPS, suspend_organization
from tests.evidence import make_draft, make_evidence, make_submitted
from tests.programs import Program, faults, nothing_written
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    credit_code,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)
from tests.tokens.makers import TokenProgram, make_token

pytestmark = pytest.mark.django_db

ORGANIZATIONS = "/api/v1/organizations/"
FACTS = {
    "name": "南沙智能装备有限公司",
    "legal_kind": "enterprise",
    "identifier_scheme": "credit_code",
    "identifier": credit_code(880_001),
    "capacities": ["supply"],
    "attributes": ["high_tech"],
    "city": GUANGZHOU,
    "district": "guangzhou-nansha",
    "seat": "",
    "address": "进港大道 1 号",
    "representative": "陈代表",
}
PUBLIC = {
    *("id", "name", "legal_kind", "capacities", "shown_attributes", "city", "district", "seat"),
    *("state", "is_demonstration", "url"),
}


def address(organization: Organization) -> str:
    return f"{ORGANIZATIONS}{organization.public_id}/"


def names(program: Program, query: str = "") -> list[str]:
    return [row["name"] for row in program.get(f"{ORGANIZATIONS}{query}")["results"]]


def newcomer() -> Actor:
    return make_member(make_organization("老东家"), "viewer")


def steps(answer: Any) -> list[str]:
    return [step["name"] for step in answer["actions"]]


def test_a_registration_lives_over_the_api() -> None:
    founder, visitor = Program(newcomer()), Program()
    reviewer = Program(make_administrator("content", city=GUANGZHOU))

    created = founder.send("POST", ORGANIZATIONS, FACTS)
    draft = json.loads(created.content)
    path = f"{ORGANIZATIONS}{draft['id']}/"
    assert (created.status_code, draft["state"]) == (201, "draft")
    assert created.headers["Location"] == f"{settings.BASE_URL}{path}"
    assert draft["stated"] == FACTS
    registration = draft["registration"]
    assert (registration["identifier"], registration["representative"]) == (
        FACTS["identifier"],
        "陈代表",
    )
    assert (registration["member_count"], registration["evidence_count"]) == (1, 0)
    assert [each["field"] for each in registration["missing"]] == ["evidence"]
    visitor.get(path, 404)
    assert "营业执照" in founder.post(f"{path}submit/", None, 409)["detail"]

    organization = Organization.objects.get(public_id=draft["id"])
    for kind in ("licence", "high_tech"):
        make_evidence(organization, kind)
    assert founder.get(path)["registration"]["missing"] == []
    assert founder.post(f"{path}submit/")["state"] == "submitted"
    assert founder.put(path, FACTS, 409)["code"] == "conflict"
    assert steps(reviewer.get(path)) == ["verify", "return", "reject"]
    assert reviewer.post(f"{path}return/", {"reason": "执照看不清"})["state"] == "returned"
    changed = founder.put(path, {**FACTS, "name": "南沙装备有限公司"})
    assert (changed["name"], changed["state"]) == ("南沙装备有限公司", "returned")
    founder.post(f"{path}submit/")
    verified = reviewer.post(f"{path}verify/")

    assert (verified["state"], verified["shown_attributes"]) == ("verified", ["high_tech"])
    assert visitor.get(path)["shown_attributes"] == ["high_tech"]
    assert reviewer.post(f"{path}suspend/", {"reason": "接到举报"})["state"] == "suspended"
    visitor.get(path, 404)
    assert reviewer.post(f"{path}restore/", {"reason": "已查清"})["state"] == "verified"
    events = AuditEvent.objects.filter(
        object_type="organizations.organization", object_id=str(organization.pk)
    ).order_by("pk")
    verbs = ["register", "submit", "return", "change", "submit", "verify", "suspend", "restore"]
    assert [each.verb for each in events] == [f"organizations.organization.{v}" for v in verbs]


def test_a_rejected_registration_is_taken_up_again() -> None:
    made = make_submitted()
    owner, reviewer = Program(made.owner), Program(make_administrator("content"))
    path = address(made.organization)

    assert owner.post(f"{path}recall/")["state"] == "draft"
    owner.post(f"{path}submit/")
    assert faults(reviewer.post(f"{path}reject/", {}, 400)) == {"reason": "缺少这一项"}
    assert reviewer.post(f"{path}reject/", {"reason": "查无此单位"})["state"] == "rejected"
    assert steps(reviewer.get(path)) == ["reopen"]
    assert reviewer.post(f"{path}reopen/", {"reason": "补交了证明"})["state"] == "returned"


def test_everybody_reads_public_facts_alone() -> None:
    organization = make_organization(city=GUANGZHOU, attributes=["high_tech", "startup"])
    Evidence.objects.filter(kind="startup").update(
        valid_until=timezone.localdate() - timedelta(days=1)
    )
    path = address(organization)

    for program in (
        Program(),
        Program(newcomer()),
        Program(make_member(make_organization(), "owner")),
        Program(make_administrator("content", city=SHENZHEN)),
        Program(make_administrator("catalogue")),
    ):
        answer = program.get(path)
        assert set(answer) == {*PUBLIC, "registration", "stated", "actions"}
        assert (answer["registration"], answer["stated"], answer["actions"]) == (None, None, [])
        assert answer["shown_attributes"] == ["high_tech"]
        (row,) = program.get(f"{ORGANIZATIONS}?city={GUANGZHOU}")["results"]
        assert row == {name: answer[name] for name in PUBLIC}
        assert organization.identifier not in json.dumps([row, answer])


def test_members_and_overseers_read_the_registration() -> None:
    organization = make_organization(city=GUANGZHOU, attributes=["startup"])
    path = address(organization)
    actors = {role: make_member(organization, role) for role in ("viewer", "editor", "owner")} | {
        "overseer": make_administrator("content", city=GUANGZHOU)
    }

    for name, actor in actors.items():
        answer = Program(actor).get(path)
        registration = answer["registration"]
        assert registration["identifier"] == organization.identifier
        assert (registration["representative"], registration["member_count"]) == (None, 3)
        assert (answer["stated"] is not None) == (name in {"editor", "owner"})
        assert steps(answer) == (["suspend"] if name == "overseer" else [])


def test_hidden_and_absent_ones_answer_alike() -> None:
    draft = make_draft().organization
    suspended = make_organization()
    suspend_organization(organization=suspended, reason="举报", actor=SYSTEM)
    rival = Program(make_member(make_organization(), "owner"))
    absent = rival.get(f"{ORGANIZATIONS}{uuid.uuid4()}/", 404)

    with nothing_written():
        for hidden in (draft, suspended):
            path = address(hidden)
            assert rival.get(path, 404) == absent
            assert rival.put(path, FACTS, 404) == absent
            for step in STEPS.verbs:
                assert rival.post(f"{path}{step}/", {"reason": "试"}, 404) == absent
            for below in ("members", "evidence"):
                assert rival.get(f"{path}{below}/", 404) == absent
            assert hidden.name not in names(rival)
            assert names(rival, f"?q={hidden.name}") == []


def test_visible_ones_refuse_strangers_by_name() -> None:
    path = address(make_organization())
    stranger = Program(make_member(make_organization(), "owner"))

    with nothing_written():
        assert stranger.put(path, FACTS, 403)["code"] == "forbidden"
        for below in ("members", "evidence"):
            assert stranger.get(f"{path}{below}/", 403)["code"] == "forbidden"
            assert Program().get(f"{path}{below}/", 401)
        stranger.post(f"{path}suspend/", {"reason": "试"}, 403)
        Program().put(path, FACTS, 401)
        Program().post(ORGANIZATIONS, FACTS, 401)
        for method in ("DELETE", "PATCH"):
            assert stranger.send(method, path, {}).status_code == 405
        stranger.post(f"{path}amend/", None, 404)


def test_programs_read_as_a_viewer_and_write_no_organization() -> None:
    organization = make_organization()
    make_draft(name="别家草稿")
    draft = make_draft(name="自家草稿")
    viewer = Program(make_member(organization, "viewer"))

    for scopes in ((), ("scenarios", "capabilities", "applications")):
        program = TokenProgram(make_token(organization, *scopes)[1].text)
        drafting = TokenProgram(make_token(draft.organization, *scopes, owner=draft.owner)[1].text)
        path = address(organization)
        assert program.get(path) == viewer.get(path)
        assert program.get(path)["stated"] is None
        for below in ("", "members/", "evidence/"):
            assert program.get(f"{path}{below}") == viewer.get(f"{path}{below}")
        assert set(names(drafting, "?own=true")) == {"自家草稿"}
        assert drafting.get(address(draft.organization))["actions"] == []
        program.get(address(draft.organization), 404)
        with nothing_written():
            program.post(ORGANIZATIONS, FACTS, 403)
            program.put(path, FACTS, 403)
            drafting.post(f"{address(draft.organization)}submit/", None, 403)
            program.post(f"{address(draft.organization)}submit/", None, 404)
            program.post(f"{path}suspend/", {"reason": "试"}, 403)


def test_a_reviewers_program_has_none_of_the_duties() -> None:
    organization = make_organization(city=GUANGZHOU)
    reviewer = make_administrator(
        "content", person=user_of(make_member(organization, "owner")), city=GUANGZHOU
    )
    waiting = make_submitted()
    program = TokenProgram(make_token(organization, "scenarios", owner=reviewer)[1].text)

    Program(reviewer).get(address(waiting.organization))
    program.get(address(waiting.organization), 404)
    program.post(f"{address(waiting.organization)}verify/", None, 404)


def test_members_are_listed_with_masked_addresses() -> None:
    organization = make_organization(city=GUANGZHOU)
    owner = make_member(organization, "owner")
    viewer = make_member(organization, "viewer")
    path = f"{address(organization)}members/"

    for reader in (viewer, owner, make_administrator("system", city=GUANGZHOU)):
        answer = Program(reader).get(path)
        assert [row["role"] for row in answer["results"]] == ["owner", "viewer"]
        assert [row["email"] for row in answer["results"]] == ["p***@example.org"] * 2
        assert user_of(owner).email not in json.dumps(answer)
        assert answer["results"][0]["id"] == str(user_of(owner).public_id)
    Program(make_administrator("content", city=GUANGZHOU)).get(path, 403)
    Program(make_administrator("system", city=SHENZHEN)).get(path, 403)
    assert faults(Program(viewer).get(f"{path}?role=owner", 400)) != {}


def test_evidence_is_listed_without_its_files() -> None:
    organization = make_organization(city=GUANGZHOU)
    until = timezone.localdate() + timedelta(days=90)
    evidence = make_evidence(organization, valid_until=until, note="副本")
    path = f"{address(organization)}evidence/"

    for reader in (
        make_member(organization, "viewer"),
        make_administrator("content", city=GUANGZHOU),
    ):
        (row,) = Program(reader).get(path)["results"]
        assert row == {
            "id": str(evidence.public_id),
            "kind": "licence",
            "state": "stated",
            "valid_until": until.isoformat(),
            "note": "副本",
            "has_file": True,
            "created_at": row["created_at"],
        }
        assert evidence.file is not None
        assert evidence.file.name not in json.dumps(row)
    Program(make_administrator("system", city=GUANGZHOU)).get(path, 403)


def test_lists_are_filtered() -> None:
    own = make_draft(name="甲市政集团", city=SHENZHEN, capacities=["serve"])
    make_organization("乙大学", city=GUANGZHOU, legal_kind="university", capacities=["supply"])
    make_organization("丙医院", city=SHENZHEN, legal_kind="hospital", capacities=["publish"])
    program = Program(own.owner)

    assert names(program) == ["甲市政集团", "乙大学", "丙医院"]
    for query, found in {
        "?own=true": ["甲市政集团"],
        "?state=draft": ["甲市政集团"],
        "?state=verified": ["乙大学", "丙医院"],
        f"?city={SHENZHEN}": ["甲市政集团", "丙医院"],
        "?legal_kind=university": ["乙大学"],
        "?capacity=publish": ["丙医院"],
        "?q=大学": ["乙大学"],
        f"?q={own.organization.identifier}": [],
        "?sort=-created": ["丙医院", "乙大学", "甲市政集团"],
    }.items():
        assert names(program, query) == found, query
    assert names(Program(), "?own=true") == []
    for query in ("?state=lost", "?city=1", "?capacity=buy", "?identifier=1"):
        program.get(f"{ORGANIZATIONS}{query}", 400)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"identifier": "91440000MA5000001"}, "identifier"),
        ({"name": ""}, "name"),
        ({"city": "999999"}, "city"),
        ({"capacities": []}, "capacities"),
        ({"attributes": ["famous"]}, "attributes.0"),
        ({"state": "verified"}, "state"),
        ({"is_demonstration": True}, "is_demonstration"),
    ],
)
def test_faults_are_named_by_field(change: dict[str, Any], field: str) -> None:
    founder = Program(newcomer())
    with nothing_written():
        assert set(faults(founder.post(ORGANIZATIONS, {**FACTS, **change}, 400))) == {field}


def test_a_taken_number_is_refused_without_naming_who_has_it() -> None:
    holder = make_organization("先来的单位")
    facts, founder = {**FACTS, "identifier": holder.identifier}, Program(newcomer())
    with nothing_written():
        problem = founder.post(ORGANIZATIONS, facts, 409)
    assert holder.name not in json.dumps(problem, ensure_ascii=False)


def test_after_verification_what_the_licence_says_stays() -> None:
    organization = make_organization(city=GUANGZHOU)
    owner = Program(make_member(organization, "owner"))
    path = address(organization)
    stated = owner.get(path)["stated"]

    with nothing_written():
        assert set(faults(owner.put(path, {**stated, "name": "新名字"}, 400))) == {"name"}
    changed = owner.put(path, {**stated, "address": "新港路 2 号"})
    assert changed["registration"]["address"] == "新港路 2 号"


def test_lost_updates_are_refused() -> None:
    made = make_draft()
    owner = Program(made.owner)
    path = address(made.organization)
    read = owner.send("GET", path).headers["ETag"]
    stated = owner.get(path)["stated"]
    owner.put(path, {**stated, "address": "甲"}, **{"If-Match": read})

    with nothing_written():
        owner.put(path, {**stated, "address": "乙"}, 412, **{"If-Match": read})
        owner.post(f"{path}submit/", None, 412, **{"If-Match": read})


def test_reading_costs_the_same_at_1_and_30(
    django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    organization = make_organization()
    actor = make_member(organization, "owner")
    for _ in range(30):
        make_organization(city=GUANGZHOU, attributes=["startup"])
        make_member(organization, "viewer")
        make_evidence(organization, state="declined")
    program = Program(actor)
    program.get(ORGANIZATIONS)

    for path, most in (
        (ORGANIZATIONS, 6),
        (f"{address(organization)}members/", 8),
        (f"{address(organization)}evidence/", 8),
    ):
        with django_assert_max_num_queries(most) as one:
            assert len(program.get(f"{path}?page_size=1")["results"]) == 1
        with django_assert_num_queries(len(one.captured_queries)):
            assert len(program.get(f"{path}?page_size=30")["results"]) == 30
    with django_assert_max_num_queries(16):
        program.get(address(organization))
