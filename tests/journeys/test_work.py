"""The main job in a browser: publish, register, apply, answer, curate."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import User
from catalogue.models import CatalogueEdition, CatalogueItem
from matching.services import rank_all
from organizations.models import Membership, Organization
from tests.catalogues import day, make_product
from tests.journeys.conftest import PASSWORD, Visitor
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    make_administrator,
    make_application,
    make_capability,
    make_organization,
    make_scenario,
    user_of,
)

pytestmark = pytest.mark.browser

ROBOTS = "gd-2024-embodied-robots"


def person(email: str, organization: Organization) -> str:
    user = User.objects.create_user(email, PASSWORD)
    Membership.objects.create(organization=organization, user=user, role="editor")
    return email


def administrator(*duties: str) -> str:
    user = user_of(make_administrator(*duties))
    user.set_password(PASSWORD)
    user.save()
    return user.email


def test_publisher_publishes_a_scenario_and_sees_it_ranked(visitor: Visitor, ranking: None) -> None:
    host = make_organization("广州港务集团", city=GUANGZHOU)
    make_capability(
        make_organization("深圳巡检科技", city=SHENZHEN),
        name="岸电巡检机器人",
        concepts=[ROBOTS],
        readiness=7,
    )
    rank_all()
    publisher = person("publisher@example.org", host)
    reviewer = administrator("content")
    page = visitor.page

    visitor.sign_in(publisher)
    visitor.check()
    visitor.follow(page.get_by_role("link", name="填写场景"))
    visitor.check()
    page.get_by_label("名称", exact=True).fill("港口岸电设备智能巡检")
    page.get_by_label("查找标签").fill("具身智能机器人")
    page.locator(f"input[value={ROBOTS}]").check()
    page.get_by_label("城市", exact=True).select_option("440100")
    page.get_by_label("要解决的问题").fill("人工巡检岸电设备频次低，夜间漏检多。")
    page.get_by_label("预算上限").fill("一百五十万")
    page.get_by_role("button", name="保存并提交审核").click()
    expect(page.get_by_role("alert")).to_contain_text("预算上限")
    expect(page.get_by_label("要解决的问题")).to_have_value("人工巡检岸电设备频次低，夜间漏检多。")
    visitor.faults.clear()  # the browser reports the status of the refusal
    visitor.check()
    page.get_by_label("预算上限").fill("150 万")
    page.get_by_role("button", name="保存并提交审核").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("待审核")
    visitor.check()
    visitor.sign_out()

    visitor.sign_in(reviewer)
    visitor.unfold_menu()
    visitor.follow(page.get_by_role("banner").get_by_role("link", name="管理", exact=True))
    visitor.check()
    visitor.follow(page.get_by_role("link", name="港口岸电设备智能巡检"))
    visitor.check()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text("发布，已办理。")).to_be_visible()
    visitor.sign_out()

    visitor.sign_in(publisher)
    page.get_by_role("link", name="港口岸电设备智能巡检").click()
    match = page.get_by_role("link", name="岸电巡检机器人")
    # Nobody reloads: where the list was not there yet, it comes by itself.
    expect(match).to_be_visible(timeout=20_000)
    page.get_by_text("为什么").first.click()
    expect(page.get_by_text("双方都选了“具身智能机器人”")).to_be_visible()
    visitor.check()


def test_supplier_registers_a_capability_and_applies(visitor: Visitor, ranking: None) -> None:
    make_scenario(
        make_organization("广州港务集团", city=GUANGZHOU),
        name="岸电巡检",
        concepts=[ROBOTS],
        city=GUANGZHOU,
    )
    rank_all()
    supplier = person("supplier@example.org", make_organization("深圳巡检科技", city=SHENZHEN))
    page = visitor.page

    visitor.sign_in(supplier)
    page.get_by_role("link", name="登记产品").click()
    page.get_by_label("名称", exact=True).fill("巡检机器人 X1")
    page.get_by_label("类别").select_option("product")
    visitor.check()
    page.get_by_role("button", name="保存").first.click()
    visitor.open("/my/")
    page.get_by_role("link", name="登记能力").click()
    page.get_by_label("名称", exact=True).fill("设备巡检机器人")
    page.get_by_label("查找标签").fill("具身智能机器人")
    page.locator(f"input[value={ROBOTS}]").check()
    page.get_by_label("巡检机器人 X1").check()
    visitor.check()
    page.get_by_role("button", name="保存并发布").click()
    expect(page.get_by_text("已保存并发布。")).to_be_visible()
    visitor.check()

    visitor.open("/scenarios/?q=岸电")
    page.get_by_role("link", name="岸电巡检").click()
    visitor.follow(page.get_by_role("link", name="申请对接"))
    visitor.check()
    page.get_by_label("方案说明").fill("每天三次巡检。")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已提交")
    visitor.check()
    visitor.open("/applications/")
    expect(page.get_by_role("link", name="岸电巡检")).to_be_visible()
    visitor.check()


def test_publisher_answers_applicants(visitor: Visitor) -> None:
    host = make_organization("广州港务集团", city=GUANGZHOU)
    scenario = make_scenario(
        host, name="岸电巡检", concepts=[ROBOTS], city=GUANGZHOU, contact_phone="020-00000000"
    )
    for name in ("巡检机器人", "巡检无人机"):
        make_application(scenario, make_capability(name=name, concepts=[ROBOTS]))
    rank_all()
    page = visitor.page

    visitor.sign_in(person("publisher@example.org", host))
    visitor.check()
    page.get_by_role("link", name="2 份", exact=True).click()
    page.get_by_text("匹配理由").first.click()
    expect(page.get_by_text("双方都选了“具身智能机器人”").first).to_be_visible()
    visitor.check()
    visitor.follow(page.locator("tbody th a").first)
    visitor.check()
    page.get_by_role("button", name="列入入围").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("入围")
    page.get_by_role("link", name="选定").click()
    expect(page.get_by_text("不能撤销")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="选定").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已选定")
    visitor.check()
    page.get_by_role("link", name="出示联系方式").click()
    expect(page.get_by_text("020-00000000")).to_be_visible()
    visitor.check()
    page.get_by_role("button", name="出示联系方式").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已对接")
    visitor.check()

    visitor.open(f"{scenario.get_absolute_url()}applications/?state=submitted")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="不予选用").click()
    page.get_by_role("button", name="不予选用").click()
    expect(page.get_by_role("alert")).to_contain_text("理由")
    page.get_by_label("理由").fill("现场没有起降条件。")
    page.get_by_role("button", name="不予选用").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("未选中")
    visitor.check()


def test_administrator_publishes_a_catalogue_edition(visitor: Visitor) -> None:
    make_product(make_organization("深圳巡检科技", city=SHENZHEN), name="巡检机器人 X1")
    page = visitor.page

    visitor.sign_in(administrator("catalogue"))
    visitor.open("/administration/catalogue/")
    visitor.check()
    page.get_by_role("link", name="建立目录").first.click()
    page.get_by_label("名称", exact=True).fill("深圳市未来产业创新产品首购目录")
    page.get_by_label("代码").fill("SZSG")
    page.get_by_label("发布机构").select_option(index=1)
    page.get_by_label("政策依据").select_option(index=1)
    visitor.check()
    visitor.follow(page.get_by_role("button", name="建立"))
    visitor.check()

    visitor.follow(page.get_by_role("link", name="推荐产品"))
    visitor.check()
    page.get_by_role("link", name="推荐").last.click()
    page.get_by_label("推荐理由").fill("国内首创，已完成试验验证。")
    visitor.check()
    page.get_by_role("button", name="列为候选").click()
    page.get_by_role("link", name="开始公示：巡检机器人 X1").click()
    page.get_by_label("公示开始").fill(str(day(0)))
    page.get_by_label("公示结束").fill(str(day(10)))
    visitor.check()
    page.get_by_role("button", name="开始公示").click()
    expect(page.get_by_text("公示中").first).to_be_visible()
    # The days pass.
    CatalogueItem.objects.update(notice_from=day(-11), notice_to=day(-1))

    visitor.open("/administration/catalogue/SZSG/")
    visitor.follow(page.get_by_role("link", name="列入目录：巡检机器人 X1"))
    visitor.check()
    page.get_by_role("button", name="列入目录").click()
    visitor.open("/administration/catalogue/SZSG/")
    visitor.follow(page.get_by_role("link", name="预览并发布"))
    visitor.check()
    page.get_by_role("button", name="确认发布").click()
    number = CatalogueEdition.objects.get().number
    visitor.sign_out()

    visitor.open("/catalogue/")
    visitor.check()
    page.get_by_role("link", name=number).first.click()
    expect(page.get_by_role("cell", name="深圳巡检科技")).to_be_visible()
    visitor.check()


def test_form_whose_button_is_pressed_twice_is_sent_once(visitor: Visitor) -> None:
    own = make_organization("深圳巡检科技", city=SHENZHEN)
    page = visitor.page
    visitor.sign_in(person("supplier@example.org", own))
    visitor.open("/products/new/")
    # An answer that takes its time: the page is still there for the second press.
    page.evaluate(
        """() => {
            window.sent = [];
            window.addEventListener("submit", (event) => {
                window.sent.push(!event.defaultPrevented);
                event.preventDefault();
            });
        }"""
    )

    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_role("button", name="保存", exact=True).click()

    assert page.evaluate("window.sent") == [True, False]
