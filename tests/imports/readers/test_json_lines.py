"""JSON Lines: values, keys, lines that are no object."""

import pytest

from imports.readers import Row, read_table
from tests.imports.readers.samples import json_faults, rows

NESTED = "只能是文字、数字、true/false，或由它们组成的数组，请不要嵌套"
TOO_LONG_NUMBER = "数字过大或小数位过多，请核对"


def test_values_of_json_become_text() -> None:
    line = (
        '{"文字": " 甲 ", "整": 3, "小数": 0.10, "大": 1e20, "多位": 123456789012345678901, '
        '"是": true, "否": false, "无": null, "空": "", "列": ["a", 1, 2.0, true, null, ""], '
        '"空列": []}'
    )

    table = read_table("a.JSONL", f'\n{line}\n{{"另": 1}}\n'.encode())

    assert table.headings == [
        "文字", "整", "小数", "大", "多位", "是", "否", "无", "空", "列", "空列", "另",
    ]  # fmt: skip
    assert table.letters == {}
    assert table.rows == [
        Row(
            2,
            {
                "文字": "甲",
                "整": "3",
                "小数": "0.1",
                "大": "100000000000000000000",
                "多位": "123456789012345678901",
                "是": "是",
                "否": "否",
                "列": ["a", "1", "2", "是"],
            },
        ),
        Row(3, {"另": "1"}),
    ]


def test_keys_are_cleaned_like_headings() -> None:
    assert rows("a.jsonl", '{" 名称（必填）": "甲"}'.encode()) == [Row(1, {"名称": "甲"})]


@pytest.mark.parametrize("line", ["[1, 2]", '"x"', "3", "null", "NaN"])
def test_line_that_is_no_object_is_refused(line: str) -> None:
    assert json_faults(f'{{"a": 1}}\n{line}\n') == [
        (2, "", '这一行不是 JSON 对象，应形如 {"名称": "值"}')
    ]


@pytest.mark.parametrize(
    ("line", "column"), [('{"a": 1,}', 9), ('{"a": ', 6), ("{'a': 1}", 2), ('{"a": 1} x', 10)]
)
def test_faulty_json_is_named_with_its_column(line: str, column: int) -> None:
    assert json_faults(f'{{"a": 1}}\n{line}\n{{"a": 2}}\n') == [
        (
            2,
            "",
            f"第 {column} 个字附近不是有效的 JSON，请检查引号、逗号和括号（每行写一个完整的对象）",
        )
    ]


@pytest.mark.parametrize("key", ["a", "ａ", "a *"])
def test_key_given_twice_is_refused(key: str) -> None:
    assert json_faults(f'{{"a": 1, "{key}": 2}}') == [
        (1, "a", "这个键在同一行中出现了两次，请删除其中一个")
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("NaN", "不能使用 NaN，没有数值时请写 null"),
        ("Infinity", "不能使用 Infinity，没有数值时请写 null"),
        ("[1, -Infinity]", "不能使用 -Infinity，没有数值时请写 null"),
        ("9" * 41, TOO_LONG_NUMBER),
        ("9" * 10_000, TOO_LONG_NUMBER),
        ("1e999999999", TOO_LONG_NUMBER),
        ("1e99999999999999999999", TOO_LONG_NUMBER),
        ("0e999999", TOO_LONG_NUMBER),
        ("1e-999999", TOO_LONG_NUMBER),
        ("{}", NESTED),
        ('{"b": 1}', NESTED),
        ("[[1]]", NESTED),
        ('[{"b": 1}]', NESTED),
        (r'"\ud800"', "第 1 个字是不可见的控制字符，请删除后重试"),
        (r'"x\u0000"', "第 2 个字是不可见的控制字符，请删除后重试"),
    ],
)
def test_unusable_values_are_refused_with_their_key(value: str, message: str) -> None:
    assert json_faults(f'{{"b": 1}}\n{{"b": 1, "a": {value}}}') == [(2, "a", message)]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "有一个键是空的，请写上名称"),
        (" * ", "有一个键是空的，请写上名称"),
        (r"\ud800", "键不能使用：第 1 个字是不可见的控制字符，请删除后重试"),
    ],
)
def test_unusable_keys_are_refused(key: str, message: str) -> None:
    assert json_faults(f'{{"b": 1, "{key}": 2}}') == [(1, "", message)]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_does_not_crash(opening: str) -> None:
    assert json_faults(opening * 100_000) == [(1, "", "嵌套层数过多，请每行写一个不嵌套的对象")]
