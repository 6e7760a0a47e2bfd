"""From the home page to a scenario, why a capability suits it, that capability, and its city."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from matching.services import rank_all
from tests.journeys.conftest import Visitor
from tests.records import GUANGZHOU, SHENZHEN, make_capability, make_organization, make_scenario

pytestmark = pytest.mark.browser


def fill() -> None:
    host = make_organization("广州港务集团", city=GUANGZHOU)
    make_scenario(
        host,
        name="港口岸电设备智能巡检",
        problem="人工巡检频次低，高温天气存在安全隐患",
        concepts=["gd-2024-unmanned-systems"],
        city=GUANGZHOU,
        readiness_min=6,
        budget_max_fen=150_000_000,
        goals=[{"indicator": "漏检率", "target": "不高于 1%"}],
        needs=[{"strength": "must", "text": "全天候作业"}],
    )
    supplier = make_organization("深圳巡检科技", city=SHENZHEN)
    for number in range(12):
        make_capability(
            supplier,
            name=f"设备巡检机器人 {number:02} 型",
            concepts=["gz-2025-unmanned-systems"],
            readiness=7,
        )
    rank_all()


def test_visitor_reads_why_a_capability_suits_a_scenario(visitor: Visitor) -> None:
    fill()
    page = visitor.page
    visitor.open("/")
    expect(page.get_by_role("heading", name="最新场景")).to_be_visible()
    visitor.check()

    page.get_by_role("link", name="港口岸电设备智能巡检").click()
    expect(page.get_by_role("heading", name="匹配的能力")).to_be_visible()
    expect(page.locator(".match")).to_have_count(10)
    page.locator(".match").first.get_by_text("为什么").click()
    first = page.locator(".match").first
    expect(first.get_by_text("广州市的聚焦领域")).to_be_visible()
    expect(first.get_by_text("共同的用词")).to_be_visible()
    visitor.check()

    page.get_by_role("link", name="列出全部 12 项").click()
    expect(page.locator(".match")).to_have_count(12)

    page.get_by_role("link", name="设备巡检机器人 00 型").click()
    expect(page.get_by_role("heading", name="匹配的场景")).to_be_visible()
    expect(page.get_by_role("link", name="港口岸电设备智能巡检")).to_be_visible()
    visitor.check()

    page.get_by_role("link", name="深圳市").first.click()
    expect(page.get_by_role("heading", level=1, name="深圳市")).to_be_visible()
    expect(page.get_by_role("link", name="设备巡检机器人 11 型").first).to_be_visible()
    visitor.check()

    page.get_by_role("link", name="深圳市供给方的全部 12 项能力").click()
    expect(page.get_by_text("共 12 项能力")).to_be_visible()


def test_reader_sees_the_list_come_without_reloading(visitor: Visitor) -> None:
    scenario = make_scenario(name="港口岸电巡检", concepts=["gd-2024-unmanned-systems"])
    make_capability(name="岸电巡检机器人", concepts=["gd-2024-unmanned-systems"])
    make_capability(name="岸电接头", concepts=["gd-2024-quantum"])
    page = visitor.page
    visitor.open(scenario.get_absolute_url())
    expect(page.get_by_text("还没有匹配结果")).to_be_visible()
    visitor.check()
    onward = page.get_by_role("link", name="浏览全部能力")
    onward.focus()
    with page.expect_response(lambda answer: answer.status == 204):
        pass
    expect(onward).to_be_focused()

    rank_all()

    expect(page.locator(".match")).to_have_count(2)
    expect(page.locator("#match-news")).to_have_text("匹配完成，共 2 项能力。")
    expect(page.locator(".match").first).not_to_contain_text("标签无关联")
    expect(page.locator(".match").last.get_by_text("标签无关联", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="怎么计分")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(4000)
    assert asked == []
    visitor.check()


def test_visitor_searches_for_a_scenario(visitor: Visitor) -> None:
    fill()
    visitor.open("/scenarios/?q=岸电")
    expect(visitor.page.get_by_text("共 1 个场景")).to_be_visible()
    visitor.check()


def test_empty_lists_and_bare_records_are_sound(visitor: Visitor) -> None:
    visitor.open("/scenarios/")
    visitor.check()
    make_scenario(name="只有名称的场景")
    make_capability(name="只有名称的能力")

    for noun, name in (("scenarios", "只有名称的场景"), ("capabilities", "只有名称的能力")):
        visitor.open(f"/{noun}/")
        visitor.check()
        visitor.page.get_by_role("link", name=name).click()
        expect(visitor.page.get_by_text("未填写").first).to_be_visible()
        visitor.check()
