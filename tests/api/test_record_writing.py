"""Scenarios, capabilities and products written over the API: lives, refusals, nothing half done."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Model

from audit.models import AuditEvent
from capabilities.facts import CapabilityFacts, ProductFacts
from capabilities.models import Capability, Product
from capabilities.services import create_product
from organizations.models import Organization
from outbox.models import Message
from scenarios.facts import ScenarioFacts
from scenarios.models import Scenario
from scenarios.services import STEPS, close_scenario, return_scenario, submit_scenario
from tests.programs import TOKEN, Program, faults, nothing_written
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    make_administrator,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)
from tests.timing import quick

pytestmark = pytest.mark.django_db

SCENARIOS, CAPABILITIES, PRODUCTS = (
    f"/api/v1/{noun}/" for noun in ("scenarios", "capabilities", "products")
)
ROBOTS = "gd-2024-embodied-robots"


def address(record: Scenario | Capability | Product) -> str:
    nouns = {Scenario: SCENARIOS, Capability: CAPABILITIES, Product: PRODUCTS}
    return f"{nouns[type(record)]}{record.public_id}/"


def make_product(organization: Organization, name: str = "巡检机器人") -> Product:
    facts = ProductFacts(name=name, kind="product")
    return create_product(organization=organization, facts=facts, actor=make_member(organization))


def test_a_scenario_lives_over_the_api_by_three_people() -> None:
    host = make_organization("港口集团")
    writer, colleague = (Program(make_member(host)) for _ in range(2))
    administrator, visitor = Program(make_administrator()), Program()
    facts = {"name": "岸电巡检", "city": GUANGZHOU, "concepts": [ROBOTS]}

    created = writer.send("POST", SCENARIOS, {"organization": str(host.public_id), **facts})
    draft = json.loads(created.content)
    path = f"{SCENARIOS}{draft['id']}/"
    assert (created.status_code, draft["state"]) == (201, "draft")
    assert created.headers["Location"] == f"{settings.BASE_URL}{path}"
    assert (draft["city"], draft["concepts"][0]["code"]) == (GUANGZHOU, ROBOTS)
    assert draft["actions"] == [{"name": "submit", "label": "提交审核", "needs_reason": False}]
    visitor.get(path, 404)

    assert writer.post(f"{path}submit/")["state"] == "submitted"
    assert writer.put(path, facts, 409)["code"] == "conflict"
    assert [step["name"] for step in administrator.get(path)["actions"]] == ["publish", "return"]

    assert administrator.post(f"{path}return/", {"reason": "请写清指标"})["state"] == "returned"
    goals = [{"indicator": "漏检率", "target": "不高于 1%"}]
    changed = colleague.put(path, {**facts, "name": "岸电智能巡检", "goals": goals})
    assert (changed["state"], changed["goals"]) == ("returned", goals)
    assert colleague.post(f"{path}submit/", {})["state"] == "submitted"
    published = administrator.post(f"{path}publish/")

    assert (published["state"], published["actions"][0]["name"]) == ("published", "close")
    shown = visitor.get(path)
    assert (shown["name"], shown["state"], shown["actions"]) == ("岸电智能巡检", "published", [])
    scenario = Scenario.objects.get(public_id=draft["id"])
    verbs = ["create", "submit", "return", "change", "submit", "publish"]
    events = AuditEvent.objects.filter(
        object_type="scenarios.scenario", object_id=str(scenario.pk)
    ).order_by("pk")
    assert [event.verb for event in events] == [f"scenarios.scenario.{verb}" for verb in verbs]
    topics = Message.objects.filter(key=f"scenarios.scenario:{scenario.pk}").order_by("pk")
    assert [message.topic for message in topics] == [event.verb for event in events]


def test_a_capability_with_a_product_lives_over_the_api() -> None:
    supplier = make_organization()
    own, administrator = Program(make_member(supplier, "owner")), Program(make_administrator())
    organization = {"organization": str(supplier.public_id)}
    sold = {"name": "巡检机器人", "kind": "product", "price_min_fen": 100}

    product = own.post(PRODUCTS, {**organization, **sold}, 201)
    facts = {"name": "水下巡检", "products": [product["id"]], "cities_served": [SHENZHEN]}
    draft = own.post(CAPABILITIES, {**organization, **facts}, 201)
    path = f"{CAPABILITIES}{draft['id']}/"

    assert [each["id"] for each in draft["products"]] == [product["id"]]
    assert own.post(f"{path}publish/")["state"] == "published"
    changed = own.put(path, {"name": "水下巡检", "readiness": 7})
    assert (changed["readiness"], changed["products"], changed["cities_served"]) == (7, [], [])
    assert administrator.post(f"{path}withdraw/")["state"] == "withdrawn"
    assert [step["name"] for step in own.get(path)["actions"]] == ["publish"]


def test_products_are_for_their_organizations_alone() -> None:
    supplier, other = make_organization(), make_organization()
    product, foreign = make_product(supplier), make_product(other)
    own, administrator = Program(make_member(supplier)), Program(make_administrator())
    changed = {"name": "新款", "kind": "service", "summary": "驻场"}

    assert [row["id"] for row in own.get(PRODUCTS)["results"]] == [str(product.public_id)]
    assert own.get(address(product))["organization"]["id"] == str(supplier.public_id)
    assert administrator.get(PRODUCTS)["results"] == []
    answer = own.put(address(product), changed)
    assert {name: answer[name] for name in changed} == changed
    assert Program(make_member(supplier, "viewer")).put(address(product), changed, 403)
    with nothing_written():
        for program in (own, administrator):
            absent = program.get(f"{PRODUCTS}{uuid.uuid4()}/", 404)
            assert program.get(address(foreign), 404) == absent
            assert program.put(address(foreign), changed, 404) == absent
        for method, path in (("GET", PRODUCTS), ("POST", PRODUCTS), ("PUT", address(product))):
            assert Program().send(method, path, {}).status_code == 401


HIDDEN, UNKNOWN, REFUSED, OUT_OF_TURN, DONE = 404, 401, 403, 409, 200
SOURCES = {
    "submit": {"draft", "returned"},
    "recall": {"submitted"},
    "publish": {"submitted"},
    "return": {"submitted"},
    "close": {"published"},
}
ADMINISTRATORS, PUBLISHERS = {"administrator"}, {"owner", "editor"}
HOLDERS = {
    "submit": PUBLISHERS,
    "recall": PUBLISHERS,
    "publish": ADMINISTRATORS,
    "return": ADMINISTRATORS,
    "close": PUBLISHERS | ADMINISTRATORS,
}


def expected(state: str, role: str, step: str) -> int:
    if role == "visitor":
        return UNKNOWN
    if role == "stranger" and state not in {"published", "closed"}:
        return HIDDEN
    if role not in HOLDERS[step]:
        return REFUSED
    return DONE if state in SOURCES[step] else OUT_OF_TURN


def scenario_in(state: str, host: Organization) -> Scenario:
    scenario = make_scenario(host, published=state in {"published", "closed"})
    if state in {"submitted", "returned"}:
        submit_scenario(scenario=scenario, actor=make_member(host))
    if state == "returned":
        return_scenario(scenario=scenario, reason="补充", actor=SYSTEM)
    if state == "closed":
        close_scenario(scenario=scenario, actor=SYSTEM)
    return scenario


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "published", "closed"])
def test_steps_answer_by_state_and_role(state: str) -> None:
    host = make_organization()
    scenario = scenario_in(state, host)
    people = {role: Program(make_member(host, role)) for role in ("owner", "editor", "viewer")}
    people |= {
        "visitor": Program(),
        "stranger": Program(make_member(make_organization())),
        "administrator": Program(make_administrator()),
    }
    assert set(SOURCES) == set(STEPS.verbs)

    for role, program in people.items():
        answers = {}
        for step in SOURCES:
            with transaction.atomic():
                body = {"reason": "补充"} if step == "return" else None
                response = program.send("POST", f"{address(scenario)}{step}/", body)
                transaction.set_rollback(True)
            answers[step] = response.status_code
        assert answers == {step: expected(state, role, step) for step in SOURCES}, role
        if HIDDEN not in answers.values() and (role != "visitor" or state == "published"):
            open_now = {step["name"] for step in program.get(address(scenario))["actions"]}
            assert open_now == {step for step, status in answers.items() if status == DONE}, role


BAD_BODIES: dict[str, tuple[Any, dict[str, str]]] = {
    "no name": ({"name": ""}, {"name": "不能为空"}),
    "unknown": ({"nmae": "x"}, {"nmae": "没有这个名称的项，请检查拼写"}),
    "a part of a part": (
        {"goals": [{"indicator": "", "target": 5}]},
        {"goals.0.indicator": "不能为空", "goals.0.target": "应为文字（数字请加引号）"},
    ),
    "unknown in a part": (
        {"needs": [{"strength": "must", "text": "a", "id": 1}]},
        {"needs.0.id": "没有这个名称的项，请检查拼写"},
    ),
    "a number as text": ({"readiness_min": "5"}, {"readiness_min": "应为整数"}),
    "a truth as number": ({"readiness_min": True}, {"readiness_min": "应为整数"}),
    "a moment as number": ({"deadline": 0}, {"deadline": "应为时间，例如 2026-11-21 18:00"}),
    "a moment nowhere": (
        {"deadline": "2027-01-01T10:00:00"},
        {"deadline": "时间要注明时区，例如 2026-11-21T18:00+08:00"},
    ),
    "NUL": ({"site": "码\0头"}, {"site": "第 2 个字是不可见的控制字符，请删除后重试"}),
    "text that runs backwards": (
        {"goals": [{"indicator": "a\u202eb"}]},
        {"goals.0.indicator": "第 2 个字是不可见的控制字符，请删除后重试"},
    ),
    "more than BIGINT": (
        {"budget_min_fen": 2**63},
        {"budget_min_fen": f"不能大于 {2**63 - 1}"},
    ),
    "a range upside down": (
        {"budget_min_fen": 2, "budget_max_fen": 1},
        {"budget_max_fen": "预算的下限不能高于上限"},
    ),
    "a tag that is none": ({"concepts": ["x"]}, {"concepts": "没有代码为“x”的产业标签。"}),
    "a city that is none": ({"city": "999999"}, {"city": "没有代码为“999999”的城市。"}),
    "an address that is none": (
        {"contact_email": "x"},
        {"contact_email": "电子邮箱的格式不对，应形如 name@example.com"},
    ),
}


@pytest.mark.parametrize(("change", "named"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_faults_are_named_by_field(change: Any, named: dict[str, str]) -> None:
    host = make_organization()
    scenario = make_scenario(host, published=False)
    program = Program(make_member(host))
    facts = {"name": "搬运", **change}

    with nothing_written():
        problem = program.post(SCENARIOS, {"organization": str(host.public_id), **facts}, 400)
        assert faults(problem) == named
        assert (problem["code"], problem["title"]) == ("invalid", "请求有误")
        assert faults(program.put(address(scenario), facts, 400)) == named


NO_BODIES: dict[str, tuple[str | bytes, int]] = {
    "list": ("[]", 400),
    "null": ("null", 400),
    "text": ('"x"', 400),
    "cut": ('{"name": "x"', 400),
    "no JSON": ("name=x", 400),
    "not UTF-8": (b'{"name": "\xff"}', 400),
    "half a pair": ('{"name": "\\ud800"}', 400),
    "NaN": ('{"name": "x", "budget_min_fen": NaN}', 400),
    "infinite": ('{"name": "x", "readiness_min": -Infinity}', 400),
    "digits": ('{"name": "x", "budget_min_fen": ' + "9" * 400_000 + "}", 400),
    "deep": ("[" * 100_000, 400),
    "deep inside": ('{"goals": ' * 50_000, 400),
    "many names": ("{" + ",".join(f'"a{i}":1' for i in range(40_000)) + "}", 400),
    "many parts": ('{"goals": [' + ",".join(["1"] * 200_000) + "]}", 400),
    "long": (json.dumps({"name": "x" * 490_000}), 400),
    "too long": (json.dumps({"name": "x" * 500_000}), 413),
    "50 MB": ('{"name": "' + "x" * 50_000_000 + '"}', 413),
}


@pytest.mark.parametrize(("body", "status"), NO_BODIES.values(), ids=NO_BODIES)
def test_hostile_bodies_are_refused_at_once(body: str | bytes, status: int) -> None:
    host = make_organization()
    scenario = make_scenario(host, published=False)
    program = Program(make_member(host))

    with nothing_written():
        for method, path in (
            ("POST", SCENARIOS),
            ("PUT", address(scenario)),
            ("POST", f"{address(scenario)}submit/"),
        ):
            with quick(1):
                response = program.send(method, path, body)
            assert response.status_code == status, response.content[:200]
            assert len(response.content) < 30_000
            assert json.loads(response.content)["status"] == status


def test_other_content_types_are_refused() -> None:
    host = make_organization()
    program = Program(make_member(host))

    with nothing_written():
        response = program.client.post(
            SCENARIOS,
            {"organization": host.public_id, "name": "x"},
            headers={"X-CSRFToken": TOKEN},
        )

    assert response.status_code == 415
    assert json.loads(response.content)["code"] == "unsupported_media_type"


def test_reasons_are_wanted_where_the_table_says_so() -> None:
    host = make_organization()
    scenario = scenario_in("submitted", host)
    administrator = Program(make_administrator())
    wrong: list[tuple[str, Any, dict[str, str]]] = [
        ("return", None, {"reason": "缺少这一项"}),
        ("return", {"reason": " "}, {"reason": "不能为空"}),
        ("return", {"reason": "字" * 2001}, {"reason": "最多 2000 个字"}),
        ("return", {"reason": "x", "state": "draft"}, {"state": "没有这个名称的项，请检查拼写"}),
        ("publish", {"reason": "x"}, {"reason": "没有这个名称的项，请检查拼写"}),
    ]

    with nothing_written():
        for step, body, named in wrong:
            assert faults(administrator.post(f"{address(scenario)}{step}/", body, 400)) == named


WRITABLE: list[tuple[type[Model], Any, Callable[[Organization], Any], dict[str, Any]]] = [
    (Scenario, ScenarioFacts, lambda host: make_scenario(host, published=False), {}),
    (Capability, CapabilityFacts, lambda host: make_capability(host, published=False), {}),
    (Product, ProductFacts, make_product, {"kind": "product"}),
]


@pytest.mark.parametrize(
    ("model", "facts", "make", "needed"), WRITABLE, ids=[each[0].__name__ for each in WRITABLE]
)
def test_what_is_no_fact_is_refused(
    model: type[Model], facts: Any, make: Callable[[Organization], Any], needed: dict[str, Any]
) -> None:
    host = make_organization()
    record = make(host)
    program = Program(make_member(host))
    noun = address(record).removesuffix(f"{record.public_id}/")
    told = program.get(address(record))
    columns = {each.name for each in model._meta.get_fields()} | {
        field.attname for field in model._meta.concrete_fields
    }
    others = (columns | set(told)) - set(facts.model_fields)
    assert {"id", "public_id", "created_at", "updated_at", "organization"} <= others
    body = {"name": "搬运", **needed}

    with nothing_written():
        for name in sorted(others):
            value = told.get(name, "published")
            refused = {name: "没有这个名称的项，请检查拼写"}
            assert faults(program.put(address(record), {**body, name: value}, 400)) == refused
            if name != "organization":
                new = {"organization": str(host.public_id), **body, name: value}
                assert faults(program.post(noun, new, 400)) == refused


@pytest.mark.parametrize("noun", [SCENARIOS, CAPABILITIES, PRODUCTS])
def test_organizations_of_others_are_refused_like_absent_ones(noun: str) -> None:
    own, other = make_organization(), make_organization(verified=False)
    program = Program(make_member(own))
    viewer = Program(make_member(own, "viewer"))
    named = [other.public_id, make_organization().public_id, uuid.uuid4()]
    body = {"name": "x", **({"kind": "product"} if noun == PRODUCTS else {})}

    with nothing_written():
        answers = [
            json.dumps(program.post(noun, {"organization": str(each), **body}, 400))
            for each in named
        ]
        viewer.post(noun, {"organization": str(own.public_id), **body}, 403)
        for wrong in (str(own.pk), own.identifier, "x", None, {}):
            assert list(faults(program.post(noun, {"organization": wrong, **body}, 400))) == [
                "organization"
            ]
        assert list(faults(program.post(noun, body, 400))) == ["organization"]

    assert len(set(answers)) == 1


def test_products_of_others_are_refused_like_absent_ones() -> None:
    own = make_organization()
    capability = make_capability(own, published=False)
    program = Program(make_member(own))
    foreign = make_product(make_organization())

    with nothing_written():
        for path, more, send in (
            (CAPABILITIES, {"organization": str(own.public_id)}, program.post),
            (address(capability), {}, program.put),
        ):
            answers = [
                send(path, {"name": "x", "products": [str(each)], **more}, 400)
                for each in (foreign.public_id, uuid.uuid4())
            ]
            assert answers[0] == answers[1]
            assert faults(answers[0]) == {"products": "只能选用本组织登记的产品。"}


def test_records_of_others_are_not_written() -> None:
    stranger, administrator = (
        Program(make_member(make_organization())),
        Program(make_administrator()),
    )
    hidden = [make_scenario(published=False), make_capability(published=False)]
    shown = [make_scenario(), make_capability()]

    with nothing_written():
        for record in hidden:
            noun = address(record).removesuffix(f"{record.public_id}/")
            for step in ("", "submit/", "publish/"):
                method = "POST" if step else "PUT"
                answers = {
                    stranger.send(method, f"{noun}{each}/{step}", {"name": "x"}).content
                    for each in (record.public_id, uuid.uuid4(), record.pk, "x", "%00")
                }
                assert len(answers) == 1
                assert json.loads(answers.pop())["status"] == 404
        for record in shown:
            stranger.put(address(record), {"name": "x"}, 403)
        for program in (stranger, administrator):
            assert program.send("DELETE", address(shown[0])).status_code == 405
            assert program.send("PATCH", address(shown[0]), {"name": "x"}).status_code == 405
            program.put(address(shown[0]), {"name": "x"}, 403)


def test_visitors_and_forged_requests_write_nothing() -> None:
    host = make_organization()
    scenario = make_scenario(host, published=False)
    actor = make_member(host)
    senders = (
        (401, "not_authenticated", Program()),
        (403, "permission_denied", Program(actor, token="f" * 32)),
    )
    body = {"organization": str(host.public_id), "name": "x"}

    with nothing_written():
        for status, code, program in senders:
            assert program.post(SCENARIOS, body, status)["code"] == code
            assert program.put(address(scenario), {"name": "x"}, status)["code"] == code
            assert program.post(f"{address(scenario)}submit/", None, status)["code"] == code


def test_own_number_used_twice_is_a_conflict() -> None:
    host = make_organization()
    scenario = make_scenario(host, published=False)
    program = Program(make_member(host))
    facts = {"name": "搬运", "reference": "2026-001"}
    program.post(SCENARIOS, {"organization": str(host.public_id), **facts}, 201)

    with nothing_written():
        again = program.post(SCENARIOS, {"organization": str(host.public_id), **facts}, 409)
        assert program.put(address(scenario), facts, 409) == again
    assert (again["code"], "自有编号" in again["detail"]) == ("conflict", True)


@pytest.mark.parametrize(
    "make",
    [make_scenario, make_capability, make_product],
    ids=["scenario", "capability", "product"],
)
def test_lost_updates_are_refused_to_whoever_asks(make: Callable[[Organization], Any]) -> None:
    host = make_organization()
    path = address(make(host))
    program = Program(make_member(host))
    facts = {"name": "第一次", **({"kind": "product"} if path.startswith(PRODUCTS) else {})}
    read = program.send("GET", path).headers["ETag"]

    changed = program.send("PUT", path, facts, **{"If-Match": f'"x", W/{read}'})
    assert (changed.status_code, changed.headers["ETag"] != read) == (200, True)
    with nothing_written():
        for stale in (read, '"x"', "x", ""):
            problem = program.put(path, {**facts, "name": "旧的"}, 412, **{"If-Match": stale})
            assert problem["code"] == "precondition_failed"
    fresh = changed.headers["ETag"]
    assert program.put(path, {**facts, "name": "第二次"}, **{"If-Match": fresh})["name"] == "第二次"
    assert program.put(path, {**facts, "name": "第三次"}, **{"If-Match": "*"})["name"] == "第三次"
    assert program.put(path, {**facts, "name": "不问"})["name"] == "不问"


def test_what_editors_read_can_be_written_back() -> None:
    host, partner = make_organization(), make_organization()
    product = make_product(host)
    scenario = make_scenario(
        host,
        name="搬运",
        reference="2026-001",
        kind="first_trial",
        concepts=[ROBOTS],
        city=GUANGZHOU,
        problem="一行\n两行",
        goals=[{"indicator": "节拍", "target": "10 秒"}, {"indicator": "良率"}],
        needs=[{"strength": "must", "text": "整机", "concept": ROBOTS}],
        conditions=["data", "site"],
        budget_min_fen=100,
        readiness_min=3,
        readiness_is_must=True,
        deadline="2099-01-01T10:00:00.123456+08:00",
        contact_phone="020-00000000",
        co_publishers=[partner.identifier],
    )
    capability = make_capability(
        host,
        highlights=["轻", "快"],
        concepts=[ROBOTS],
        cases=[{"title": "案例", "client": "港口", "year": 2025}],
        cities_served=[SHENZHEN, GUANGZHOU],
        products=[product.public_id],
    )
    editor = Program(make_member(host))

    for record in (scenario, capability):
        before = editor.get(address(record))
        after = editor.put(address(record), before["stated"])
        assert {**after, "updated_at": 0} == {**before, "updated_at": 0}
    assert editor.get(address(scenario))["stated"]["contact_phone"] == "020-00000000"


def test_what_is_stated_is_for_editors_alone() -> None:
    host, partner = make_organization(), make_organization()
    facts: dict[str, Any] = {
        "reference": "CANARY",
        "contact_name": "CANARY",
        "contact_email": "canary@example.org",
        "co_publishers": [partner.identifier],
    }
    scenario = make_scenario(host, **facts)
    capability = make_capability(host, reference="CANARY")
    readers = [
        Program(),
        Program(make_administrator()),
        *(
            Program(make_member(each, role))
            for each, role in ((host, "viewer"), (partner, "owner"), (make_organization(), "owner"))
        ),
    ]

    for reader in readers:
        for record in (scenario, capability):
            noun = address(record).removesuffix(f"{record.public_id}/")
            assert reader.get(address(record))["stated"] is None
            for path in (noun, address(record), f"{noun}?sort=name", f"{noun}?contact_name=CANARY"):
                content = reader.client.get(path).content.decode().lower()
                assert "canary" not in content.replace("contact_name=canary", "")
                assert partner.identifier.lower() not in content
    editor = Program(make_member(host))
    for record, noun in ((scenario, SCENARIOS), (capability, CAPABILITIES)):
        assert editor.get(address(record))["stated"]["reference"] == "CANARY"
        assert "canary" not in editor.client.get(noun).content.decode().lower()


def test_reading_costs_the_same_at_1_and_30(
    django_assert_num_queries, django_assert_max_num_queries
) -> None:
    host = make_organization()
    goals = [{"indicator": f"指标{number}"} for number in range(20)]
    bare = make_scenario(host, published=False)
    full = make_scenario(host, published=False, goals=goals, concepts=[ROBOTS], city=GUANGZHOU)
    for number in range(28):
        make_scenario(host, published=number % 2 == 0)
        make_product(host)
    for _ in range(2):
        make_product(host)
    editor = Program(make_member(host))
    editor.get(address(full))  # reads the domain once for the process

    with django_assert_max_num_queries(24) as one:
        editor.get(address(bare))
    with django_assert_max_num_queries(len(one.captured_queries) + 2):
        editor.get(address(full))
    for noun in (SCENARIOS, PRODUCTS):
        with django_assert_max_num_queries(14) as one:
            assert len(editor.get(f"{noun}?page_size=1")["results"]) == 1
        with django_assert_num_queries(len(one.captured_queries)):
            assert len(editor.get(f"{noun}?page_size=30")["results"]) == 30


def test_contact_of_an_ended_call_can_still_be_changed() -> None:
    host = make_organization()
    scenario = make_scenario(host)
    close_scenario(scenario=scenario, actor=SYSTEM)
    path = f"{SCENARIOS}{scenario.public_id}/contact/"
    body = {"contact_name": "陈工", "contact_phone": "020-1"}

    for program, status in (
        (Program(), 401),
        (Program(make_member(make_organization())), 403),
        (Program(make_member(host, "viewer")), 403),
    ):
        with nothing_written():
            assert program.send("PUT", path, body).status_code == status
    writer = Program(make_member(host))
    assert writer.send("PUT", path, body | {"name": "换个名字"}).status_code == 400
    assert writer.send("PUT", path, body, **{"If-Match": '"old"'}).status_code == 412
    answer = json.loads(writer.send("PUT", path, body).content)
    assert (answer["state"], answer["stated"]["contact_phone"]) == ("closed", "020-1")
    assert answer["name"] == scenario.name
