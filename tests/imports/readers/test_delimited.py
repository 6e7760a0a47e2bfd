"""CSV: quotes, delimiters, rows of uneven length."""

import pytest

from imports.readers import Row
from tests.imports.readers.samples import csv_faults, rows

SAVE_AS_CSV = "或在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重试"


def test_quotes_commas_and_spaces_are_read() -> None:
    assert rows("a.csv", b'a,b\n"x, ""y""", z \n') == [Row(2, {"a": 'x, "y"', "b": "z"})]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n1,2\n"3,4\n5,6\n', 3),
        ('a,b\n1,2\n3,"' + "x" * 200_000, 3),
        ('"a,b\n1,2\n', 1),
    ],
)
def test_open_quote_is_named_where_it_begins(text: str, line: int) -> None:
    assert csv_faults(text) == [(line, "", "从这一行开始的英文双引号没有闭合，请补上右引号")]


def test_quote_inside_a_cell_is_named() -> None:
    assert csv_faults('a,b\n1,2\n"x"y,3\n') == [
        (3, "", '英文双引号的用法有误，格内的双引号请写成两个（""），并把整格括起来')
    ]


def test_row_with_too_many_cells_is_refused() -> None:
    assert csv_faults("a,b\n1,2,3\n1,2,,\n1\n") == [
        (
            2,
            "",
            "这一行有 3 格，列名只有 2 个；内容含逗号时，请用英文双引号把整格括起来",
        )
    ]


def test_row_with_too_few_cells_is_read() -> None:
    assert rows("a.csv", b"a,b\n1\n,2\n") == [Row(2, {"a": "1"}), Row(3, {"b": "2"})]


@pytest.mark.parametrize(
    ("sign", "name"),
    [(";", "分号"), ("；", "分号"), ("\t", "制表符"), ("，", "全角逗号"), ("|", "竖线")],
)
def test_other_delimiters_are_named(sign: str, name: str) -> None:
    assert csv_faults(f"名称{sign}城市\n甲,乙{sign}广州\n") == [
        (
            1,
            "",
            f"各列似乎是用{name}分隔的，请改用英文逗号，{SAVE_AS_CSV}",
        )
    ]


def test_every_fault_of_a_file_is_listed() -> None:
    assert [(line, field) for line, field, _ in csv_faults("a,b\n\x01,\x02\nx,y,z\n\x03\n")] == [
        (2, "A 列“a”"),
        (2, "B 列“b”"),
        (3, ""),
        (4, "A 列“a”"),
    ]
