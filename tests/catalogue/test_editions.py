"""What changed from one edition to the next."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.editions import COLUMNS, Entry, compare, fingerprint, say_price

ENTRY = Entry(
    item_id=1,
    product_name="搬运机器人",
    kind="product",
    model_number="M-1",
    summary="可全天候作业",
    price_min_fen=30_000_000,
    price_max_fen=40_000_000,
    organization_name="珠江机器人",
    identifier_scheme="credit_code",
    identifier="91440000MA5000001X",
    is_demonstration=False,
    notice_from=date(2026, 3, 1),
    notice_to=date(2026, 3, 7),
    grounds="国内首创",
)
OTHER = {
    "product_name": ("产品", "搬运机器人", "巡检机器人"),
    "kind": ("类别", "产品", "技术"),
    "model_number": ("型号", "M-1", "M-2"),
    "summary": ("简介", "可全天候作业", "可夜间作业"),
    "price_min_fen": ("价格", "30 万元 – 40 万元", "20 万元 – 40 万元"),
    "price_max_fen": ("价格", "30 万元 – 40 万元", "30 万元 – 50 万元"),
    "organization_name": ("供给单位", "珠江机器人", "东江机器人"),
    "identifier_scheme": ("证件类型", "统一社会信用代码", "香港商业登记号"),
    "identifier": ("证件号码", "91440000MA5000001X", "123"),
    "is_demonstration": ("供给单位", "珠江机器人", "珠江机器人（演示）"),
    "notice_from": ("公示开始", "2026年3月1日", "2026年2月1日"),
    "notice_to": ("公示结束", "2026年3月7日", "2026年3月9日"),
    "grounds": ("推荐理由", "国内首创", "国际领先"),
}
VALUES = {
    "kind": "technology",
    "price_min_fen": 20_000_000,
    "price_max_fen": 50_000_000,
    "identifier_scheme": "hong_kong",
    "is_demonstration": True,
    "notice_from": date(2026, 2, 1),
    "notice_to": date(2026, 3, 9),
}


def test_first_edition_adds_everything() -> None:
    changes = compare([], [ENTRY])
    assert (changes.added, changes.removed, changes.changed) == ((ENTRY,), (), ())


def test_table_of_this_test_is_complete() -> None:
    assert {"item_id", *OTHER} == {field.name for field in fields(Entry)}


@pytest.mark.parametrize("field", OTHER)
def test_every_field_that_differs_is_said_in_words(field: str) -> None:
    label, before, after = OTHER[field]
    changed = replace(ENTRY, **{field: VALUES.get(field, after)})

    changes = compare([ENTRY], [changed])

    assert (changes.added, changes.removed) == ((), ())
    (found,) = changes.changed
    assert found.entry == changed
    assert [(str(d.label), d.before, d.after) for d in found.differences] == [
        (label, before, after)
    ]


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (None, None, ""),
        (100, None, "1 元以上"),
        (None, 100, "不超过 1 元"),
        (0, None, "0 元以上"),
        (None, 0, "不超过 0 元"),
        (100, 100, "1 元"),
        (1_000_000, 150_000_000, "1 万元 – 150 万元"),
    ],
)
def test_price_is_said_as_people_do(lower: int | None, upper: int | None, said: str) -> None:
    assert say_price(lower, upper) == said


entries = st.lists(
    st.builds(
        replace,
        st.just(ENTRY),
        item_id=st.integers(1, 9),
        product_name=st.sampled_from("甲乙丙"),
        price_max_fen=st.sampled_from([None, 40_000_000, 50_000_000]),
    ),
    unique_by=lambda entry: entry.item_id,
    max_size=6,
)


@given(entries, entries)
def test_changes_lead_from_one_edition_to_the_next(before: list[Entry], after: list[Entry]) -> None:
    changes = compare(before, after)

    gone = {entry.item_id for entry in changes.removed}
    new = {each.entry.item_id: each.entry for each in changes.changed}
    kept = [new.get(e.item_id, e) for e in before if e.item_id not in gone]
    assert {e.item_id: e for e in [*kept, *changes.added]} == {e.item_id: e for e in after}
    assert all(each.differences for each in changes.changed)
    assert bool(changes) is (set(before) != set(after))


@given(entries, entries)
def test_going_back_undoes_it(before: list[Entry], after: list[Entry]) -> None:
    there, back = compare(before, after), compare(after, before)

    assert (there.added, there.removed) == (back.removed, back.added)
    assert len(there.changed) == len(back.changed)


@given(entries, entries)
def test_fingerprint_tells_lists_apart(one: list[Entry], other: list[Entry]) -> None:
    assert (fingerprint(one) == fingerprint(other)) is (one == other)


def test_columns_have_different_labels() -> None:
    labels = [str(label) for label, _ in COLUMNS]
    assert len(labels) == len(set(labels))
