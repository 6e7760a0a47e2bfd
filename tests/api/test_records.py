"""Scenarios, capabilities and matches over the API: who sees what, filters, shapes, counts."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from capabilities.models import Capability
from capabilities.services import withdraw_capability
from common.actor import Actor
from matching.lists import unpack
from matching.models import MatchList, Side
from matching.queries import MAXIMUM
from matching.services import rank_all
from organizations.services import suspend_organization
from scenarios.models import Scenario
from scenarios.services import close_scenario, return_scenario, submit_scenario
from taxonomy.enums import ConceptStatus
from taxonomy.models import Concept, Scheme
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    ZHUHAI,
    make_administrator,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
    new_edition,
)

pytestmark = pytest.mark.django_db

SCENARIOS, CAPABILITIES = "/api/v1/scenarios/", "/api/v1/capabilities/"
ROBOTS, INTELLIGENCE = "gd-2024-embodied-robots", "gd-2024-general-intelligence"
DEEP_SEA, CCUS = "gd-2024-deep-sea", "gd-2024-ccus"
SECRET = "不可外传"


def get(client: Client, path: str, status: int = 200) -> Any:
    response = client.get(path)
    assert response.status_code == status, response.content
    return json.loads(response.content)


def names(client: Client, path: str) -> list[str]:
    return [row["name"] for row in get(client, path)["results"]]


def sign_in(client: Client, actor: Actor) -> None:
    client.force_login(User.objects.get(pk=actor.user_id))


@pytest.fixture
def hidden() -> list[Scenario | Capability]:
    """Records that visitors must not learn of; each carries SECRET in its name."""
    host, gone = make_organization(), make_organization(f"{SECRET}的组织")
    editor = make_member(host)
    submitted, returned = (
        make_scenario(host, published=False, name=f"{SECRET}{state}") for state in ("待审", "退回")
    )
    for scenario in (submitted, returned):
        submit_scenario(scenario=scenario, actor=editor)
    return_scenario(scenario=returned, reason=SECRET, actor=SYSTEM)
    withdrawn = make_capability(host, name=f"{SECRET}下架")
    rows = [
        make_scenario(host, published=False, name=f"{SECRET}草稿"),
        submitted,
        returned,
        make_scenario(gone, name=f"{SECRET}暂停", concepts=[ROBOTS], city=GUANGZHOU),
        make_scenario(
            make_organization(f"{SECRET}待核验", verified=False), published=False, name=SECRET
        ),
        make_capability(host, published=False, name=f"{SECRET}能力草稿"),
        make_capability(gone, name=f"{SECRET}暂停能力", concepts=[ROBOTS]),
        withdrawn,
    ]
    make_scenario(name="公开的搬运场景", concepts=[ROBOTS], co_publishers=[gone.identifier])
    make_capability(name="公开的搬运能力", concepts=[ROBOTS])
    rank_all()
    # After the ranking: lists still hold what has just been hidden.
    suspend_organization(organization=gone, reason="核查", actor=SYSTEM)
    withdraw_capability(capability=withdrawn, actor=editor)
    return rows


def api_address(record: Scenario | Capability) -> str:
    noun = SCENARIOS if isinstance(record, Scenario) else CAPABILITIES
    return f"{noun}{record.public_id}/"


@pytest.mark.parametrize("signed_in", [False, True], ids=["visitor", "stranger"])
def test_hidden_records_leave_no_trace(
    client: Client, hidden: list[Scenario | Capability], signed_in: bool
) -> None:
    if signed_in:
        sign_in(client, make_member(make_organization()))

    assert names(client, SCENARIOS) == ["公开的搬运场景"]
    assert names(client, CAPABILITIES) == ["公开的搬运能力"]
    for noun in (SCENARIOS, CAPABILITIES):
        row = get(client, noun)["results"][0]
        own = f"{noun}{row['id']}/"
        for path in (noun, own, f"{own}matches/", f"{own}ranked-by/"):
            assert SECRET not in json.dumps(get(client, path), ensure_ascii=False), path
        assert get(client, f"{noun}?q={SECRET}")["count"] == 0
        for record in hidden:
            known = f"{noun}?organization={record.organization.public_id}"
            expected = 200 if record.organization == hidden[0].organization else 400
            answer = get(client, known, expected)
            assert answer.get("count", 0) == 0
    assert get(client, f"{SCENARIOS}?concept={ROBOTS}&city={GUANGZHOU}")["count"] == 0


@pytest.mark.parametrize("noun", [SCENARIOS, CAPABILITIES])
@pytest.mark.parametrize("below", ["", "matches/", "ranked-by/"])
def test_hidden_absent_and_malformed_ids_answer_alike(
    client: Client, hidden: list[Scenario | Capability], noun: str, below: str
) -> None:
    own = [each for each in hidden if api_address(each).startswith(noun)]
    other = next(each for each in hidden if each not in own)
    ids = [*(each.public_id for each in own), other.public_id, uuid.uuid4(), own[0].pk, "x", "%00"]

    answers = {json.dumps(get(client, f"{noun}{each}/{below}", 404)) for each in ids}

    assert len(answers) == 1


def test_members_see_their_own_and_administrators_all(client: Client) -> None:
    host = make_organization()
    draft = make_scenario(host, published=False, name="草稿", concepts=[ROBOTS])
    make_scenario(make_organization(city=GUANGZHOU), published=False, name="别人的草稿")
    make_capability(host, published=False, name="能力草稿")

    sign_in(client, make_member(host, "viewer"))
    assert names(client, SCENARIOS) == ["草稿"]
    assert names(client, CAPABILITIES) == ["能力草稿"]
    assert get(client, api_address(draft))["state"] == "draft"
    assert get(client, f"{api_address(draft)}matches/")["results"] == []
    assert get(client, f"{api_address(draft)}ranked-by/")["results"] == []

    sign_in(client, make_administrator("content"))
    assert names(client, SCENARIOS) == ["别人的草稿", "草稿"]
    sign_in(client, make_administrator("content", city=GUANGZHOU))
    assert names(client, SCENARIOS) == ["别人的草稿"]
    # Neither another duty nor Django's own flag shows anything more than to visitors.
    sign_in(client, make_administrator("system"))
    assert names(client, SCENARIOS) == []
    client.force_login(User.objects.create_superuser("root@example.org"))
    assert names(client, SCENARIOS) == []


def test_contacts_and_inner_facts_are_nowhere(client: Client) -> None:
    host = make_organization()
    scenario = make_scenario(
        host,
        name="机器人",
        reference="CANARY-REF",
        contact_name="CANARY-NAME",
        contact_phone="CANARY-PHONE",
        contact_email="canary@example.org",
    )
    capability = make_capability(name="机器人", reference="CANARY-REF")
    rank_all()

    for member in (None, make_member(host, "viewer")):
        if member:
            sign_in(client, member)
        for record, noun in ((scenario, SCENARIOS), (capability, CAPABILITIES)):
            own = api_address(record)
            for path in (noun, own, f"{own}matches/", f"{own}ranked-by/"):
                body = client.get(path).content.decode().lower()
                assert "canary" not in body
                assert record.organization.identifier.lower() not in body
    for words in ("CANARY-NAME", "CANARY-PHONE", "canary@example.org"):
        assert get(client, f"{SCENARIOS}?q={words}")["count"] == 0


def test_what_is_not_stated_is_null_or_empty(client: Client) -> None:
    host = make_organization()
    scenario, capability = make_scenario(host, name="只有名称"), make_capability(host, name="只有")

    stated = get(client, api_address(scenario))
    assert stated == {
        "id": str(scenario.public_id),
        "name": "只有名称",
        "organization": {
            "id": str(host.public_id),
            "name": host.name,
            "city": None,
            "seat": None,
            "is_demonstration": False,
        },
        "url": f"{settings.BASE_URL}/scenarios/{scenario.public_id}/",
        "state": "published",
        **dict.fromkeys(
            [
                *("kind", "demand_kind", "city", "district", "site", "problem", "call_mode"),
                *("conditions_note", "budget_min_fen", "budget_max_fen"),
                *("readiness_min", "readiness_max", "deadline"),
            ]
        ),
        "readiness_is_must": False,
        **{
            name: []
            for name in (
                *("co_publishers", "concepts", "goals", "technical_needs"),
                *("conditions", "required_qualifications"),
            )
        },
        "published_at": stated["published_at"],
        "created_at": stated["created_at"],
        "updated_at": stated["updated_at"],
        "stated": None,
        "actions": [],
    }
    assert stated["published_at"] is not None
    own = get(client, api_address(capability))
    assert (own["summary"], own["readiness"], own["price_min_fen"]) == (None, None, None)
    lists = ("highlights", "concepts", "products", "patents", "qualifications", "cities_served")
    assert [own[name] for name in (*lists, "reference_cases")] == [[]] * 7


def test_scenario_states_everything_it_has(client: Client) -> None:
    partner = make_organization("联合发布方")
    deadline = timezone.now() + timedelta(days=3)
    scenario = make_scenario(
        name="搬运",
        kind="first_trial",
        concepts=[ROBOTS],
        city=GUANGZHOU,
        goals=[{"indicator": "节拍", "target": ""}],
        needs=[{"strength": "must", "text": "整机", "concept": ROBOTS}],
        conditions=["site"],
        budget_min_fen=1_000_000,
        deadline=deadline,
        co_publishers=[partner.identifier],
    )

    row = get(client, api_address(scenario))

    tag = {
        "code": ROBOTS,
        "label": "具身智能机器人",
        "level": "sub_industry",
        "scheme": "gd-2024",
    }
    assert (row["concepts"], row["city"], row["kind"]) == ([tag], GUANGZHOU, "first_trial")
    assert row["goals"] == [{"indicator": "节拍", "target": None}]
    assert row["technical_needs"] == [{"strength": "must", "text": "整机", "concept": tag}]
    assert (row["conditions"], row["budget_min_fen"]) == (["site"], 1_000_000)
    assert [each["name"] for each in row["co_publishers"]] == ["联合发布方"]
    assert [
        {**each, "stated": None, "actions": []} for each in get(client, SCENARIOS)["results"]
    ] == [row]


SCENARIO_FILTERS: dict[str, list[str]] = {
    "": ["无标签", "深海巡检", "行李搬运", "通用助手"],
    "q=搬运": ["行李搬运"],
    "q=离岸 巡检": ["深海巡检"],
    "q=机场集团": ["行李搬运"],
    "q=%25": [],
    "q=深海": ["深海巡检", "通用助手"],
    "q=智能": ["行李搬运", "通用助手"],
    "q=机场集团 智能": ["行李搬运"],
    "q=深海 搬运": [],
    f"concept={ROBOTS}": ["行李搬运"],
    f"concept={INTELLIGENCE}": ["行李搬运", "通用助手"],
    f"city={ZHUHAI}": ["深海巡检"],
    "kind=first_trial": ["行李搬运"],
    "demand_kind=project": ["深海巡检"],
    "call_mode=race": ["通用助手"],
    "condition=data": ["行李搬运"],
    "open=true": ["无标签", "行李搬运"],
    "sort=deadline": ["行李搬运", "通用助手", "深海巡检", "无标签"],
    "sort=-budget": ["深海巡检", "行李搬运", "通用助手", "无标签"],
    f"concept={INTELLIGENCE}&open=true&city={GUANGZHOU}": ["行李搬运"],
}


@pytest.fixture
def varied_scenarios() -> None:
    now = timezone.now()
    closed = make_scenario(
        name="通用助手",
        concepts=[INTELLIGENCE, DEEP_SEA],
        call_mode="race",
        deadline=now + timedelta(days=9),
    )
    close_scenario(scenario=closed, actor=SYSTEM)
    make_scenario(
        make_organization("省机场集团"),
        name="行李搬运",
        concepts=[ROBOTS, INTELLIGENCE],
        city=GUANGZHOU,
        kind="first_trial",
        conditions=["site", "data"],
        budget_min_fen=100,
        deadline=now + timedelta(days=3),
    )
    past = make_scenario(
        name="深海巡检",
        problem="离岸二十海里",
        city=ZHUHAI,
        demand_kind="project",
        budget_max_fen=900,
    )
    Scenario.objects.filter(pk=past.pk).update(deadline=now - timedelta(minutes=1))
    make_scenario(name="无标签")


CAPABILITY_FILTERS: dict[str, list[str]] = {
    "": ["只有名称", "水下巡检", "搬运机器人"],
    "q=双臂": ["搬运机器人"],
    "q=海洋公司 水下": ["水下巡检"],
    "q=具身智能": ["搬运机器人"],
    "q=海洋公司 深海": ["水下巡检"],
    "q=深海 双臂": [],
    f"concept={INTELLIGENCE}": ["搬运机器人"],
    f"city={SHENZHEN}": ["搬运机器人"],
    f"serves={SHENZHEN}": ["只有名称", "水下巡检", "搬运机器人"],
    f"serves={ZHUHAI}": ["只有名称", "搬运机器人"],
    f"serves={ZHUHAI}&city={SHENZHEN}&open=true": ["搬运机器人"],
    "readiness_min=6": ["水下巡检"],
    "readiness_min=5": ["水下巡检", "搬运机器人"],
    "sort=-readiness": ["水下巡检", "搬运机器人", "只有名称"],
}


@pytest.fixture
def varied_capabilities() -> None:
    make_capability(
        make_organization(city=SHENZHEN),
        name="搬运机器人",
        summary="双臂",
        concepts=[ROBOTS],
        readiness=5,
    )
    make_capability(
        make_organization("某海洋公司", city=ZHUHAI),
        name="水下巡检",
        concepts=[DEEP_SEA],
        readiness=8,
        cities_served=[SHENZHEN],
    )
    make_capability(name="只有名称")


@pytest.mark.usefixtures("varied_scenarios")
@pytest.mark.parametrize(("query", "expected"), SCENARIO_FILTERS.items(), ids=SCENARIO_FILTERS)
def test_scenarios_filter_the_same_for_programs_and_people(
    client: Client, query: str, expected: list[str]
) -> None:
    found = names(client, f"{SCENARIOS}?{query}")
    shown = [each.name for each in client.get(f"/scenarios/?{query}").context["page"]]

    assert found == shown == expected


@pytest.mark.usefixtures("varied_capabilities")
@pytest.mark.parametrize(("query", "expected"), CAPABILITY_FILTERS.items(), ids=CAPABILITY_FILTERS)
def test_capabilities_filter_the_same_for_programs_and_people(
    client: Client, query: str, expected: list[str]
) -> None:
    found = names(client, f"{CAPABILITIES}?{query}")
    shown = [each.name for each in client.get(f"/capabilities/?{query}").context["page"]]

    assert found == shown == expected


def test_search_knows_the_other_names_of_tags_in_any_case_while_they_are_in_use(
    client: Client,
) -> None:
    records = {
        SCENARIOS: make_scenario(name="封存试验", concepts=[CCUS]).name,
        CAPABILITIES: make_capability(name="吸收塔", concepts=[CCUS]).name,
    }
    make_scenario(name="旁的"), make_capability(name="旁的")

    for noun, name in records.items():
        for words in ("CCUS", "ccus", "碳捕集", f"碳捕集 {name}"):
            assert names(client, f"{noun}?q={words}") == [name]
        assert names(client, f"{noun}?q=CCUS 旁的") == []
    tag = Concept.objects.filter(code=CCUS)
    for change in ({"status": ConceptStatus.RETIRED}, {"retired_in": new_edition()}):
        before = tag.values(*change).get()
        tag.update(**change)
        for noun in records:
            assert names(client, f"{noun}?q=CCUS") == []
        tag.update(**before)
    scheme = Scheme.objects.filter(concepts__in=tag)
    scheme.update(retired_in=new_edition())
    for noun in records:
        assert names(client, f"{noun}?q=CCUS") == []


@pytest.mark.parametrize("make", [make_scenario, make_capability])
def test_search_asks_the_same_number_of_questions_of_few_and_many(
    client: Client, django_assert_num_queries: Any, make: Callable[..., Any]
) -> None:
    host = make_organization()
    noun = api_address(make(host, concepts=[CCUS])).rsplit("/", 2)[0]
    with CaptureQueriesContext(connection) as asked:
        assert get(client, f"{noun}/?q=CCUS")["count"] == 1
    for _ in range(20):
        make(host, concepts=[CCUS, ROBOTS])

    with django_assert_num_queries(len(asked)):
        assert get(client, f"{noun}/?q=CCUS")["count"] == 21


@pytest.mark.parametrize("make", [make_scenario, make_capability])
def test_open_leaves_out_what_only_its_own_people_see(
    client: Client, make: Callable[..., Any]
) -> None:
    host = make_organization()
    public, draft = make(host), make(host, published=False)
    noun = api_address(public).removesuffix(f"{public.public_id}/")
    sign_in(client, make_member(host))

    assert names(client, noun) == [draft.name, public.name]
    assert names(client, f"{noun}?open=true") == [public.name]
    suspend_organization(organization=host, reason="核查", actor=SYSTEM)
    assert names(client, f"{noun}?open=true") == []


@pytest.mark.parametrize("make", [make_scenario, make_capability])
def test_organization_filters_by_its_public_id(client: Client, make: Callable[..., Any]) -> None:
    host = make_organization()
    own = make(host)
    make()
    noun = api_address(own).removesuffix(f"{own.public_id}/")
    make_member(host)
    make_member(host)

    rows = get(client, f"{noun}?organization={host.public_id}")["results"]

    assert [row["id"] for row in rows] == [str(own.public_id)]


@pytest.mark.parametrize(
    "query",
    [
        *("concept=none", "city=999999", "kind=planet", "demand_kind=x", "call_mode=x"),
        *("condition=x", "open=maybe", "open=false", "organization=x", "sort=name", "q=%00"),
        *("organization=00000000-0000-0000-0000-000000000000", f"q={'长' * 61}"),
        *("contact_phone=1", "organization__state=verified", "state=draft", "id=1"),
    ],
)
def test_scenario_filter_that_means_nothing_is_refused(client: Client, query: str) -> None:
    body = get(client, f"{SCENARIOS}?{query}", 400)

    assert [error["field"] for error in body["errors"]] == [query.split("=", maxsplit=1)[0]]


@pytest.mark.parametrize(
    "query",
    [
        *("readiness_min=0", "readiness_min=5.5", "readiness_min=x", "city=x", "price=1"),
        *("serves=x", "serves=999999", "open=false", "open=1"),
    ],
)
def test_capability_filter_that_means_nothing_is_refused(client: Client, query: str) -> None:
    body = get(client, f"{CAPABILITIES}?{query}", 400)

    assert [error["field"] for error in body["errors"]] == [query.split("=", maxsplit=1)[0]]


@pytest.mark.parametrize("below", ["matches/", "ranked-by/"])
@pytest.mark.parametrize("query", ["page_size=0", "q=x", "matches=all", "sort=score"])
def test_matches_refuse_parameters_they_do_not_know(client: Client, query: str, below: str) -> None:
    scenario = make_scenario()

    body = get(client, f"{api_address(scenario)}{below}?{query}", 400)

    assert [error["field"] for error in body["errors"]] == [query.split("=", maxsplit=1)[0]]


def make_ranked(count: int) -> tuple[Scenario, Capability]:
    """A scenario and a capability with ``count`` matches each."""
    common = {"name": "行李搬运机器人", "concepts": [ROBOTS]}
    host, supplier = make_organization(city=GUANGZHOU), make_organization(city=SHENZHEN)
    asking = [
        make_scenario(
            host,
            **common,
            city=GUANGZHOU,
            readiness_min=place % 9 + 1,
            needs=[{"strength": "wish", "text": "整机", "concept": ROBOTS}],
            goals=[{"indicator": "节拍"}],
            deadline=timezone.now() + timedelta(days=3),
        )
        for place in range(count)
    ]
    offered = [
        make_capability(supplier, **common, readiness=place % 9 + 1, cases=[{"title": "案例"}])
        for place in range(count)
    ]
    rank_all()
    return asking[0], offered[0]


def test_matches_stand_in_stored_order_and_add_up(client: Client) -> None:
    records = make_ranked(12)

    for record, side, other in zip(
        records, (Side.SCENARIO, Side.CAPABILITY), ("capability", "scenario"), strict=True
    ):
        page = get(client, f"{api_address(record)}matches/?page_size=100")
        stored = MatchList.objects.get(run__isnull=False, side=side, record_id=record.pk)
        top = unpack(bytes(stored.entries))
        model = Capability if other == "capability" else Scenario
        rows = model.objects.in_bulk(top.keys.tolist())
        assert [row[other]["id"] for row in page["results"]] == [
            str(rows[key].public_id) for key in top.keys.tolist()
        ]
        assert [row["score"] for row in page["results"]] == top.scores.tolist()
        for row in page["results"]:
            assert row["maximum"] == MAXIMUM == sum(part["maximum"] for part in row["parts"])
            assert row["score"] == sum(part["points"] for part in row["parts"])
        assert set(page["results"][0][other]) == {"id", "name", "organization", "url"}


def test_match_names_reasons_with_clauses_and_what_is_not_stated(client: Client) -> None:
    scenario, _ = make_ranked(1)

    (match,) = get(client, f"{api_address(scenario)}matches/")["results"]

    parts = {part["name"]: part for part in match["parts"]}
    assert parts["tag"]["points"] == parts["tag"]["maximum"]
    clauses = parts["host_focus"]["reasons"][0]["clauses"]
    assert {"code", "number", "heading", "document"} == set(clauses[0])
    assert clauses[0]["document"]["status"] == "in_force"
    assert (parts["scale"]["stated"], parts["scale"]["points"]) == (False, 0)
    assert [each["text"] for each in parts["scale"]["reasons"]] == [
        "场景未填写预算",
        "能力未填写价格",
    ]


def test_matches_say_when_they_were_ranked(client: Client) -> None:
    scenario = make_scenario(name="行李搬运")
    path = f"{api_address(scenario)}matches/"
    assert get(client, path)["ranked_at"] is None

    rank_all()

    page = get(client, path)
    own = MatchList.objects.get(side=Side.SCENARIO, record_id=scenario.pk)
    assert (page["count"], datetime.fromisoformat(page["ranked_at"])) == (0, own.ranked_at)


def test_matches_come_in_pages(client: Client) -> None:
    scenario, _ = make_ranked(5)
    path = f"{api_address(scenario)}matches/"

    first, second = (get(client, f"{path}?page_size=3&page={page}") for page in (1, 2))

    assert (first["count"], len(first["results"]), len(second["results"])) == (5, 3, 2)
    assert first["next"] == f"{settings.BASE_URL}{path}?page=2&page_size=3"
    assert get(client, f"{path}?page=3&page_size=3", 404)["code"] == "not_found"


def test_ranked_by_says_whose_lists_hold_the_record_and_at_which_place(client: Client) -> None:
    asking, offering = make_ranked(3)
    ours = [asking, *Scenario.objects.exclude(pk=asking.pk)]
    theirs = [offering, *Capability.objects.exclude(pk=offering.pk)]

    for records, others, noun, counterpart in (
        (ours, theirs, CAPABILITIES, "capability"),
        (theirs, ours, SCENARIOS, "scenario"),
    ):
        expected = []
        for other in others:
            listed = get(client, f"{api_address(other)}matches/")["results"]
            for place, match in enumerate(listed, 1):
                (found,) = [value for value in match.values() if isinstance(value, dict)]
                if found["id"] == str(records[0].public_id):
                    reference = get(client, f"{noun}{other.public_id}/")
                    shown = {key: reference[key] for key in ("id", "name", "organization", "url")}
                    score = {"score": match["score"], "maximum": MAXIMUM}
                    expected.append((place, -match["score"], other.pk, score, shown))
        expected.sort(key=lambda each: each[:3])
        assert len(expected) == 3
        path = f"{api_address(records[0])}ranked-by/"
        body = get(client, path)
        assert body["results"] == [
            {"place": place, **score, counterpart: shown} for place, _, _, score, shown in expected
        ]
        assert (body["count"], body["next"], body["previous"]) == (3, None, None)
        page = get(client, f"{path}?page=2&page_size=2")
        assert page["results"] == body["results"][2:]


def test_lists_and_matches_cost_the_same_at_1_and_30_rows(
    client: Client, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    for record in make_ranked(30):
        noun = api_address(record).split(str(record.public_id), maxsplit=1)[0]
        own = api_address(record)
        for path, most in ((noun, 12), (f"{own}matches/", 22), (f"{own}ranked-by/", 13)):
            get(client, path)  # reads the domain once for the process
            with django_assert_max_num_queries(most) as one:
                assert len(get(client, f"{path}?page_size=1")["results"]) == 1
            with django_assert_num_queries(len(one.captured_queries)):
                assert len(get(client, f"{path}?page_size=30")["results"]) == 30


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("noun", [SCENARIOS, CAPABILITIES])
def test_visitors_only_read(client: Client, noun: str, method: str) -> None:
    response = getattr(client, method)(noun, {"state": "published"}, "application/json")

    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
