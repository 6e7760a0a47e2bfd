"""Heading rows, in CSV and Excel alike."""

import csv
import io

import pytest

from imports.readers import Row, read_table
from tests.imports.readers.samples import csv_faults, faults, xlsx

NAMELESS_B = (
    "这一列有内容，但第 1 行没有列名，请在 B1 填写列名或清空这一列"
    "（列名必须位于第 1 行，上方不能有合并的标题行）"
)


def test_too_many_columns_are_refused() -> None:
    wide = ",".join(f"列{number}" for number in range(1001))

    assert csv_faults(f"{wide}\n{wide}\n") == [(1, "", "超过 1000 列，请只保留要导入的列")]


def test_control_character_in_a_heading_is_refused() -> None:
    assert csv_faults("名\x07称\n甲\n")[0] == (
        1,
        "A 列",
        "第 2 个字是不可见的控制字符，请删除后重试",
    )


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_heading_given_twice_is_refused(name: str) -> None:
    lines = [["名称 *", "城市", "名称"], ["甲", "广州", "乙"]]

    assert faults(name, table_of(name, lines)) == [
        (1, "C 列“名称”", "列名重复，A 列也叫这个名称，请改名或删除其中一列")
    ]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_values_below_an_empty_heading_are_refused_once(name: str) -> None:
    lines = [["名称", "", "城市"], ["甲", "", "广州"], ["乙", "x", "深圳"], ["丙", "y", "佛山"]]

    assert faults(name, table_of(name, lines)) == [
        (
            3,
            "B 列",
            NAMELESS_B,
        )
    ]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_empty_heading_over_nothing_is_no_fault(name: str) -> None:
    lines = [["名称", "", "城市"], ["甲", "", "广州"]]

    table = read_table(name, table_of(name, lines))

    assert table.letters == {"名称": "A", "城市": "C"}
    assert table.rows == [Row(2, {"名称": "甲", "城市": "广州"})]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_headings_below_the_first_row_are_refused(name: str) -> None:
    lines = [["", ""], ["名称", "城市"], ["甲", "广州"]]

    assert faults(name, table_of(name, lines)) == [
        (1, "", "第 1 行没有列名，请删除上方的空行或标题，让列名位于第 1 行")
    ]


def table_of(name: str, lines: list[list[str]]) -> bytes:
    if name.endswith(".xlsx"):
        return xlsx(*([cell or None for cell in line] for line in lines))
    file = io.StringIO()
    csv.writer(file).writerows(lines)
    return file.getvalue().encode()
