"""The long forms in a browser: rows, picker, nothing typed is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, expect

from scenarios.models import Scenario
from scenarios.queries import stated_facts
from tests.journeys.conftest import PASSWORD, Visitor
from tests.records import SHENZHEN, make_member, make_organization, make_scenario, user_of

pytestmark = pytest.mark.browser

ROBOTS = "gd-2024-embodied-robots"


def sign_in_editor(visitor: Visitor, scenario: Scenario) -> str:
    """The address at which somebody who may write it edits the scenario."""
    editor = user_of(make_member(scenario.organization))
    editor.set_password(PASSWORD)
    editor.save()
    visitor.sign_in(editor.email)
    return f"{scenario.get_absolute_url()}edit/"


def test_rows_are_added_and_taken_away(visitor: Visitor) -> None:
    goals = [{"indicator": f"指标 {number}"} for number in range(3)]
    scenario = make_scenario(make_organization(), published=False, name="巡检", goals=goals)
    page = visitor.page
    visitor.open(sign_in_editor(visitor, scenario))
    rows = page.get_by_role("group", name="目标")

    expect(rows.get_by_label("指标")).to_have_count(3)
    rows.get_by_role("button", name="删除这一行").nth(1).click()
    expect(page.locator("#id_goals-1-indicator")).to_be_focused()
    page.get_by_role("button", name="增加一个目标").click()
    expect(page.locator("#id_goals-2-indicator")).to_be_focused()
    page.keyboard.type("用时")
    page.locator("#id_goals-2-target").fill("20 分钟")
    page.get_by_role("button", name="增加一个目标").click()
    page.locator("#id_goals-3-target").fill("没有指标")
    visitor.check()
    page.get_by_role("button", name="保存草稿").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="目标第 4 行“指标”").click()
    expect(page.locator("#id_goals-3-indicator")).to_be_in_viewport()
    visitor.check()
    page.locator("#id_goals-3-indicator").fill("误报率")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("“巡检”已保存。")).to_be_visible()
    said = [(goal.indicator, goal.target) for goal in stated_facts(scenario).goals]
    assert said == [("指标 0", ""), ("指标 2", ""), ("用时", "20 分钟"), ("误报率", "没有指标")]
    visitor.check()


def test_picker_narrows_counts_and_lists_what_is_chosen(visitor: Visitor) -> None:
    scenario = make_scenario(
        make_organization(), published=False, name="巡检", concepts=["gd-2024-synthetic-biology"]
    )
    page = visitor.page
    visitor.open(sign_in_editor(visitor, scenario))
    picker = page.get_by_role("group", name="产业标签")

    expect(picker.get_by_role("status")).to_have_text("已选 1 个，最多 8 个")
    picker.get_by_label("查找标签").fill("机器人")
    shown = picker.locator("label:visible")
    expect(shown.filter(has_text="具身智能机器人")).to_have_count(1)
    expect(shown.filter(has_text="量子")).to_have_count(0)
    page.keyboard.press("Enter")
    picker.locator(f"input[value={ROBOTS}]").check()
    expect(picker.get_by_role("status")).to_have_text("已选 2 个，最多 8 个")
    picker.get_by_role("button", name="取消“合成生物”").click()
    expect(picker.get_by_role("status")).to_have_text("已选 1 个，最多 8 个")
    picker.get_by_label("查找标签").fill("没有这个词")
    expect(picker.get_by_text("没有符合的标签")).to_be_visible()
    visitor.check()
    picker.get_by_label("查找标签").fill("")
    for box in picker.locator("details").first.locator("input").all()[:9]:
        box.check()
    expect(picker.get_by_role("status")).to_contain_text("请取消")
    visitor.check()
    for box in picker.locator("details").first.locator("input").all()[:9]:
        box.uncheck()
    picker.locator(f"input[value={ROBOTS}]").check()
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("“巡检”已保存。")).to_be_visible()
    assert stated_facts(scenario).concepts == [ROBOTS]


def test_leaving_asks_when_something_would_be_lost(visitor: Visitor) -> None:
    scenario = make_scenario(make_organization(), published=False, name="巡检")
    page = visitor.page
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", stay)
    path = sign_in_editor(visitor, scenario)

    visitor.open(path)
    page.get_by_label("名称", exact=True).click()
    visitor.open("/my/")
    assert asked == []
    visitor.open(path)
    page.get_by_label("名称", exact=True).press_sequentially("二")
    visitor.open("/my/")
    assert asked == ["beforeunload"]
    visitor.open(path)
    page.get_by_label("名称", exact=True).press_sequentially("二")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("“二巡检”已保存。")).to_be_visible()
    assert asked == ["beforeunload"]


def test_two_editors_are_told_of_each_other(visitor: Visitor) -> None:
    scenario = make_scenario(make_organization(), published=False, name="巡检", problem="旧")
    page = visitor.page
    path = sign_in_editor(visitor, scenario)
    visitor.open(path)
    page.get_by_label("要解决的问题").fill("我写的")
    Scenario.objects.get().save()  # somebody else, meanwhile

    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("alert")).to_contain_text("别人在您编辑期间修改过")
    expect(page.get_by_text("与当前版本不同的有：要解决的问题")).to_be_visible()
    visitor.faults.clear()  # the browser reports the status of the refusal
    visitor.check()
    page.get_by_label("我已看过当前版本").check()
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("“巡检”已保存。")).to_be_visible()
    assert Scenario.objects.get().problem == "我写的"


def test_districts_are_those_of_the_chosen_city(visitor: Visitor) -> None:
    scenario = make_scenario(
        make_organization(), published=False, name="巡检", city=SHENZHEN, district="shenzhen-futian"
    )
    page = visitor.page
    visitor.open(sign_in_editor(visitor, scenario))
    city, district = page.locator("#id_city"), page.locator("#id_district")
    offered = district.locator("optgroup:not([hidden]):not([disabled])")

    expect(offered).to_have_count(1)
    expect(offered).to_have_attribute("label", "深圳市")
    expect(district).to_have_value("shenzhen-futian")
    city.select_option(label="广州市")
    expect(offered).to_have_attribute("label", "广州市")
    expect(district).to_have_value("")
    district.select_option(label="南沙区")
    city.select_option(label="珠海市")
    expect(offered).to_have_count(0)
    expect(district).to_have_value("")
    city.select_option(label="广州市")
    district.select_option(label="南沙区")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("“巡检”已保存。")).to_be_visible()
    scenario.refresh_from_db()
    assert scenario.district is not None
    assert scenario.district.code == "guangzhou-nansha"
    page.go_back()
    expect(district).to_have_value("guangzhou-nansha")
    expect(offered).to_have_attribute("label", "广州市")


def test_labels_and_inputs_of_one_row_stand_at_one_height(visitor: Visitor) -> None:
    scenario = make_scenario(make_organization(), published=False, name="巡检")
    visitor.open(sign_in_editor(visitor, scenario))

    tops = visitor.page.evaluate("""() => {
      const top = (each) => Math.round(each.getBoundingClientRect().top);
      const tops = (grid, parts) => [...grid.querySelectorAll(parts)].map(top);
      return [...document.querySelectorAll(".form-grid")].map(
        (grid) => [tops(grid, ".form-label"), tops(grid, "input, select")]);
    }""")
    assert len(tops) == 6
    is_wide = (visitor.page.viewport_size or {})["width"] > 1000
    for labels, inputs in tops:
        assert len(labels) == len(inputs) > 1
        assert len(set(labels)) == len(set(inputs)) == (1 if is_wide else len(labels))
        assert max(labels) < max(inputs)
