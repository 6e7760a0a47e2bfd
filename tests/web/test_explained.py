"""A score in parts as a bar and as a table: what stands in it, and that nothing of it is markup."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID

import pytest
from django.utils.safestring import SafeString

from matching.explanations import Part, Reason
from matching.queries import MAXIMUM, Fit, Match
from organizations.models import Organization
from policy.models import PolicyClause
from scenarios.models import Scenario
from web.explained import Tables, bar, hundredths

PARTS = [
    Part("tag", "产业标签", 3333, 4000, stated=True, reasons=[Reason("双方都选了“机器人”")]),
    Part("text", "文字内容", 0, 2000, stated=False, reasons=[]),
    Part("scale", "预算", 500, 500, stated=True, reasons=[Reason("一"), Reason("二")]),
]


def cells(table: str) -> list[list[str]]:
    """The words of each row."""
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    return [
        [
            " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


@pytest.mark.parametrize(
    ("points", "decimals", "expected"),
    [(0, 2, "0.00"), (3333, 2, "33.33"), (MAXIMUM, 0, "100"), (3335, 1, "33.4"), (3345, 1, "33.5")],
)
def test_points_are_told_out_of_a_hundred_and_rounded_half_up(
    points: int, decimals: int, expected: str
) -> None:
    assert hundredths(points, decimals) == expected


def test_table_holds_points_maximum_and_reasons_of_each_part_and_the_sum() -> None:
    assert cells(Tables().table(Fit(3833, PARTS, []))) == [
        ["项目", "得分", "理由"],
        ["产业标签", "33.33 / 40", "双方都选了“机器人”"],
        ["文字内容", "未填写 / 20", ""],
        ["预算", "5.00 / 5", "一 二"],
        ["合计", "38.33 / 100", ""],
    ]


def test_labels_and_reasons_are_text_and_no_markup() -> None:
    part = Part("tag", "<b>标签</b>", 1, 2, stated=True, reasons=[Reason("<script>&\"'")])

    table = Tables().table(Fit(1, [part], []))

    assert isinstance(table, SafeString)
    assert "<b>" not in table
    assert "<script>" not in table
    assert cells(table)[1] == ["<b>标签</b>", "0.01 / 0", "<script>&\"'"]


def test_bar_lays_the_parts_one_behind_the_other() -> None:
    drawn = re.findall(r'class="match-bar-(\w+)" x="(\d+)" width="(\d+)"', bar(PARTS))

    assert drawn == [
        *(("room", "0", "4000"), ("points", "0", "3333")),
        *(("room", "4000", "2000"), ("points", "4000", "0")),
        *(("room", "6000", "500"), ("points", "6000", "500")),
    ]


@pytest.mark.django_db
def test_clauses_are_links_beside_the_reason_that_stands_on_them() -> None:
    one, other = PolicyClause.objects.select_related("document")[:2]
    reasons = [Reason("甲", [one, other]), Reason("乙", [one])]
    part = Part("tag", "标签", 1, 2, stated=True, reasons=reasons)

    table = Tables().table(Fit(1, [part], []))

    links = [
        re.findall(r'href="([^"]+)"', listed)
        for listed in re.findall(r'<ul class="match-clauses">(.*?)</ul>', table, re.DOTALL)
    ]
    assert links == [
        [one.get_absolute_url(), other.get_absolute_url()],
        [one.get_absolute_url()],
    ]


@pytest.mark.parametrize(("points", "demonstration"), [(0, True), (5, False)])
def test_a_match_in_a_list_is_named_with_place_and_score_and_none_of_it_is_markup(
    points: int, *, demonstration: bool
) -> None:
    owner = Organization(name="<i>厂</i>", is_demonstration=demonstration)
    record = Scenario(public_id=UUID(int=7), name="<b>&港口", organization=owner)
    part = Part("tag", "标签", points, 4000, stated=True, reasons=[])

    items = Tables().items([Match(record, 3833, [part]), Match(record, 5, [part])])

    assert isinstance(items, SafeString)
    assert re.findall(r'match-rank">(\d+)<', items) == ["1", "2"]
    assert re.findall(r"<strong>([\d.]+)</strong> / 100", items) == ["38.3", "0.1"]
    assert items.count(f'<a href="{record.get_absolute_url()}">&lt;b&gt;&amp;港口</a>') == 2
    assert items.count("&lt;i&gt;厂&lt;/i&gt;") == 2
    assert "<b>" not in items
    assert "<i>" not in items
    assert items.count("演示") == 2 * demonstration
    assert items.count("标签无关联") == 2 * (points == 0)
    assert items.count("<table") == items.count("<details") == items.count("<li") == 2
