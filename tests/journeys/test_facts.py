"""A visitor walks from the home page to a city, a concept, a clause and a rule."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def site(facts_site: str) -> str:
    return facts_site


def test_visitor_follows_a_focus_area_to_its_clause(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/")
    visitor.check()

    page.get_by_role("list", name="21 个地级以上市示意格").get_by_role("link", name="珠海").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("珠海市")
    visitor.check()

    page.get_by_role("link", name="深海空间").first.click()
    expect(page.get_by_role("heading", name="与其他体系的对照")).to_be_visible()
    expect(page.get_by_role("link", name="深海深空")).to_be_visible()
    visitor.check()

    page.get_by_role("link", name="省行动方案（2024） 四·珠海市").click()
    expect(page.get_by_text("以原文为准").first).to_be_visible()
    visitor.check()


def test_visitor_finds_a_concept_by_typing(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/concepts/")
    visitor.check()

    page.keyboard.press("/")
    page.keyboard.type("CCUS")
    expect(page.get_by_text("清除筛选")).to_be_visible()
    expect(page).to_have_url(f"{visitor.site}/concepts/?q=CCUS")
    expect(page.get_by_role("link", name="碳捕集利用与封存")).to_be_visible()

    # As slowly as a hand: the result must still be there when the button comes up.
    page.get_by_role("link", name="碳捕集利用与封存").click(delay=800)
    expect(page.get_by_role("heading", level=1, name="碳捕集利用与封存")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("banner")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("CCUS")
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("CCUS")
    page.get_by_role("searchbox").fill("没有这个词")
    expect(page.get_by_text("没有符合条件的标签")).to_be_visible()
    visitor.check()


def test_visitor_filters_cities_by_field(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/cities/")
    visitor.check()

    page.get_by_label("聚焦领域").select_option("gd-2024-quantum")
    expect(page.get_by_text("共 2 个城市")).to_be_visible()
    expect(page.get_by_role("rowheader")).to_have_text(["广州市", "深圳市"])
    visitor.check()


def test_visitor_who_follows_a_broken_link_is_told(visitor: Visitor) -> None:
    visitor.open("/cities/?region=nowhere&concept=gone")

    expect(visitor.page.get_by_role("alert")).to_contain_text("有筛选条件无法识别")
    visitor.check()


def test_visitor_calculates_a_subsidy_and_is_warned(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/policy/")
    visitor.check()

    page.get_by_role("link", name="未来产业创新产品首购资助").click()
    page.get_by_label("基数金额（元）").fill("一百万")
    page.get_by_role("button", name="计算").click()
    expect(page.get_by_role("alert")).to_contain_text("无法识别这个金额")
    visitor.check()

    page.get_by_label("基数金额（元）").fill("5,200 万")
    page.get_by_role("button", name="计算").click()
    expect(page.get_by_role("cell", name="15,600,000.00 元")).to_be_visible()
    expect(page.get_by_text("未见该规则正式施行的依据")).to_be_visible()
    visitor.check()


def test_reader_of_the_programs_description(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/api/docs/")

    page.get_by_role("button", name="列出城市").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.get_by_text("440100").first).to_be_visible()
    assert visitor.faults == []


def test_keyboard_reaches_content_and_menu(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/policy/sz-2023/")
    visitor.check()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    menu = page.get_by_role("button", name="菜单")
    if menu.is_visible():
        menu.focus()
        page.keyboard.press("Enter")
    navigation = page.get_by_role("navigation", name="主导航")
    expect(navigation.get_by_role("link", name="城市")).to_be_visible()
    visitor.check()


def test_absent_page_offers_the_way_home(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{visitor.site}/nothing/")
    visitor.faults.clear()  # the browser itself reports the 404

    page.get_by_role("link", name="回到首页").click()
    expect(page).to_have_url(f"{visitor.site}/")
    visitor.check()
