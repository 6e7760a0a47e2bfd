"""Applications over the API: whole lives by both sides, refusals, and nothing for anybody else."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from applications.enums import ApplicationState
from applications.facts import ApplicationFacts
from applications.models import Application
from applications.services import STEPS, change_application, withdraw_application
from audit.models import AuditEvent
from common.actor import Actor
from matching.queries import capabilities_for
from matching.services import rank_all
from organizations.models import Membership, Organization
from organizations.services import suspend_organization
from outbox.models import Message
from scenarios.models import Scenario
from scenarios.services import close_scenario
from tests.programs import Program, faults, nothing_written
from tests.records import (
    GUANGZHOU,
    SYSTEM,
    make_administrator,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)

pytestmark = pytest.mark.django_db

APPLICATIONS = "/api/v1/applications/"
ROBOTS = "gd-2024-embodied-robots"
SECRET = "不可外传"
FACTS = {"proposal": "每天三次巡检", "price_fen": 120_000_000, "schedule": "三个月"}


def address(application: Application) -> str:
    return f"{APPLICATIONS}{application.public_id}/"


def ids(program: Program, query: str = "") -> list[str]:
    return [row["id"] for row in program.get(f"{APPLICATIONS}{query}")["results"]]


def id_of(record: Any) -> str:
    return str(record.public_id)


def step_names(told: Any) -> list[str]:
    return [step["name"] for step in told["actions"]]


def test_an_application_lives_over_the_api_by_both_sides() -> None:
    host, supplier = make_organization("港口集团", city=GUANGZHOU), make_organization("巡检科技")
    scenario = make_scenario(host, name="岸电巡检", concepts=[ROBOTS])
    capability = make_capability(supplier, name="巡检机器人", concepts=[ROBOTS])
    rank_all()
    applicant, colleague = (Program(make_member(supplier)) for _ in range(2))
    publisher = Program(make_member(host))
    named = {"scenario": id_of(scenario), "capability": id_of(capability)}

    created = applicant.send("POST", APPLICATIONS, {**named, "proposal": "初稿"})
    draft = json.loads(created.content)
    path = f"{APPLICATIONS}{draft['id']}/"
    assert (created.status_code, draft["state"]) == (201, "draft")
    assert created.headers["Location"] == f"{settings.BASE_URL}{path}"
    assert (draft["scenario"]["name"], draft["scenario"]["organization"]["name"]) == (
        "岸电巡检",
        "港口集团",
    )
    assert draft["scenario"]["organization"]["city"] == GUANGZHOU
    assert (draft["capability"]["name"], draft["capability"]["organization"]["name"]) == (
        "巡检机器人",
        "巡检科技",
    )
    assert (draft["price_fen"], draft["schedule"], draft["submitted_at"]) == (None, None, None)
    assert draft["url"] == f"{settings.BASE_URL}/applications/{draft['id']}/"
    assert draft["actions"] == [
        {"name": "submit", "label": "提交申请", "needs_reason": False},
        {"name": "discard", "label": "放弃草稿", "needs_reason": False},
    ]
    publisher.get(path, 404)

    changed = colleague.put(path, FACTS)
    assert {name: changed[name] for name in FACTS} == changed["stated"] == FACTS
    sent = applicant.post(f"{path}submit/")
    application = Application.objects.get(public_id=draft["id"])
    assert (sent["state"], step_names(sent), sent["stated"]) == ("submitted", ["withdraw"], None)
    assert datetime.fromisoformat(sent["submitted_at"]) == application.submitted_at
    assert applicant.put(path, FACTS, 409)["code"] == "conflict"

    received = publisher.get(path)
    assert {name: received[name] for name in FACTS} == FACTS
    assert step_names(received) == ["shortlist", "select", "decline"]
    assert [step["name"] for step in received["history"]] == ["submit"]
    assert publisher.post(f"{path}shortlist/")["state"] == "shortlisted"
    assert publisher.post(f"{path}decline/", {"reason": "预算不足"})["state"] == "declined"
    told = applicant.get(path)

    assert (told["state"], told["actions"]) == ("declined", [])
    steps = [(step["name"], step["label"], step["reason"]) for step in told["history"]]
    assert steps == [
        ("create", "创建", ""),
        ("change", "修改", ""),
        ("submit", "提交申请", ""),
        ("shortlist", "列入入围", ""),
        ("decline", "不予选用", "预算不足"),
    ]
    events = AuditEvent.objects.filter(object_type="applications.application").order_by("pk")
    verbs = [f"applications.application.{name}" for name, *_ in steps]
    assert [event.verb for event in events] == verbs
    topics = Message.objects.filter(key=f"applications.application:{application.pk}")
    assert [message.topic for message in topics.order_by("pk")] == verbs


def test_one_is_selected_another_taken_back_a_third_given_up() -> None:
    host, supplier = make_organization(), make_organization()
    scenario = make_scenario(host)
    applicant, publisher = Program(make_member(supplier, "owner")), Program(make_member(host))
    paths = []
    for _ in range(3):
        capability = make_capability(supplier)
        body = {"scenario": id_of(scenario), "capability": id_of(capability), **FACTS}
        paths.append(f"{APPLICATIONS}{applicant.post(APPLICATIONS, body, 201)['id']}/")
    for path in paths[:2]:
        applicant.post(f"{path}submit/", {})

    assert publisher.post(f"{paths[0]}select/")["state"] == "selected"
    assert applicant.get(paths[0])["contact"] is None
    assert publisher.post(f"{paths[0]}connect/", None, 409)["code"] == "conflict"
    Scenario.objects.filter(pk=scenario.pk).update(contact_email="chen@example.com")
    assert publisher.post(f"{paths[0]}connect/")["state"] == "connected"
    contact = {"name": "", "phone": "", "email": "chen@example.com", "is_masked": False}
    masked = contact | {"email": "c***@example.com", "is_masked": True}
    assert publisher.get(paths[0])["contact"] == contact
    assert applicant.get(paths[0])["contact"] == masked
    assert applicant.post(f"{paths[0]}contact/") == contact
    assert publisher.post(f"{paths[0]}contact/", None, 403)["code"] == "forbidden"
    assert applicant.post(f"{paths[1]}contact/", None, 409)["code"] == "conflict"
    assert applicant.get(paths[1])["contact"] is None
    assert applicant.post(f"{paths[1]}withdraw/")["state"] == "withdrawn"
    assert applicant.post(f"{paths[2]}discard/")["state"] == "discarded"

    seen = publisher.get(APPLICATIONS)["results"]
    assert [row["state"] for row in seen] == ["withdrawn", "connected"]
    assert publisher.get(paths[1])["history"][-1]["name"] == "withdraw"
    assert publisher.post(f"{paths[1]}select/", None, 409)["code"] == "conflict"
    assert applicant.post(f"{paths[0]}withdraw/", None, 409)["code"] == "conflict"
    again = {"scenario": id_of(scenario), "capability": id_of(capability)}
    assert applicant.post(APPLICATIONS, again, 201)["state"] == "draft"


def test_fit_is_told_to_both_sides_as_the_lists_tell_it() -> None:
    host, supplier = make_organization(), make_organization()
    scenario = make_scenario(host, name="巡检", concepts=[ROBOTS], city=GUANGZHOU)
    capability = make_capability(supplier, name="巡检机器人", concepts=[ROBOTS])
    application = make_application(scenario, capability)
    both = [Program(make_member(each)) for each in (host, supplier)]
    assert [each.get(address(application))["fit"] for each in both] == [None, None]
    rank_all()
    (match,) = capabilities_for(scenario)
    close_scenario(scenario=scenario, actor=SYSTEM)

    one, other = (each.get(address(application))["fit"] for each in both)

    assert one == other
    assert (one["score"], one["maximum"], one["unmet"]) == (match.score, 10_000, [])
    assert [part["points"] for part in one["parts"]] == [part.points for part in match.parts]
    assert one["parts"][0]["reasons"][0]["text"].startswith("双方都选了“具身智能机器人”")


def test_unmet_must_haves_are_told() -> None:
    application = make_application(make_scenario(required_qualifications=["ISO 9001"]))
    rank_all()

    told = Program(make_member(application.organization)).get(address(application))

    assert told["fit"]["unmet"] == ["没有列出必备资质“ISO 9001”"]


def people(application: Application) -> dict[str, Program]:
    """Signed-in people by how they stand to the application."""
    scenario, supplier = application.scenario, application.organization
    both = make_member(scenario.organization, "owner")
    Membership.objects.create(organization=supplier, user_id=both.user_id, role="owner")
    actors = {
        f"{side} {role}": make_member(organization, role)
        for side, organization in (("supplier", supplier), ("host", scenario.organization))
        for role in ("owner", "editor", "viewer")
    }
    actors |= {
        "both": both,
        "partner": make_member(scenario.co_publishers.get(), "owner"),
        "rival": make_member(make_application(scenario).organization, "owner"),
        "stranger": make_member(make_organization(), "owner"),
        "administrator": make_administrator(),
    }
    return {name: Program(actor) for name, actor in actors.items()}


SUPPLIERS = {"supplier owner", "supplier editor", "both"}
HOSTS = {"host owner", "host editor"}
HOLDERS = {
    "submit": SUPPLIERS,
    "discard": SUPPLIERS,
    "withdraw": SUPPLIERS,
    "shortlist": HOSTS,
    "select": HOSTS,
    "connect": HOSTS,
    "decline": HOSTS,
}
SOURCES = {
    "submit": {"draft"},
    "discard": {"draft"},
    "withdraw": {"submitted", "shortlisted"},
    "shortlist": {"submitted"},
    "select": {"submitted", "shortlisted"},
    "connect": {"selected"},
    "decline": {"submitted", "shortlisted"},
}
HIDDEN, REFUSED, OUT_OF_TURN, DONE = 404, 403, 409, 200


def expected(state: str, who: str, step: str) -> int:
    sees_drafts = who in SUPPLIERS | {"supplier viewer"}
    sees_others = sees_drafts or who in HOSTS | {"host viewer"}
    if not (sees_drafts if state in {"draft", "discarded"} else sees_others):
        return HIDDEN
    if who not in HOLDERS[step]:
        return REFUSED
    return DONE if state in SOURCES[step] else OUT_OF_TURN


@pytest.mark.parametrize("state", ApplicationState.values)
def test_steps_answer_by_state_and_person(state: str) -> None:
    partner = make_organization()
    scenario = make_scenario(co_publishers=[partner.identifier], contact_phone="CANARY-020")
    application = make_application(scenario)
    everybody = people(application)
    Application.objects.filter(pk=application.pk).update(state=state)
    assert set(SOURCES) == set(STEPS.verbs)

    for who, program in everybody.items():
        answers = {}
        for step in SOURCES:
            with transaction.atomic():
                body = {"reason": "预算不足"} if step == "decline" else None
                response = program.send("POST", f"{address(application)}{step}/", body)
                transaction.set_rollback(True)
            answers[step] = response.status_code
        assert answers == {step: expected(state, who, step) for step in SOURCES}, who
        assert b"CANARY" not in program.send("GET", APPLICATIONS).content
        if HIDDEN in answers.values():
            program.get(address(application), 404)
            program.put(address(application), FACTS, 404)
            assert id_of(application) not in ids(program)
        else:
            told = program.get(address(application))
            shown = (told["contact"] or {}).get("phone")
            assert (shown is not None) == (state == "connected")
            assert shown in {None, "C****Y", "CANARY-020"}
            open_now = set(step_names(told))
            assert open_now == {step for step, status in answers.items() if status == DONE}, who
            assert id_of(application) in ids(program)


def test_visitors_and_forged_requests_read_and_write_nothing() -> None:
    application = make_application(submitted=False)
    editor = make_member(application.organization)
    body = {"scenario": id_of(application.scenario), "capability": id_of(make_capability())}
    visitor, forged = Program(), Program(editor, token="f" * 32)

    with nothing_written():
        for path in (APPLICATIONS, address(application), f"{APPLICATIONS}{uuid.uuid4()}/"):
            assert visitor.get(path, 401)["code"] == "not_authenticated"
        for status, code, program in (
            (401, "not_authenticated", visitor),
            (403, "permission_denied", forged),
        ):
            assert program.post(APPLICATIONS, body, status)["code"] == code
            assert program.put(address(application), FACTS, status)["code"] == code
            assert program.post(f"{address(application)}submit/", None, status)["code"] == code


def test_membership_that_ended_shows_nothing_more() -> None:
    """THREATS A30: the session goes on, the right does not."""
    application = make_application()
    actor = make_member(application.organization)
    program = Program(actor)
    assert ids(program) == [id_of(application)]

    Membership.objects.filter(user_id=actor.user_id).delete()

    assert ids(program) == []
    program.get(address(application), 404)
    program.post(f"{address(application)}withdraw/", None, 404)


def test_nothing_of_drafts_reaches_the_host() -> None:
    host, supplier = make_organization(), make_organization(f"{SECRET}公司")
    scenario = make_scenario(host)
    for submitted in (False, True):
        hidden = make_application(
            scenario,
            make_capability(supplier, name=f"{SECRET}能力"),
            submitted=submitted,
            proposal=SECRET,
        )
        state = "discarded" if submitted else "draft"
        Application.objects.filter(pk=hidden.pk).update(state=state)
    publisher = Program(make_member(host, "owner"))

    for query in (
        "",
        "?state=draft",
        "?state=discarded",
        f"?q={SECRET}",
        f"?q={scenario.name}",
        "?side=received",
        "?side=sent",
        f"?scenario={scenario.public_id}",
        "?sort=submitted",
        "?page_size=100",
    ):
        told = publisher.get(f"{APPLICATIONS}{query}")
        assert (told["count"], told["results"]) == (0, []), query
    for noun in ("scenarios", "capabilities"):
        told = publisher.send("GET", f"/api/v1/{noun}/{id_of(scenario)}/").content.decode()
        assert SECRET not in told


def test_drafting_leaves_no_trace_in_what_the_host_reads() -> None:
    application = make_application(submitted=False, proposal=SECRET)
    editor = make_member(application.organization)
    change_application(
        application=application, facts=ApplicationFacts(proposal="方案"), actor=editor
    )
    began = application.created_at
    Program(editor).post(f"{address(application)}submit/")

    told = Program(make_member(application.scenario.organization)).get(address(application))

    assert SECRET not in json.dumps(told, ensure_ascii=False)
    assert [step["name"] for step in told["history"]] == ["submit"]
    assert told["stated"] is None
    assert "created_at" not in told
    assert began.isoformat()[:26] not in json.dumps(told)


def test_no_names_of_people_are_told() -> None:
    application = make_application()
    host = make_member(application.scenario.organization)
    Program(host).post(f"{address(application)}shortlist/")

    for side in (host, make_member(application.organization)):
        assert "example.org" not in json.dumps(Program(side).get(address(application)))


def test_rivals_and_administrators_learn_nothing() -> None:
    """THREATS A5: a canary in every text, looked for in all that others can read."""
    supplier = make_organization(f"{SECRET}公司")
    scenario = make_scenario(name="公开场景")
    theirs = make_application(
        scenario,
        make_capability(supplier, name=f"{SECRET}能力"),
        proposal=SECRET,
        schedule=SECRET,
        price_fen=987_654_321,
    )
    mine = make_application(scenario)
    rank_all()
    rival = Program(make_member(mine.organization, "owner"))
    administrator = Program(make_administrator())

    for program, own in ((rival, [id_of(mine)]), (administrator, [])):
        assert ids(program) == own
        assert ids(program, f"?scenario={scenario.public_id}") == own
        assert ids(program, f"?q={SECRET}") == []
        assert ids(program, "?q=公开场景") == own
        assert ids(program, "?state=submitted") == own
        told = program.send("GET", APPLICATIONS).content.decode()
        assert SECRET not in told
        assert "987654321" not in told
        absent = program.get(f"{APPLICATIONS}{uuid.uuid4()}/", 404)
        with nothing_written():
            for each in (theirs.public_id, theirs.pk, "x", "%00"):
                for method, step in (("GET", ""), ("PUT", ""), ("POST", "submit/")):
                    response = program.send(method, f"{APPLICATIONS}{each}/{step}", {})
                    assert response.status_code == 404
                    assert json.loads(response.content) == absent


def test_lists_are_filtered_by_side_state_scenario_and_words() -> None:
    host, supplier = make_organization("甲港口"), make_organization("乙科技")
    one = make_application(make_scenario(host, name="岸电"), make_capability(supplier))
    two = make_application(make_scenario(supplier, name="充电"), make_capability(host))
    draft = make_application(make_scenario(), make_capability(supplier), submitted=False)
    program = Program(make_member(supplier))

    assert ids(program) == [id_of(draft), id_of(two), id_of(one)]
    assert ids(program, "?side=sent") == [id_of(draft), id_of(one)]
    assert ids(program, "?side=received") == [id_of(two)]
    assert ids(program, "?state=draft") == [id_of(draft)]
    assert ids(program, f"?scenario={one.scenario.public_id}") == [id_of(one)]
    assert ids(program, "?q=甲港口 岸电") == [id_of(one)]
    assert ids(program, "?sort=submitted") == [id_of(one), id_of(two), id_of(draft)]
    for query, field in (
        ("?state=x", "state"),
        ("?side=x", "side"),
        ("?scenario=x", "scenario"),
        ("?sort=price_fen", "sort"),
        ("?proposal=x", "proposal"),
        ("?capability__organization=1", "capability__organization"),
        (f"?q={'字' * 61}", "q"),
        ("?q=%00", "q"),
    ):
        assert list(faults(program.get(f"{APPLICATIONS}{query}", 400))) == [field], query


def test_foreign_and_hidden_records_in_bodies_are_refused_like_absent_ones() -> None:
    """THREATS A2."""
    supplier = make_organization()
    own, scenario = make_capability(supplier), make_scenario()
    gone = make_scenario()
    suspend_organization(
        organization=Organization.objects.get(pk=gone.organization_id), reason="核查", actor=SYSTEM
    )
    hidden = [make_scenario(published=False), gone]
    foreign = [make_capability(), make_capability(published=False)]
    program = Program(make_member(supplier))

    def refusal(**named: Any) -> Any:
        return program.post(APPLICATIONS, {**FACTS, **named}, 400)

    with nothing_written():
        absent = refusal(scenario=str(uuid.uuid4()), capability=id_of(own))
        assert faults(absent) == {"scenario": "没有这个场景。"}
        for each in (*hidden, own):
            assert refusal(scenario=id_of(each), capability=id_of(own)) == absent
        absent = refusal(scenario=id_of(scenario), capability=str(uuid.uuid4()))
        assert faults(absent) == {"capability": "只能用您所属组织的能力申请。"}
        for each in (*foreign, scenario):
            assert refusal(scenario=id_of(scenario), capability=id_of(each)) == absent
        for wrong in (str(own.pk), own.name, "x", None, {}, [id_of(own)]):
            named = refusal(scenario=id_of(scenario), capability=wrong)
            assert list(faults(named)) == ["capability"]
            named = refusal(scenario=wrong, capability=id_of(own))
            assert list(faults(named)) == ["scenario"]
        assert set(faults(refusal())) == {"scenario", "capability"}


def test_administrators_and_viewers_answer_nothing() -> None:
    capability, scenario = make_capability(), make_scenario()
    body = {"scenario": id_of(scenario), "capability": id_of(capability)}
    administrator = Program(make_administrator())
    viewer = Program(make_member(capability.organization, "viewer"))

    with nothing_written():
        foreign = administrator.post(APPLICATIONS, body, 400)
        assert list(faults(foreign)) == ["capability"]
        assert viewer.post(APPLICATIONS, body, 403)["code"] == "forbidden"


def conflict(program: Program, scenario: Scenario, capability: Any) -> str:
    body = {"scenario": id_of(scenario), "capability": id_of(capability), **FACTS}
    with nothing_written():
        return str(program.post(APPLICATIONS, body, 409)["detail"])


def test_calls_that_are_not_open_say_why() -> None:
    host, supplier = make_organization(), make_organization()
    closed, own, past = make_scenario(host), make_scenario(supplier), make_scenario(host)
    shared = make_scenario(host, co_publishers=[supplier.identifier])
    close_scenario(scenario=closed, actor=SYSTEM)
    Scenario.objects.filter(pk=past.pk).update(deadline="2020-01-01T00:00Z")
    capability, draft = make_capability(supplier), make_capability(supplier, published=False)
    answered = make_application(capability=capability)
    program = Program(make_member(supplier))

    assert conflict(program, closed, capability) == "场景“已结束”，目前不接受申请。"
    assert conflict(program, past, capability) == "对接截止时间已过，不再接受申请。"
    for each in (own, shared):
        assert "不能申请自己的场景" in conflict(program, each, capability)
    assert "尚未发布" in conflict(program, make_scenario(host), draft)
    assert "已经申请过" in conflict(program, answered.scenario, capability)
    withdraw_application(application=answered, actor=make_member(supplier))
    suspend_organization(organization=supplier, reason="核查", actor=SYSTEM)
    assert "尚未通过核验" in conflict(program, answered.scenario, capability)


BAD_BODIES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "unknown": ({"price": 1}, {"price": "没有这个名称的项，请检查拼写"}),
    "negative": ({"price_fen": -1}, {"price_fen": "不能小于 0"}),
    "more than BIGINT": ({"price_fen": 2**63}, {"price_fen": f"不能大于 {2**63 - 1}"}),
    "a number as text": ({"price_fen": "1"}, {"price_fen": "应为整数"}),
    "a fraction": ({"price_fen": 1.5}, {"price_fen": "应为整数"}),
    "text as number": ({"proposal": 1}, {"proposal": "应为文字（数字请加引号）"}),
    "too long": ({"schedule": "字" * 121}, {"schedule": "最多 120 个字"}),
    "NUL": ({"proposal": "方\0案"}, {"proposal": "第 2 个字是不可见的控制字符，请删除后重试"}),
    "state": ({"state": "selected"}, {"state": "没有这个名称的项，请检查拼写"}),
    "stamp": (
        {"submitted_at": "2020-01-01T00:00:00Z"},
        {"submitted_at": "没有这个名称的项，请检查拼写"},
    ),
}


@pytest.mark.parametrize(("change", "named"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_faults_are_named_by_field(change: dict[str, Any], named: dict[str, str]) -> None:
    application = make_application(submitted=False)
    supplier = application.organization
    program = Program(make_member(supplier))
    new = {"scenario": id_of(make_scenario()), "capability": id_of(application.capability)}

    with nothing_written():
        assert faults(program.post(APPLICATIONS, {**new, **FACTS, **change}, 400)) == named
        assert faults(program.put(address(application), {**FACTS, **change}, 400)) == named


def test_what_is_no_fact_is_refused() -> None:
    """THREATS A4: no column can be set but those that are facts."""
    application = make_application(submitted=False)
    program = Program(make_member(application.organization))
    told = program.get(address(application))
    columns = {each.name for each in Application._meta.get_fields()} | {
        field.attname for field in Application._meta.concrete_fields
    }
    others = (columns | set(told)) - set(ApplicationFacts.model_fields)
    assert {"id", "public_id", "state", "submitted_at", "scenario", "capability_id"} <= others

    with nothing_written():
        for name in sorted(others):
            refused = {name: "没有这个名称的项，请检查拼写"}
            body = {**FACTS, name: told.get(name, 1)}
            assert faults(program.put(address(application), body, 400)) == refused


def test_submitting_without_a_proposal_names_the_field() -> None:
    application = make_application(submitted=False, proposal="")
    program = Program(make_member(application.organization))

    with nothing_written():
        problem = program.post(f"{address(application)}submit/", None, 400)
    assert faults(problem) == {"proposal": "提交前请填写方案说明。"}


def test_declining_wants_a_reason() -> None:
    application = make_application()
    publisher = Program(make_member(application.scenario.organization))
    wrong: list[tuple[str, Any, dict[str, str]]] = [
        ("decline", None, {"reason": "缺少这一项"}),
        ("decline", {"reason": " "}, {"reason": "不能为空"}),
        ("decline", {"reason": "字" * 2001}, {"reason": "最多 2000 个字"}),
        ("select", {"reason": "好"}, {"reason": "没有这个名称的项，请检查拼写"}),
    ]

    with nothing_written():
        for step, body, named in wrong:
            assert faults(publisher.post(f"{address(application)}{step}/", body, 400)) == named


def test_lost_updates_are_refused_to_whoever_asks() -> None:
    application = make_application(submitted=False)
    path = address(application)
    program = Program(make_member(application.organization))
    read = program.send("GET", path).headers["ETag"]

    changed = program.send("PUT", path, FACTS, **{"If-Match": read})
    assert (changed.status_code, changed.headers["ETag"] != read) == (200, True)
    with nothing_written():
        problem = program.put(path, {"proposal": "旧的"}, 412, **{"If-Match": read})
        assert problem["code"] == "precondition_failed"
    fresh = {"If-Match": changed.headers["ETag"]}
    assert program.put(path, {"proposal": "新的"}, **fresh)["proposal"] == "新的"
    assert program.put(path, {"proposal": "不问"})["price_fen"] is None


def test_what_is_stated_can_be_written_back_and_is_for_editors_of_drafts() -> None:
    application = make_application(submitted=False, proposal="一行\n两行", schedule="")
    supplier = application.organization
    editor, viewer = (Program(make_member(supplier, role)) for role in ("editor", "viewer"))

    before = editor.get(address(application))
    after = editor.put(address(application), before["stated"])
    assert {**after, "updated_at": 0, "history": 0} == {**before, "updated_at": 0, "history": 0}
    assert viewer.get(address(application))["stated"] is None
    editor.post(f"{address(application)}submit/")
    assert editor.get(address(application))["stated"] is None


def test_other_methods_are_not_allowed() -> None:
    application = make_application()
    program = Program(make_member(application.organization, "owner"))

    with nothing_written():
        for method in ("DELETE", "PATCH"):
            assert program.send(method, address(application), {}).status_code == 405
        for path in (f"{address(application)}submit/", f"{address(application)}decline/"):
            assert program.send("GET", path).status_code == 405
        program.post(f"{address(application)}approve/", None, 404)


def test_reading_costs_the_same_at_1_and_30(
    django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    host, supplier = make_organization(city=GUANGZHOU), make_organization(city=GUANGZHOU)
    actor: Actor = make_member(host)
    for _ in range(30):
        make_application(make_scenario(host), make_capability(supplier, concepts=[ROBOTS]))
    rank_all()
    program = Program(actor)
    path = f"{APPLICATIONS}{ids(program, '?page_size=1')[0]}/"
    program.get(path)  # reads the domain once for the process

    with django_assert_max_num_queries(7) as one:
        assert len(ids(program, "?page_size=1")) == 1
    with django_assert_num_queries(len(one.captured_queries)):
        assert len(ids(program, "?page_size=30")) == 30
    with django_assert_max_num_queries(24):
        program.get(path)
