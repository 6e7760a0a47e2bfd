"""Cells become the text that a person would have typed."""

import datetime as dt

import pytest

from imports.readers import Row, read_table
from tests.imports.readers.samples import csv_faults, faults, json_faults, xlsx


def test_values_of_excel_become_text() -> None:
    values = {
        "整数": (3, "3"),
        "整数值": (3.0, "3"),
        "小数": (0.1, "0.1"),
        "和": (0.1 + 0.2, "0.3"),
        "负": (-2.50, "-2.5"),
        "零": (0, "0"),
        "小": (0.0000001, "0.0000001"),
        "大": (123456789012345, "123456789012345"),
        "日期": (dt.date(2026, 11, 21), "2026-11-21"),
        "时刻": (dt.datetime(2026, 11, 21, 18), "2026-11-21 18:00"),  # noqa: DTZ001
        "秒": (dt.datetime(2026, 11, 21, 18, 0, 5), "2026-11-21 18:00:05"),  # noqa: DTZ001
        "时间": (dt.time(9, 30), "09:30"),
        "时长": (dt.timedelta(hours=30, minutes=5), "30:05"),
        "是": (True, "是"),
        "否": (False, "否"),
        "文字": (" 广州 \n 深圳", "广州 \n 深圳"),
        "回车": ("一_x000D_\n二", "一\n二"),
    }

    table = read_table("a.xlsx", xlsx(list(values), [written for written, _ in values.values()]))

    assert table.rows == [Row(2, {heading: text for heading, (_, text) in values.items()})]


@pytest.mark.parametrize("number", [123456789012345678, 1e15, -1e15])
def test_number_whose_last_digits_excel_lost_is_refused(number: float) -> None:
    assert faults("a.xlsx", xlsx(["信用代码"], [number])) == [
        (
            2,
            "A 列“信用代码”",
            "数字超过 15 位，Excel 已丢失末尾的数字，请先把单元格格式设为“文本”，再重新填写",
        )
    ]


@pytest.mark.parametrize("sign", ["\0", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\u202e"])
def test_control_characters_are_refused_in_every_format(sign: str) -> None:
    message = "第 2 个字是不可见的控制字符，请删除后重试"

    assert csv_faults(f"名称,城市\n甲,广{sign}州\n") == [(2, "B 列“城市”", message)]
    assert json_faults(f'{{"城市": "广\\u{ord(sign):04x}州"}}') == [(1, "城市", message)]


def test_cell_longer_than_excel_allows_is_refused() -> None:
    assert csv_faults("a,b\n1," + "字" * 32_768) == [(2, "B 列“b”", "内容超过 32767 个字，请缩短")]
