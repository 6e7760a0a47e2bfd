"""Writing scenarios, capabilities and products in forms, through the pages alone."""

from __future__ import annotations

import html
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditEvent
from capabilities.facts import ProductFacts
from capabilities.models import Capability, Product
from capabilities.services import create_product
from common.actor import Actor
from organizations.models import Organization
from outbox.models import Message
from scenarios.facts import ScenarioFacts
from scenarios.models import Scenario
from scenarios.queries import stated_facts
from scenarios.services import return_scenario, submit_scenario
from taxonomy.models import Concept
from tests.records import (
    GUANGZHOU,
    SYSTEM,
    credit_code,
    make_administrator,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
    new_edition,
    user_of,
)
from tests.web.browser import typed

pytestmark = pytest.mark.django_db

ROBOTS, BIOLOGY = "gd-2024-embodied-robots", "gd-2024-synthetic-biology"
NEW = {"scenarios": "/scenarios/new/", "capabilities": "/capabilities/new/"}


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(user_of(actor))
    return client


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return str(response.content.decode())


def words_of(page: str) -> str:
    """What a reader sees, without mark-up."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.split("<main")[1])).split())


def send(client: Client, path: str, **changes: Any) -> Any:
    """Open the page, change what is named, send everything back as a browser would."""
    values: dict[str, Any] = typed(read(client, path))
    for name, value in changes.items():
        values[name.replace("__", "-")] = value
    return client.post(path, values)


def written() -> tuple[int, ...]:
    models = (Scenario, Capability, Product, AuditEvent, Message)
    return tuple(model._default_manager.count() for model in models)


def faults_of(response: Any) -> dict[str, str]:
    """Label and text of each line of the summary, and that each leads to something."""
    page = response.content.decode()
    lines = re.findall(r'<li><a href="#([^"]+)">(.*?)</a>：(.*?)</li>', page)
    for place, *_ in lines:
        assert f'id="{place}"' in page, place
    return {html.unescape(label): html.unescape(text) for _, label, text in lines}


@pytest.fixture
def host() -> Organization:
    return make_organization("广州港口")


@pytest.fixture
def editor(host: Organization) -> Actor:
    return make_member(host)


def test_scenario_goes_from_blank_page_to_published(host: Organization, editor: Actor) -> None:
    writer, administrator = signed_in(editor), signed_in(make_administrator())

    answer = send(
        writer,
        "/scenarios/new/",
        name="港口岸电设备智能巡检",
        concepts=[ROBOTS],
        goals__0__indicator="漏检率",
        goals__0__target="不高于 1%",
        needs__0__strength="wish",
        needs__0__text="国产",
        needs__0__concept="具身智能机器人",
    )
    scenario = Scenario.objects.get()
    assert (answer.status_code, answer.url) == (302, scenario.get_absolute_url())
    assert (scenario.state, scenario.organization) == ("draft", host)
    assert stated_facts(scenario) == ScenarioFacts(
        name="港口岸电设备智能巡检",
        concepts=[ROBOTS],
        goals=[{"indicator": "漏检率", "target": "不高于 1%"}],
        needs=[{"strength": "wish", "text": "国产", "concept": ROBOTS}],
    )

    path = scenario.get_absolute_url()
    send(writer, f"{path}edit/", problem="人工巡检频次低", then="submit")
    scenario.refresh_from_db()
    assert (scenario.state, scenario.problem) == ("submitted", "人工巡检频次低")

    assert "审核退回" not in words_of(read(writer, path))
    returned = administrator.post(f"{path}return/", {"reason": "请写明<b>预算</b>"})
    assert returned.status_code == 302
    for page in (read(writer, path), read(writer, f"{path}edit/")):
        assert "审核退回，修改后可以重新提交 请写明<b>预算</b>" in words_of(page)
        assert "<b>预算" not in page

    send(writer, f"{path}edit/", budget_max_fen="120 万", then="submit")
    assert administrator.post(f"{path}publish/").status_code == 302
    scenario.refresh_from_db()
    assert (scenario.state, scenario.budget_max_fen) == ("published", 120_000_000)
    visitor = words_of(read(Client(), path))
    assert "不超过 120 万元" in visitor
    for private in ("审核退回", "办理记录", "内容检查", "提交审核", "复制为新场景"):
        assert private not in visitor


FULL: dict[str, Any] = {
    "name": "搬运",
    "reference": "2026-001",
    "kind": "first_trial",
    "demand_kind": "project",
    "concepts": [BIOLOGY, ROBOTS],
    "city": GUANGZHOU,
    "district": "guangzhou-nansha",
    "site": "码头",
    "problem": "\n第一段\n\n第二段 <b>&amp;",
    "goals": [{"indicator": f"指标 {i}", "target": "1"} for i in range(20)],
    "needs": [
        {"strength": "must", "text": "整机", "concept": ROBOTS},
        {"strength": "wish", "text": '"国产"'},
    ],
    "conditions": ["site", "first_purchase"],
    "conditions_note": "夜间",
    "budget_min_fen": 123_456_789,
    "budget_max_fen": 2**63 - 1,
    "readiness_min": 6,
    "readiness_max": 9,
    "readiness_is_must": True,
    "required_qualifications": ["ISO 9001", "防爆合格证"],
    "call_mode": "race",
    "contact_name": "陈工",
    "contact_phone": "020-1",
    "contact_email": "chen@example.com",
}


def test_saving_a_scenario_as_the_page_shows_it_changes_nothing(
    host: Organization, editor: Actor
) -> None:
    """Also partners that nobody else may see yet, and a deadline finer than the page shows it."""
    partner = make_organization(verified=False)
    deadline = timezone.now() + timedelta(days=3, microseconds=7)
    scenario = make_scenario(host, **FULL, deadline=deadline, co_publishers=[partner.identifier])
    before = stated_facts(scenario)

    answer = send(signed_in(editor), f"{scenario.get_absolute_url()}edit/")

    assert answer.status_code == 302
    after = stated_facts(Scenario.objects.get())
    assert after == before
    assert (after.deadline, after.co_publishers) == (deadline, [partner.identifier])
    assert partner.name in read(signed_in(editor), f"{scenario.get_absolute_url()}edit/")
    assert partner.name not in read(signed_in(editor), scenario.get_absolute_url())


def test_saving_a_capability_and_a_product_as_the_pages_show_them_changes_nothing(
    host: Organization, editor: Actor
) -> None:
    stated = ProductFacts(
        name="机器人", kind="product", model_number="R", summary="甲\n乙", price_min_fen=1
    )
    product = create_product(organization=host, facts=stated, actor=editor)
    facts = {
        "name": "巡检",
        "reference": "C-1",
        "summary": "轮式\n底盘",
        "highlights": ["续航", "防护"],
        "concepts": [BIOLOGY, ROBOTS],
        "readiness": 7,
        "price_min_fen": 0,
        "price_max_fen": 5,
        "qualifications": ["防爆"],
        "patents": ["ZL1"],
        "cases": [{"title": "码头", "client": "某公司", "year": 2025}, {"title": "仓库"}],
        "cities_served": [GUANGZHOU],
        "products": [product.public_id],
    }
    capability = make_capability(host, **facts)
    writer = signed_in(editor)

    for path in (f"{capability.get_absolute_url()}edit/", product_page(product)):
        assert send(writer, path).status_code == 302

    kept = Capability.objects.get()
    for name in ("name", "reference", "summary", "highlights", "readiness", "qualifications"):
        assert getattr(kept, name) == facts[name]
    assert (kept.price_min_fen, kept.price_max_fen, kept.patents) == (0, 5, ["ZL1"])
    assert list(kept.reference_cases.values_list("title", "client", "year")) == [
        ("码头", "某公司", 2025),
        ("仓库", "", None),
    ]
    assert {each.code for each in kept.concepts.all()} == {BIOLOGY, ROBOTS}
    assert [each.code for each in kept.cities_served.all()] == [GUANGZHOU]
    assert list(kept.products.all()) == [product]
    again = Product.objects.get()
    assert ProductFacts(**{n: getattr(again, n) for n in ProductFacts.model_fields}) == stated


def product_page(product: Product) -> str:
    return f"/products/{product.public_id}/edit/"


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"name": ""}, "名称", "必填"),
    ({"name": "甲\u202e乙"}, "名称", "控制字符"),
    ({"name": "长" * 121}, "名称", "最多 120 个字"),
    ({"budget_min_fen": "一百万"}, "预算下限", "无法识别这个金额"),
    ({"budget_min_fen": "1，5 万"}, "预算下限", "无法识别这个金额"),
    ({"budget_min_fen": "2 亿", "budget_max_fen": "1 亿"}, "预算上限", "下限不能高于上限"),
    ({"readiness_min": "7", "readiness_max": "5"}, "技术成熟度上限", "下限不能高于上限"),
    ({"readiness_is_must": "on"}, "成熟度下限为硬性要求", "请先填写技术成熟度下限"),
    ({"readiness_min": "10"}, "技术成熟度下限", "不能大于 9"),
    ({"co_publishers": "91440000MA5000001X"}, "联合发布单位", "第 1 项：统一社会信用代码"),
    ({"co_publishers": credit_code(999_998)}, "联合发布单位", "尚未登记"),
    ({"concepts": ["nowhere"]}, "产业标签", "没有代码为“nowhere”"),
    ({"city": "430100"}, "城市", "没有代码为“430100”"),
    ({"city": GUANGZHOU, "district": "shenzhen-nanshan"}, "区", "南山区属于深圳市，不属于广州市。"),
    ({"kind": "magic"}, "场景类型", "应为以下之一"),
    ({"conditions": ["magic"]}, "提供条件", "应为以下之一"),
    ({"deadline": "明天"}, "截止时间（北京时间）", "请填写日期和时间"),
    ({"deadline": "2027-01-01"}, "截止时间（北京时间）", "请填写日期和时间"),
    ({"deadline": "1021-01-01T10:00"}, "截止时间（北京时间）", "年份"),
    ({"contact_email": "chen"}, "联系邮箱", "电子邮箱的格式不对"),
    ({"required_qualifications": "短\n" + "长" * 61}, "必备资质", "第 2 项：最多 60 个字"),
    ({"goals__1__target": "1%"}, "目标第 2 行“指标”", "缺少这一项"),
    ({"goals__0__indicator": "长" * 121}, "目标第 1 行“指标”", "最多 120 个字"),
    (
        {"needs__2__concept": "机器人啊", "needs__2__text": "甲"},
        "技术需求第 3 行“对应标签（选填）”",
        "相近的有",
    ),
    ({"needs__0__strength": "x", "needs__0__text": "甲"}, "技术需求第 1 行“强度”", "应为以下"),
]


@pytest.mark.parametrize(("wrong", "label", "text"), FAULTS, ids=lambda each: str(each)[:40])
def test_fault_stands_at_its_field_and_everything_typed_stays(
    host: Organization, editor: Actor, wrong: dict[str, Any], label: str, text: str
) -> None:
    before = written()

    answer = send(
        signed_in(editor), "/scenarios/new/", **{"name": "巡检", "problem": "没有丢"} | wrong
    )

    assert answer.status_code == 200
    faults = faults_of(answer)
    assert list(faults) == [label]
    assert text in faults[label]
    kept = typed(answer.content.decode())
    for name, value in ({"problem": "没有丢"} | wrong).items():
        shown = kept.get(name.replace("__", "-"))
        # What is no choice at all cannot be shown as chosen.
        if value not in ("430100", "magic", "10", "x", ["magic"], ["nowhere"]):
            assert shown == (value if isinstance(value, list) else [value])
    assert written() == before


def test_districts_stand_under_their_cities_without_a_script_too(editor: Actor) -> None:
    page = read(signed_in(editor), "/scenarios/new/")

    select = page.split('id="id_district"')[1].split("</select>")[0]
    groups = dict(re.findall(r'<optgroup label="(.*?)">(.*?)</optgroup>', select, re.DOTALL))
    assert list(groups) == ["广州市", "深圳市"]
    assert "南沙区" in groups["广州市"]
    assert "南山区" in groups["深圳市"]
    assert "disabled" not in select
    assert "hidden" not in select


def test_all_faults_are_told_at_once(editor: Actor) -> None:
    answer = send(
        signed_in(editor),
        "/scenarios/new/",
        name="",
        budget_min_fen="x",
        deadline="x",
        goals__0__target="1",
        city="430100",
    )

    assert list(faults_of(answer)) == [
        *("名称", "预算下限", "截止时间（北京时间）", "目标第 1 行“指标”")
    ]


def test_nine_concepts_are_one_too_many(editor: Actor) -> None:
    nine = [each.code for each in Concept.objects.filter(code__startswith="gd-2024")[:9]]

    answer = send(signed_in(editor), "/scenarios/new/", name="巡检", concepts=nine)

    assert faults_of(answer) == {"产业标签": "最多 8 项"}
    assert sorted(typed(answer.content.decode())["concepts"]) == sorted(nine)


def test_more_rows_than_the_facts_allow_are_refused_whole(editor: Actor) -> None:
    rows = {f"goals__{i}__indicator": f"指标 {i}" for i in range(21)}

    answer = send(
        signed_in(editor), "/scenarios/new/", name="巡检", goals__TOTAL_FORMS="21", **rows
    )

    assert faults_of(answer) == {"目标": "最多 20 项"}
    kept = typed(answer.content.decode())
    assert kept["goals-20-indicator"] == ["指标 20"]


@pytest.mark.parametrize("total", ["x", "-1", "99999999999", ""])
def test_tampered_row_count_is_a_fault_and_no_crash(editor: Actor, total: str) -> None:
    answer = send(signed_in(editor), "/scenarios/new/", name="巡检", goals__TOTAL_FORMS=total)

    assert answer.status_code in (200, 302)
    assert answer.status_code == 302 or "目标" in faults_of(answer)


def test_spare_rows_and_rows_between_count_for_nothing(editor: Actor) -> None:
    values = {"goals__0__indicator": "", "goals__2__indicator": "用时", "needs__1__text": "整机"}

    send(signed_in(editor), "/scenarios/new/", name="巡检", **values)

    scenario = Scenario.objects.get()
    assert [goal.indicator for goal in scenario.goals.all()] == ["用时"]
    assert [need.text for need in scenario.technical_needs.all()] == ["整机"]


def test_deadline_is_beijing_time(editor: Actor) -> None:
    send(signed_in(editor), "/scenarios/new/", name="巡检", deadline="2027-03-31T10:00")

    scenario = Scenario.objects.get()
    assert scenario.deadline == datetime(2027, 3, 31, 2, 0, tzinfo=UTC)
    page = read(signed_in(editor), f"{scenario.get_absolute_url()}edit/")
    assert typed(page)["deadline"] == ["2027-03-31T10:00"]


@pytest.mark.parametrize(
    ("deadline", "text"),
    [("2026-01-01T10:00", "只能延后"), ("", "只能延后")],
    ids=["earlier", "none"],
)
def test_deadline_of_a_published_call_is_not_taken_back(
    host: Organization, editor: Actor, deadline: str, text: str
) -> None:
    scenario = make_scenario(host, deadline=timezone.now() + timedelta(days=3))

    answer = send(signed_in(editor), f"{scenario.get_absolute_url()}edit/", deadline=deadline)

    assert text in faults_of(answer)["截止时间（北京时间）"]
    assert typed(answer.content.decode())["deadline"] == [deadline]


def test_published_call_gets_no_first_deadline_in_the_past(
    host: Organization, editor: Actor
) -> None:
    scenario = make_scenario(host)

    answer = send(
        signed_in(editor), f"{scenario.get_absolute_url()}edit/", deadline="2026-01-01T10:00"
    )

    assert "应在将来" in faults_of(answer)["截止时间（北京时间）"]
    scenario.refresh_from_db()
    assert scenario.deadline is None


def test_second_editor_does_not_overwrite_the_first_unseen(
    host: Organization, editor: Actor
) -> None:
    scenario = make_scenario(host, published=False, name="甲", problem="旧")
    path = f"{scenario.get_absolute_url()}edit/"
    mine, theirs = signed_in(editor), signed_in(make_member(host))
    opened: dict[str, Any] = typed(read(mine, path))
    send(theirs, path, problem="别人写的")
    before = written()

    refused = mine.post(path, opened | {"problem": "我写的", "site": "码头"})

    assert refused.status_code == 409
    text = words_of(refused.content.decode())
    assert "别人在您编辑期间修改过" in text
    assert "与当前版本不同的有：地点、要解决的问题" in text
    assert f'href="{scenario.get_absolute_url()}" target="_blank"' in refused.content.decode()
    kept: dict[str, Any] = typed(refused.content.decode())
    assert (kept["problem"], kept["site"]) == (["我写的"], ["码头"])
    assert "overwrite" not in kept
    assert written() == before
    assert mine.post(path, kept).status_code == 409

    newer = Scenario.objects.get().updated_at.isoformat()
    assert f'name="overwrite" value="{newer}"' in refused.content.decode()
    assert mine.post(path, kept | {"overwrite": newer}).status_code == 302
    assert Scenario.objects.get().problem == "我写的"
    # A third version has not been seen either.
    assert mine.post(path, kept | {"overwrite": newer}).status_code == 409


@pytest.mark.parametrize("version", ["", "x", "2026-01-01", "2026-01-01T00:00:00"])
def test_page_without_a_usable_version_is_not_saved(
    host: Organization, editor: Actor, version: str
) -> None:
    scenario = make_scenario(host, published=False, name="甲")
    before = written()

    answer = send(
        signed_in(editor), f"{scenario.get_absolute_url()}edit/", name="乙", version=version
    )

    assert "重新打开" in answer.content.decode()
    assert written() == before


def test_state_that_moved_on_meanwhile_keeps_what_was_typed(
    host: Organization, editor: Actor
) -> None:
    scenario = make_scenario(host, published=False, name="甲")
    path = f"{scenario.get_absolute_url()}edit/"
    writer = signed_in(editor)
    opened: dict[str, Any] = typed(read(writer, path))
    submit_scenario(scenario=scenario, actor=make_member(host))

    refused = writer.post(path, opened | {"problem": "我写的"})

    assert refused.status_code == 409
    assert "待审核" in words_of(refused.content.decode())
    assert typed(refused.content.decode())["problem"] == ["我写的"]
    opened_again = writer.get(path, follow=True)
    assert opened_again.redirect_chain == [(scenario.get_absolute_url(), 302)]
    assert "场景“待审核”，不能修改" in words_of(opened_again.content.decode())


def test_refused_step_leaves_what_was_saved(editor: Actor) -> None:
    waiting = make_organization(verified=False)
    writer = signed_in(make_member(waiting))

    assert "保存并发布" not in read(writer, "/capabilities/new/")
    answer = send(writer, "/capabilities/new/", name="巡检", then="publish")

    capability = Capability.objects.get()
    assert (capability.state, capability.organization) == ("draft", waiting)
    assert answer.url == capability.get_absolute_url()
    shown = words_of(read(writer, answer.url))
    assert "已保存，但没有继续：组织尚未通过核验" in shown


@pytest.mark.parametrize("then", ["publish", "nothing", "close"])
def test_button_takes_no_step_that_the_editor_may_not_take(editor: Actor, then: str) -> None:
    send(signed_in(editor), "/scenarios/new/", name="巡检", then=then)

    assert Scenario.objects.get().state == "draft"


def test_capability_is_registered_and_published(host: Organization, editor: Actor) -> None:
    writer = signed_in(editor)
    send(writer, "/products/new/", name="机器人", kind="product", price_min_fen="60 万")
    product = Product.objects.get()
    assert (product.organization, product.price_min_fen) == (host, 60_000_000)
    chosen = str(product.public_id)

    send(writer, "/capabilities/new/", name="巡检", products=[chosen], then="publish")
    capability = Capability.objects.get()
    assert (capability.state, list(capability.products.all())) == ("published", [product])
    send(writer, f"{capability.get_absolute_url()}edit/", cases__0__title="码头", products=[])
    assert list(capability.reference_cases.values_list("title", flat=True)) == ["码头"]
    assert not capability.products.exists()
    send(writer, product_page(product), name="机器人二代")
    product.refresh_from_db()
    assert product.name == "机器人二代"


@pytest.mark.parametrize(
    ("wrong", "label"),
    [
        ({"cases__0__year": "去年"}, "应用案例第 1 行“年份”"),
        ({"cases__0__client": "某公司", "cases__0__title": ""}, "应用案例第 1 行“案例”"),
        ({"readiness": "x"}, "技术成熟度"),
        ({"price_min_fen": "2 万", "price_max_fen": "1 万"}, "价格上限"),
        ({"cities_served": ["430100"]}, "服务城市"),
        ({"products": ["x"]}, "产品"),
    ],
    ids=str,
)
def test_faults_of_a_capability_stand_at_their_fields(
    editor: Actor, wrong: dict[str, Any], label: str
) -> None:
    before = written()

    answer = send(
        signed_in(editor),
        "/capabilities/new/",
        **{"name": "巡检", "cases__0__title": "码头"} | wrong,
    )

    assert list(faults_of(answer)) == [label]
    assert written() == before


def test_product_needs_a_name_and_a_kind(editor: Actor) -> None:
    answer = send(signed_in(editor), "/products/new/", summary="只有简介")

    assert list(faults_of(answer)) == ["名称", "类别"]
    assert typed(answer.content.decode())["summary"] == ["只有简介"]
    assert not Product.objects.exists()


def test_products_of_others_cannot_be_chosen(editor: Actor) -> None:
    stranger = make_organization()
    theirs = create_product(
        organization=stranger,
        facts=ProductFacts(name="别人的产品", kind="product"),
        actor=make_member(stranger),
    )
    writer = signed_in(editor)
    assert "别人的产品" not in read(writer, "/capabilities/new/")

    answers = {
        faults_of(send(writer, "/capabilities/new/", name="巡检", products=[given]))["产品"]
        for given in (str(theirs.public_id), str(uuid.uuid4()))
    }

    assert answers == {"只能选用本组织登记的产品。"}
    assert not Capability.objects.exists()


@pytest.mark.parametrize("path", ["/scenarios/new/", "/capabilities/new/", "/products/new/"])
def test_who_writes_for_several_chooses_and_who_writes_for_none_is_told(path: str) -> None:
    first, second, third = (make_organization(f"组织{name}") for name in "甲乙丙")
    editor = make_member(first)
    for organization, role in ((second, "owner"), (third, "viewer")):
        organization.memberships.create(user=user_of(editor), role=role)
    writer = signed_in(editor)

    page = read(writer, path)
    assert f'href="?organization={first.public_id}"' in page
    assert f'href="?organization={second.public_id}"' in page
    assert "组织丙" not in page
    page = read(writer, f"{path}?organization={second.public_id}")
    assert "组织乙" in page
    assert typed(page)["organization"] == [str(second.public_id)]

    viewer = signed_in(make_member(third, "viewer"))
    assert "您还不能代表任何组织填写" in words_of(read(viewer, path))
    assert 'href="/organizations/new/"' in read(viewer, path)
    assert "data-form" not in read(viewer, path)


@pytest.mark.parametrize("path", ["/scenarios/new/", "/capabilities/new/", "/products/new/"])
def test_nobody_writes_for_an_organization_of_others(editor: Actor, path: str) -> None:
    other, looked_at = make_organization(), make_organization()
    looked_at.memberships.create(user=user_of(editor), role="viewer")
    writer = signed_in(editor)
    before = written()

    for given in (other.public_id, looked_at.public_id, uuid.uuid4(), "x", "", "\0"):
        assert writer.get(path, {"organization": given}).status_code == 404
        posted = writer.post(path, {"organization": given, "name": "甲", "kind": "product"})
        assert posted.status_code == 404
    assert written() == before


def everybody(host: Organization) -> dict[str, Client]:
    return {
        "stranger": signed_in(make_member(make_organization(), "owner")),
        "viewer": signed_in(make_member(host, "viewer")),
        "administrator": signed_in(make_administrator()),
    }


@pytest.mark.parametrize("published", [True, False], ids=["published", "draft"])
@pytest.mark.parametrize("noun", ["scenario", "capability"])
def test_only_editors_reach_the_form(host: Organization, noun: str, published: bool) -> None:
    make = make_scenario if noun == "scenario" else make_capability
    record = make(host, published=published, name="不可外传")
    path = f"{record.get_absolute_url()}edit/"
    others = everybody(host)
    before = written()

    for client, status in (
        (Client(), 302),
        (others["stranger"], 403 if published else 404),
        (others["viewer"], 403),
        (others["administrator"], 403),
    ):
        for answer in (client.get(path), client.post(path, {"name": "改了"})):
            assert answer.status_code == status
            if status == 302:
                assert answer.url.startswith("/accounts/login/")
            else:
                assert "不可外传" not in answer.content.decode()
    assert written() == before


def test_products_are_seen_by_their_own_alone(host: Organization, editor: Actor) -> None:
    facts = ProductFacts(name="不可外传", kind="product")
    product = create_product(organization=host, facts=facts, actor=editor)
    others = everybody(host)
    before = written()

    expected = {"stranger": 404, "viewer": 403, "administrator": 404}
    for role, client in others.items():
        for answer in (client.get(product_page(product)), client.post(product_page(product), {})):
            assert answer.status_code == expected[role], role
            assert "不可外传" not in answer.content.decode()
    assert Client().get(product_page(product)).status_code == 302
    assert written() == before


def test_process_is_for_members_and_administrators(host: Organization, editor: Actor) -> None:
    scenario = make_scenario(host, published=False, name="甲")
    submit_scenario(scenario=scenario, actor=editor)
    return_scenario(scenario=scenario, reason="缺预算", actor=SYSTEM)
    submit_scenario(scenario=scenario, actor=editor)
    path = scenario.get_absolute_url()
    shown = {role: client.get(path) for role, client in everybody(host).items()}

    assert shown["stranger"].status_code == 404
    member, reviewer = (words_of(shown[r].content.decode()) for r in ("viewer", "administrator"))
    for text in (member, reviewer):
        assert re.search(r"办理记录 .* 创建 .* 提交审核 .* 退回 .*缺预算 .* 提交审核", text)
    writer = str(user_of(editor))
    assert writer in reviewer
    assert writer not in member
    assert "内容检查" in reviewer
    assert "内容检查" not in member
    page = shown["administrator"].content.decode()
    assert f'action="{path}publish/"' in page
    assert f'href="{path}return/' in page
    assert f"{path}publish/" not in shown["viewer"].content.decode()
    written_by = read(signed_in(editor), path)
    assert f'action="{path}recall/"' in written_by
    assert f"{path}publish/" not in written_by


@pytest.mark.parametrize("role", ["visitor", "stranger"])
def test_strangers_see_no_process_of_published_records(host: Organization, role: str) -> None:
    client = Client() if role == "visitor" else everybody(host)["stranger"]

    for record in (make_scenario(host), make_capability(host)):
        text = words_of(read(client, record.get_absolute_url()))
        for private in ("办理记录", "内容检查", "下架", "结束", "复制"):
            assert private not in text
        assert "/edit/" not in read(client, record.get_absolute_url())


def test_checklist_leads_to_the_fields_and_empties(host: Organization, editor: Actor) -> None:
    writer = signed_in(editor)
    bare = make_scenario(host, published=False, name="甲")
    page = read(writer, bare.get_absolute_url())
    form = read(writer, f"{bare.get_absolute_url()}edit/")
    places = re.findall(rf'href="{bare.get_absolute_url()}edit/#([^"]+)"', page)
    assert len(places) == 8
    for place in places:
        assert f'id="{place}"' in form

    full = make_scenario(host, **FULL, deadline=timezone.now() + timedelta(days=3))
    assert "内容检查" not in words_of(read(writer, full.get_absolute_url()))
    capability = make_capability(host)
    page = read(writer, capability.get_absolute_url())
    form = read(writer, f"{capability.get_absolute_url()}edit/")
    for place in re.findall(rf'href="{capability.get_absolute_url()}edit/#([^"]+)"', page):
        assert f'id="{place}"' in form


def test_copy_begins_from_an_own_scenario_without_its_number_and_deadline(
    host: Organization, editor: Actor
) -> None:
    deadline = timezone.now() + timedelta(days=3)
    scenario = make_scenario(host, **FULL, deadline=deadline)
    writer = signed_in(editor)

    answer = send(writer, f"/scenarios/new/?copy={scenario.public_id}")

    copy = Scenario.objects.get(state="draft")
    assert answer.url == copy.get_absolute_url()
    expected = stated_facts(scenario).model_copy(update={"reference": "", "deadline": None})
    assert stated_facts(copy) == expected
    for client in everybody(host).values():
        assert client.get(f"/scenarios/new/?copy={scenario.public_id}").status_code == 404
    for wrong in (uuid.uuid4(), "x", "\0"):
        assert writer.get("/scenarios/new/", {"copy": wrong}).status_code == 404


def test_retired_concept_stays_visible_until_it_is_given_up(
    host: Organization, editor: Actor
) -> None:
    scenario = make_scenario(host, published=False, concepts=[ROBOTS, BIOLOGY])
    Concept.objects.filter(code=BIOLOGY).update(status="retired")
    new_edition()
    path = f"{scenario.get_absolute_url()}edit/"
    writer = signed_in(editor)

    page = read(writer, path)
    assert "已停用的标签" in page
    assert sorted(typed(page)["concepts"]) == [ROBOTS, BIOLOGY]
    assert BIOLOGY in faults_of(send(writer, path, site="码头"))["产业标签"]
    assert send(writer, path, concepts=[ROBOTS]).status_code == 302
    assert [each.code for each in scenario.concepts.all()] == [ROBOTS]
    # Nor is it offered to others.
    assert BIOLOGY not in read(writer, "/scenarios/new/")


def test_form_costs_the_same_however_many_rows(host: Organization, editor: Actor) -> None:
    many = {
        "goals": [{"indicator": f"指标 {i}"} for i in range(20)],
        "needs": [{"strength": "must", "text": f"需求 {i}", "concept": ROBOTS} for i in range(20)],
    }
    one = {name: rows[:1] for name, rows in many.items()}
    writer = signed_in(editor)
    costs = []
    for rows in (one, many):
        scenario = make_scenario(host, published=False, **rows)
        path = f"{scenario.get_absolute_url()}edit/"
        with CaptureQueriesContext(connection) as opened:
            values = typed(read(writer, path))
        with CaptureQueriesContext(connection) as saved:
            assert writer.post(path, values).status_code == 302
        costs.append((len(opened), len(saved)))

    assert costs[0] == costs[1]
    assert costs[0][0] <= 35


def test_mark_up_that_somebody_typed_is_shown_as_typed(host: Organization, editor: Actor) -> None:
    evil = '"><script>alert(1)</script>'
    writer = signed_in(editor)

    send(
        writer,
        "/scenarios/new/",
        name=evil,
        site=evil,
        problem=f"</textarea>{evil}",
        goals__0__indicator=evil,
        needs__0__text=evil,
        contact_name=evil,
        required_qualifications=evil,
    )
    scenario = Scenario.objects.get()
    refused = send(writer, f"{scenario.get_absolute_url()}edit/", needs__0__concept=evil, city=evil)

    assert refused.status_code == 200
    for page in (
        read(writer, scenario.get_absolute_url()),
        read(writer, f"{scenario.get_absolute_url()}edit/"),
        read(writer, f"{scenario.get_absolute_url()}submit/"),
        refused.content.decode(),
    ):
        assert "alert(1)" in page
        assert "<script>alert" not in page
        assert "</textarea>&quot;" not in page
    form = typed(read(writer, f"{scenario.get_absolute_url()}edit/"))
    assert form["problem"] == [f"</textarea>{evil}"]


def test_no_form_holds_script_or_style(host: Organization, editor: Actor) -> None:
    writer = signed_in(editor)
    record = make_scenario(host, published=False)

    for path in (*NEW.values(), "/products/new/", f"{record.get_absolute_url()}edit/"):
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script>", read(writer, path))


def test_picker_opens_what_is_chosen_and_says_the_limit(host: Organization, editor: Actor) -> None:
    scenario = make_scenario(host, published=False, concepts=[ROBOTS])

    page = read(signed_in(editor), f"{scenario.get_absolute_url()}edit/")

    opened = re.findall(r"<details[^>]* open>\s*<summary>([^<]+)", page)
    assert [each.strip() for each in opened] == ["省七大领域（2024）"]
    assert "最多选 8 个" in words_of(page)
    assert page.count('name="concepts"') == Concept.objects.count()
