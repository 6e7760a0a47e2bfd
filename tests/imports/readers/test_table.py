"""Names of columns, limits of a table, and the collecting of faults."""

import pytest

from common.errors import InvalidFiles
from imports.readers import MAX_ROWS, Row, clean_heading, place, read_table, table
from tests.imports.readers.samples import csv_faults, rows


@pytest.mark.parametrize(
    ("written", "heading"),
    [
        (" 名称 ", "名称"),
        ("名称 *", "名称"),
        ("名称＊", "名称"),
        ("名称（必填）", "名称"),
        ("名称\n(必填)", "名称"),
        ("ＴＲＬ　等级", "TRL 等级"),
        ("金额（万元）", "金额(万元)"),
        ("*", ""),
    ],
)
def test_heading_is_cleaned(written: str, heading: str) -> None:
    assert clean_heading(written) == heading


def test_place_names_column_and_heading() -> None:
    assert [place("年份", "C"), place("", "C"), place("年份")] == ["C 列“年份”", "C 列", "年份"]


def test_too_many_rows_are_refused() -> None:
    text = "名称\n" + "甲\n" * (MAX_ROWS + 1)

    assert csv_faults(text) == [(MAX_ROWS + 2, "", "超过 50000 行数据，请拆成几个文件分别导入")]


def test_as_many_rows_as_allowed_are_read() -> None:
    read = rows("a.csv", ("名称\n" + "甲\n" * MAX_ROWS).encode())

    assert (len(read), read[-1]) == (50_000, Row(50_001, {"名称": "甲"}))


def test_text_repeated_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_CHARACTERS", 10)

    assert csv_faults("a\n12345\n12345\n") == [(3, "", "文件中的文字过多，请拆成几个文件分别导入")]


def test_progress_is_told_now_and_then() -> None:
    told: list[int] = []

    read_table("a.csv", b"a\n" + b"1\n" * 1200, progress=told.append)

    assert told == [500, 1000, 1200]


def test_faults_beyond_the_limit_are_counted() -> None:
    with pytest.raises(InvalidFiles) as caught:
        read_table("a.csv", b"a\n" + b"1,2\n" * 300)

    assert caught.value.message == "文件“a.csv”有 300 处需要改正，没有保存任何内容。"
    assert len(caught.value.problems) == 201
    assert str(caught.value.problems[-1]) == "a.csv:201: 另有 100 处问题没有列出，请先改正以上各处"
