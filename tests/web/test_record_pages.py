"""Pages of scenarios and capabilities, and the ranked lists on them."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from capabilities.facts import CapabilityFacts, ProductFacts
from capabilities.models import Capability
from capabilities.services import change_capability, create_product, withdraw_capability
from common.actor import Actor
from matching.lists import unpack
from matching.models import MatchList, Side
from matching.services import rank_all
from organizations.services import suspend_organization
from scenarios.models import Scenario
from scenarios.services import close_scenario, return_scenario, submit_scenario
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
from web.matches import STOP_POLLING, WAIT_SECONDS

pytestmark = pytest.mark.django_db

ROBOTS, BRAIN_LIKE = "gd-2024-embodied-robots", "sz-2022-brain-like-intelligence"
SECRET = "不可外传"


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return str(response.content.decode())


def sign_in(client: Client, actor: Actor) -> None:
    client.force_login(User.objects.get(pk=actor.user_id))


def words_of(html: str) -> str:
    """What a reader sees, without mark-up."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main")[1]).split())


def make_pair(**scenario_facts: Any) -> tuple[Scenario, Capability]:
    """A scenario and a capability that suit each other."""
    facts = {"name": "行李搬运", "concepts": [ROBOTS], "city": GUANGZHOU, **scenario_facts}
    scenario = make_scenario(**facts)
    capability = make_capability(
        make_organization(city=SHENZHEN), name="行李搬运机器人", concepts=[ROBOTS], readiness=7
    )
    return scenario, capability


def test_lists_show_rows_with_their_facts(client: Client) -> None:
    scenario, capability = make_pair(
        kind="first_trial",
        budget_min_fen=30_000_000,
        budget_max_fen=120_000_000,
        deadline=timezone.now() + timedelta(days=12, hours=1),
    )

    row = words_of(read(client, "/scenarios/"))
    for words in ("行李搬运", "广州市", "具身智能机器人", "首试首用", "30 万元 – 120 万元"):
        assert words in row
    assert "剩 12 天" in row
    assert "北京时间" in row
    row = words_of(read(client, "/capabilities/"))
    for words in ("行李搬运机器人", "深圳市", "具身智能机器人", "TRL 7", "未填写"):
        assert words in row
    for record, path in ((scenario, "/scenarios/"), (capability, "/capabilities/")):
        assert f'href="{record.get_absolute_url()}"' in read(client, path)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (-1, "已截止"),
        (1, "剩不足 1 天"),
        (25, "剩 1 天"),
        (24 * 9 + 1, "剩 9 天"),
        (None, "未填写"),
    ],
)
def test_deadline_says_what_is_left(client: Client, hours: int | None, words: str) -> None:
    scenario = make_scenario()
    if hours is not None:
        deadline = timezone.now() + timedelta(hours=hours)
        Scenario.objects.filter(pk=scenario.pk).update(deadline=deadline)

    for path in ("/scenarios/", scenario.get_absolute_url()):
        assert words in read(client, path)


def test_nothing_is_left_of_a_call_that_was_ended_early(client: Client) -> None:
    host = make_organization()
    scenario = make_scenario(host, deadline=timezone.now() + timedelta(days=12, hours=1))
    close_scenario(scenario=scenario, actor=make_member(host))

    page = words_of(read(client, scenario.get_absolute_url()))
    assert "已结束" in page
    assert "剩 12 天" not in page
    assert "北京时间" in page


@pytest.mark.parametrize("signed_in", [False, True], ids=["visitor", "stranger"])
def test_hidden_records_leave_no_trace(client: Client, signed_in: bool) -> None:
    gone = make_organization(f"{SECRET}组织")
    host = make_organization("公开组织")
    submitted = make_scenario(host, published=False, name=f"{SECRET}待审")
    submit_scenario(scenario=submitted, actor=make_member(host))
    withdrawn = make_capability(host, name=f"{SECRET}下架", concepts=[ROBOTS])
    hidden = [
        make_scenario(host, published=False, name=f"{SECRET}草稿"),
        submitted,
        make_scenario(gone, name=f"{SECRET}暂停", concepts=[ROBOTS]),
        make_capability(gone, name=f"{SECRET}能力", concepts=[ROBOTS]),
        make_capability(host, published=False, name=f"{SECRET}能力草稿"),
        withdrawn,
    ]
    public = make_pair(co_publishers=[gone.identifier])
    rank_all()
    suspend_organization(organization=gone, reason="核查", actor=SYSTEM)
    withdraw_capability(capability=withdrawn, actor=SYSTEM)
    if signed_in:
        sign_in(client, make_member(make_organization()))

    pages = ["/scenarios/", "/capabilities/", *(each.get_absolute_url() for each in public)]
    for path in [*pages, f"/scenarios/?organization={gone.public_id}"]:
        assert SECRET not in read(client, path), path
        assert SECRET not in read(client, path.split("?")[0] + "?matches=all")
    assert client.get("/scenarios/").context["page"].paginator.count == 1
    assert client.get("/capabilities/").context["page"].paginator.count == 1
    answers = set()
    for each in [*hidden, None]:
        path = each.get_absolute_url() if each else f"/scenarios/{uuid.uuid4()}/"
        response = client.get(path)
        assert response.status_code == 404
        answers.add(response.content.decode().replace(path, ""))
    malformed = client.get("/scenarios/not-a-uuid/")
    answers.add(malformed.content.decode().replace("/scenarios/not-a-uuid/", ""))
    # The menu marks which list one is in; the way out carries a token.
    changing = r' aria-current="page"|name="csrfmiddlewaretoken" value="\w+"'
    assert len({re.sub(changing, "", each) for each in answers}) == 1


def test_contacts_are_for_members_on_their_own_record_alone(client: Client) -> None:
    host = make_organization()
    scenario, capability = make_pair()
    scenario = make_scenario(
        host,
        name="联系人",
        reference="CANARY-R",
        contact_name="CANARY-N",
        contact_phone="CANARY-P",
        contact_email="canary@example.org",
    )
    rank_all()

    strangers = (None, make_member(make_organization(), "owner"), make_administrator())
    for reader in (*strangers, make_member(host, "viewer"), make_member(host, "owner")):
        if reader:
            sign_in(client, reader)
        for path in ("/scenarios/", capability.get_absolute_url()):
            assert "canary" not in read(client, path).lower()
        shown = read(client, scenario.get_absolute_url()).lower().count("canary")
        assert shown == (0 if reader in strangers else 4)


def test_own_records_say_that_they_are_not_public(client: Client) -> None:
    host = make_organization()
    draft = make_scenario(host, published=False)
    closed = make_scenario(host)
    close_scenario(scenario=closed, actor=SYSTEM)
    capability = make_capability(host, published=False)
    sign_in(client, make_member(host, "viewer"))

    for path, state in (
        ("/scenarios/", "草稿"),
        (draft.get_absolute_url(), "草稿"),
        (closed.get_absolute_url(), "已结束"),
        ("/capabilities/", "草稿"),
        (capability.get_absolute_url(), "草稿"),
    ):
        assert f">{state}</span>" in read(client, path)
    for record in (draft, closed, capability):
        assert "目前不参与匹配" in read(client, record.get_absolute_url())
    suspend_organization(organization=host, reason="核查", actor=SYSTEM)
    assert "组织已暂停" in read(client, closed.get_absolute_url())


def test_notes_on_privacy_are_true_for_whoever_reads(client: Client) -> None:
    host = make_organization()
    editor = make_member(host)
    scenario = make_scenario(host, published=False)
    submit_scenario(scenario=scenario, actor=editor)
    return_scenario(scenario=scenario, reason="缺预算", actor=SYSTEM)
    capability = make_capability(host)

    for reader in (editor, make_administrator()):
        sign_in(client, reader)
        page = read(client, scenario.get_absolute_url())
        assert "只有发布单位成员和平台管理员看得到" in page
        assert "修改后可以重新提交" in page
        assert "只有发布单位成员看得到；选定供给方" in page  # why a contact is wanted
        assert "贵单位" not in words_of(page)
        page = read(client, capability.get_absolute_url())
        assert "只有供给方成员和平台管理员看得到" in page
        assert "贵单位" not in words_of(page)


def test_tags_with_one_label_name_their_schemes(client: Client) -> None:
    twins = ["gd-2024-unmanned-systems", "gz-2025-unmanned-systems"]
    scenario, capability = make_pair(concepts=[*twins, ROBOTS])
    change_capability(
        capability=capability,
        facts=CapabilityFacts(name="清扫", concepts=[*twins, ROBOTS]),
        actor=make_member(capability.organization),
    )

    for path in (
        *("/scenarios/", scenario.get_absolute_url()),
        *("/capabilities/", capability.get_absolute_url()),
        "/",
    ):
        page = read(client, path)
        tags = re.findall(r'<a class="concept-tag[^>]*>(.*?)</a>', page)
        shown = [re.sub(r"<[^>]+>", "", tag) for tag in tags]
        for title in ("省七大领域（2024）", "广州 6+X（2025）"):
            assert f"智能无人系统 {title}" in shown, path
        assert "智能无人系统" not in shown
        assert "具身智能机器人" in shown
    make_scenario(name="只有一个", concepts=twins[:1])
    assert "只有一个" in read(client, "/scenarios/?q=只有一个")
    assert "concept-tag-scheme" not in read(client, "/scenarios/?q=只有一个")


def test_name_of_an_organization_leads_to_its_page(client: Client) -> None:
    for record in make_pair():
        page = read(client, record.get_absolute_url())
        assert f'href="{record.organization.get_absolute_url()}"' in page
        assert f"?organization={record.organization.public_id}" not in page


def test_organization_shows_the_products_of_its_published_capabilities(client: Client) -> None:
    supplier = make_organization("供给单位")
    editor = make_member(supplier)
    made = {
        name: create_product(
            organization=supplier,
            facts=ProductFacts(name=name, kind="product", model_number="M-1"),
            actor=editor,
        ).public_id
        for name in ("公开产品", "草稿产品", "单独产品")
    }
    make_capability(supplier, products=[made["公开产品"]])
    make_capability(supplier, products=[made["公开产品"]])
    make_capability(supplier, products=[made["草稿产品"]], published=False)
    path = supplier.get_absolute_url()

    page = words_of(read(client, path))
    assert "产品 1 公开产品 产品 · M-1" in page
    assert "草稿产品" not in page
    assert "单独产品" not in page
    assert "没有公开的产品" in words_of(read(client, make_organization().get_absolute_url()))
    sign_in(client, make_administrator())
    assert "产品 3 " in words_of(read(client, path))
    sign_in(client, editor)
    page = read(client, path)
    assert "产品 3 我的产品" in words_of(page)
    assert 'href="/products/"' in page


def test_bare_scenario_says_what_nobody_filled_in(client: Client) -> None:
    scenario = make_scenario(name="只有名称")

    text = words_of(read(client, scenario.get_absolute_url()))

    for label in (
        *("产业标签", "截止时间", "要解决的问题", "联合发布", "城市", "地点", "场景类型"),
        *("需求类型", "对接方式", "预算", "技术成熟度", "必备资质", "提供条件", "条件说明"),
        *("目标", "技术需求"),
    ):
        assert f"{label} 未填写" in text


def test_bare_capability_says_what_nobody_filled_in(client: Client) -> None:
    capability = make_capability(name="只有名称")

    text = words_of(read(client, capability.get_absolute_url()))

    for label in (
        *("产业标签", "简介", "所在城市", "技术成熟度", "报价", "资质", "技术亮点", "专利"),
        *("产品", "应用案例"),
    ):
        assert f"{label} 未填写" in text
    assert "服务城市 全省（没有限定城市）" in text


def test_full_scenario_shows_everything(client: Client) -> None:
    partner = make_organization("联合发布方")
    scenario = make_scenario(
        name="搬运",
        kind="first_trial",
        demand_kind="project",
        call_mode="race",
        concepts=[ROBOTS],
        city=GUANGZHOU,
        district="440111",
        site="行李分拣区",
        problem="第一段\n\n第二段<b>",
        goals=[{"indicator": "节拍", "target": "8 秒"}, {"indicator": "准确率"}],
        needs=[
            {"strength": "must", "text": "整机", "concept": ROBOTS},
            {"strength": "wish", "text": "国产化"},
        ],
        conditions=["site", "first_purchase"],
        conditions_note="夜间可测",
        budget_max_fen=120_000_000,
        readiness_min=6,
        readiness_is_must=True,
        required_qualifications=["ISO 9001"],
        co_publishers=[partner.identifier],
    )

    html = read(client, scenario.get_absolute_url())
    text = words_of(html)

    for words in (
        *("首试首用", "市场化项目需求", "赛马制", "行李分拣区", "节拍 8 秒", "准确率 未填写"),
        *("必须 整机 具身智能机器人", "期望 国产化", "提供场地、有首购意向", "夜间可测"),
        *("不超过 120 万元", "TRL 6 及以上 下限必须满足", "ISO 9001", "联合发布方"),
    ):
        assert words in text
    assert "第二段&lt;b&gt;" in html
    assert f'href="/concepts/{ROBOTS}/"' in html
    assert f'href="{scenario.organization.get_absolute_url()}"' in html


def test_match_says_why_with_its_clauses(client: Client) -> None:
    scenario, capability = make_pair()
    rank_all()

    for record, other in ((scenario, capability), (capability, scenario)):
        html = read(client, record.get_absolute_url())
        text = words_of(html)
        assert f'href="{other.get_absolute_url()}"' in html
        assert "双方都选了“具身智能机器人”" in text
        assert "预算与报价 未填写 / 5 场景未填写预算 能力未填写价格" in text
        assert "产业标签 40.00 / 40" in text
        assert "/policy/clauses/gd-2024-4-guangzhou/" in html
        assert "怎么计分" in text
        assert "权重方案 standard，第 1 版" in text
        assert re.search(r"\d{4}年\d+月\d+日 \d+:\d\d 北京时间排序", text)
        (match,) = client.get(record.get_absolute_url()).context["matches"]
        shown = [float(each) for each in re.findall(r"([\d.]+) / (?:40|15|10|20|5) ", text)]
        total = re.search(r"合计 ([\d.]+) / 100", text)
        assert total is not None
        assert round(sum(shown) * 100) == match.score == round(float(total[1]) * 100)


def test_each_clause_of_a_reason_stands_for_itself_with_its_standing(client: Client) -> None:
    scenario, _ = make_pair()
    rank_all()

    html = read(client, scenario.get_absolute_url())

    lists = re.findall(r'<ul class="match-clauses">(.*?)</ul>', html, re.DOTALL)
    assert [len(re.findall(r"<li>", each)) for each in lists] == [2, 1]
    for line in re.findall(r"<li>(.*?)</li>", "".join(lists), re.DOTALL):
        assert line.count("/policy/clauses/") == line.count('class="standing') == 1


def test_match_without_a_tie_of_tags_says_so_at_its_head(client: Client) -> None:
    scenario, capability = make_pair()
    make_capability(name="行李分拣", concepts=["gd-2024-quantum"])
    make_scenario(name="行李搬运车辆", concepts=["gd-2024-quantum"])
    rank_all()

    for record in (scenario, capability):
        html = read(client, record.get_absolute_url())
        tied, loose = re.findall(r'<p class="match-score">(.*?)</p>', html, re.DOTALL)
        assert "标签无关联" not in tied
        assert "标签无关联" in loose


@pytest.mark.parametrize("side", [0, 1], ids=["scenario", "capability"])
def test_page_that_waits_for_its_list_asks_until_it_is_there(client: Client, side: int) -> None:
    path = f"{make_pair()[side].get_absolute_url()}?matches=all"
    waits = f'id="match-part" hx-get="{path}" hx-trigger="every 3s"'

    page = read(client, path)
    assert waits in page
    assert '<p id="match-news" class="visually-hidden" role="status"></p>' in page
    for _ in range(2):
        again = client.get(path, headers={"hx-request": "true"})
        assert (again.status_code, again.content) == (204, b"")
        assert again.headers["Cache-Control"] == "no-store"
    (since,) = re.findall(r"hx-vals='{\"waiting_since\": (\d+)}'", page)
    for moment, status in ((since, 204), (str(int(since) - WAIT_SECONDS - 1), STOP_POLLING)):
        again = client.get(f"{path}&waiting_since={moment}", headers={"hx-request": "true"})
        assert again.status_code == status

    rank_all()
    part = client.get(path, headers={"hx-request": "true"}).content.decode()
    assert '<div id="match-part">' in part
    assert part.index('<div id="match-part">') < part.index('<ol class="matches">')
    assert re.search(r'id="match-news"[^>]*>匹配完成，共 1 项', part)
    ranked = read(client, path)
    assert "hx-get" not in ranked.split('id="match-part"')[1]
    assert "match-news" not in ranked


def test_page_of_what_is_not_ranked_waits_for_nothing(client: Client) -> None:
    scenario, capability = make_pair()
    close_scenario(scenario=scenario, actor=SYSTEM)
    withdraw_capability(capability=capability, actor=SYSTEM)

    for record in (scenario, capability):
        sign_in(client, make_member(record.organization))
        assert "every 3s" not in read(client, record.get_absolute_url())
        path = record.get_absolute_url()
        assert client.get(path, headers={"hx-request": "true"}).status_code == 200


def test_clause_of_a_lapsed_document_says_so(client: Client) -> None:
    scenario = make_scenario(name="类脑", concepts=[BRAIN_LIKE], city=SHENZHEN)
    make_capability(name="类脑芯片", concepts=[BRAIN_LIKE])
    rank_all()

    text = words_of(read(client, scenario.get_absolute_url()))

    assert re.search(r"深圳[^。]*规划期已满", text)


def test_no_page_styles_inline(client: Client) -> None:
    scenario, capability = make_pair()
    rank_all()

    for path in (scenario.get_absolute_url(), capability.get_absolute_url(), "/scenarios/"):
        assert not re.search(r"\sstyle=|<style|\son\w+=", read(client, path))


def test_first_ten_matches_come_first_and_the_rest_on_request(client: Client) -> None:
    scenario = make_scenario(name="行李搬运", concepts=[ROBOTS])
    supplier = make_organization()
    for level in range(12):
        make_capability(supplier, name="搬运", concepts=[ROBOTS], readiness=level % 9 + 1)
    rank_all()
    path = scenario.get_absolute_url()

    first = client.get(path)
    every = client.get(f"{path}?matches=all")

    stored = MatchList.objects.get(side=Side.SCENARIO, record_id=scenario.pk)
    top = unpack(bytes(stored.entries)).keys.tolist()
    assert [match.record.pk for match in first.context["matches"]] == top[:10]
    assert [match.record.pk for match in every.context["matches"]] == top
    assert "列出全部 12 项" in first.content.decode()
    assert "列出全部" not in every.content.decode()


def test_empty_ranking_says_why(client: Client) -> None:
    scenario, capability = make_scenario(name="行李"), make_capability(name="海水淡化")

    for record in (scenario, capability):
        assert "还没有匹配结果" in read(client, record.get_absolute_url())
    rank_all()
    assert "暂时没有合适的能力" in read(client, scenario.get_absolute_url())
    assert "暂时没有合适的场景" in read(client, capability.get_absolute_url())


@pytest.mark.parametrize(("path", "words"), [("/scenarios/", "场景"), ("/capabilities/", "能力")])
def test_empty_list_says_so_with_one_next_step(client: Client, path: str, words: str) -> None:
    html = read(client, path)
    assert f"还没有发布的{words}" in html
    assert html.count('class="btn btn-outline-primary"') == 1

    filtered = read(client, f"{path}?q=没有")
    assert f"没有符合条件的{words}" in filtered
    assert filtered.count('class="btn btn-outline-primary"') == 1


@pytest.mark.parametrize(
    "address",
    [
        *("/scenarios/?kind=x", "/scenarios/?open=x", "/scenarios/?organization=x"),
        *("/scenarios/?concept=none", "/scenarios/?q=%00", "/scenarios/?sort=state"),
        *("/capabilities/?readiness_min=10", "/capabilities/?city=none"),
    ],
)
def test_filter_that_means_nothing_is_named(client: Client, address: str) -> None:
    make_pair()

    response = client.get(address)

    assert "有筛选条件无法识别" in response.content.decode()
    assert list(response.context["page"].object_list) == []


def test_filters_stay_chosen_and_in_the_address(client: Client) -> None:
    host = make_organization("机场集团")
    for _ in range(31):
        make_scenario(host, concepts=[ROBOTS], conditions=["data"])
    query = f"concept={ROBOTS}&condition=data&organization={host.public_id}"

    html = read(client, f"/scenarios/?{query}")

    assert f'href="?{query.replace("&", "&amp;")}&amp;page=2"' in html
    assert f'<option value="{ROBOTS}" selected>' in html
    assert "只看： 机场集团" in words_of(html)
    assert f'name="organization" value="{host.public_id}"' in html
    assert '<details class="filters-more" open>' in html


@pytest.mark.parametrize("path", ["/scenarios/", "/capabilities/"])
def test_htmx_gets_the_rows_alone(client: Client, path: str) -> None:
    make_pair()

    part = client.get(path, headers={"hx-request": "true"})

    assert "<html" not in part.content.decode()
    assert "行李搬运" in part.content.decode()
    assert part.headers["Cache-Control"] == "no-store"


def make_ranked(count: int) -> tuple[Scenario, Capability]:
    """A scenario and a capability with ``count`` matches each, everything filled in."""
    host, supplier = make_organization(city=GUANGZHOU), make_organization(city=SHENZHEN)
    common = {"name": "行李搬运机器人", "concepts": [ROBOTS, BRAIN_LIKE]}
    scenarios = [
        make_scenario(
            host,
            **common,
            city=GUANGZHOU,
            district="440111",
            needs=[{"strength": "wish", "text": "整机", "concept": ROBOTS}],
            goals=[{"indicator": "节拍"}],
        )
        for _ in range(count)
    ]
    capabilities = [
        make_capability(supplier, **common, cases=[{"title": "案例"}], cities_served=[GUANGZHOU])
        for _ in range(count)
    ]
    rank_all()
    return scenarios[0], capabilities[0]


@pytest.mark.parametrize("side", [0, 1], ids=["scenario", "capability"])
def test_pages_cost_the_same_at_1_and_30_rows(
    client: Client, side: int, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    path = ("/scenarios/", "/capabilities/")[side]
    detail = f"{make_ranked(1)[side].get_absolute_url()}?matches=all"
    client.get(detail)  # reads the domain once for the process
    with django_assert_max_num_queries(12) as one_row:
        assert len(client.get(path).context["page"]) == 1
    few = len(one_row)
    with django_assert_max_num_queries(30) as one_match:
        assert len(client.get(detail).context["matches"]) == 1
    few_matched = len(one_match)

    detail = f"{make_ranked(30)[side].get_absolute_url()}?matches=all"
    client.get(detail)
    with django_assert_num_queries(few):
        assert len(client.get(path).context["page"]) == 30
    with django_assert_num_queries(few_matched):
        assert len(client.get(detail).context["matches"]) >= 30


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_pages_are_only_read(client: Client, method: str) -> None:
    scenario = make_scenario()

    for path in ("/scenarios/", scenario.get_absolute_url(), "/capabilities/"):
        assert getattr(client, method)(path).status_code == 405


def test_menu_leads_to_scenarios_and_capabilities_first(client: Client) -> None:
    labels = [item["label"] for item in client.get("/").context["navigation"]]

    assert labels[:3] == ["场景", "能力", "首购目录"]


@pytest.mark.parametrize(("kind", "title"), [("scenarios", "场景"), ("capabilities", "能力")])
def test_import_template_is_offered_and_opens(client: Client, kind: str, title: str) -> None:
    address, host = f"/import-templates/{kind}.xlsx", make_organization()
    readers = (None, make_administrator(), make_member(host, "viewer"), make_member(host))
    for reader in readers:
        if reader:
            sign_in(client, reader)
        offered = f'href="{address}"' in read(client, f"/{kind}/")
        assert offered == (reader == readers[-1])

    answer = client.get(address)

    assert answer["Content-Disposition"] == f'attachment; filename="{kind}.xlsx"'
    workbook = openpyxl.load_workbook(BytesIO(answer.content))
    assert workbook.sheetnames[:2] == [title, "填写说明"]


def test_import_template_of_nothing_is_absent(client: Client) -> None:
    assert client.get("/import-templates/products.xlsx").status_code == 404
