"""Tables out of Excel, CSV and JSON Lines; every fault with its row and column."""

import contextlib
import csv
import datetime as dt
import hashlib
import io
import os
import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from common.errors import InvalidFiles
from imports import readers
from imports.readers import Row, clean_heading, place, read_file, read_table

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
EMPTY = "文件是空的，请填写后重新上传"
NO_ROWS = "文件只有列名，没有数据行，请从第 2 行起填写后重新上传"
BROKEN = "这个 Excel 文件已损坏或格式不规范，请用 Excel 或 WPS 打开，另存为新的 .xlsx 后重试"
BOMB = (
    "这个 Excel 文件解压后过大，请新建工作簿，只把要导入的数据（选择性粘贴为数值）复制过去；"
    "数据很多时，请拆成几个文件"
)
NOT_UTF_8 = "编码，请在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重试"
NAMELESS_B = (
    "这一列有内容，但第 1 行没有列名，请在 B1 填写列名或清空这一列"
    "（列名必须位于第 1 行，上方不能有合并的标题行）"
)
SAVE_AS_CSV = "或在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重试"
NESTED = "只能是文字、数字、true/false，或由它们组成的数组，请不要嵌套"
TOO_LONG_NUMBER = "数字过大或小数位过多，请核对"


def faults(name: str, content: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidFiles) as caught:
        read_table(name, content)
    assert {each.file for each in caught.value.problems} == {name}
    return [(each.line, each.field, each.message) for each in caught.value.problems]


def csv_faults(text: str) -> list[tuple[int, str, str]]:
    return faults("a.csv", text.encode())


def json_faults(text: str) -> list[tuple[int, str, str]]:
    return faults("a.jsonl", text.encode())


def rows(name: str, content: bytes) -> list[Row]:
    return read_table(name, content).rows


def xlsx(*lines: list[Any]) -> bytes:
    workbook = openpyxl.Workbook()
    for line in lines:
        workbook.worksheets[0].append(line)
    return saved(workbook)


def saved(workbook: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def repacked(content: bytes, changed: dict[str, bytes]) -> bytes:
    """The workbook with parts replaced or added."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        parts = {name: source.read(name) for name in source.namelist()} | changed
        for name, part in parts.items():
            target.writestr(name, part)
    return file.getvalue()


def part_of(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


def sheet_xml(data: str, before: str = "", behind: str = "") -> bytes:
    return (
        f'<worksheet xmlns="{NAMESPACE}">{before}<sheetData>{data}</sheetData>{behind}</worksheet>'
    ).encode()


def sheet_of(data: str, before: str = "", behind: str = "") -> bytes:
    """A workbook whose sheet says ``data`` word for word."""
    return repacked(xlsx(["名称"], ["甲"]), {SHEET: sheet_xml(data, before, behind)})


def text_row(line: int, **cells: str) -> str:
    inside = "".join(
        f'<c r="{letter}{line}" t="inlineStr"><is><t>{text}</t></is></c>'
        for letter, text in cells.items()
    )
    return f'<row r="{line}">{inside}</row>'


def test_reading_needs_no_django() -> None:
    code = "import sys, imports.readers, imports.template; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Files


def test_table_says_where_everything_stands(tmp_path: Path) -> None:
    content = "名称,城市\n甲,广州\n\n乙,\n".encode()
    path = tmp_path / "名单.CSV"
    path.write_bytes(content)

    table = read_file(path)

    assert table == readers.Table(
        name="名单.CSV",
        headings=["名称", "城市"],
        rows=[Row(2, {"名称": "甲", "城市": "广州"}), Row(4, {"名称": "乙"})],
        letters={"名称": "A", "城市": "B"},
        digest=hashlib.sha256(content).hexdigest(),
    )


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidFiles) as caught:
        read_file(tmp_path / "none.csv")

    assert caught.value.message == "文件“none.csv”无法导入，没有保存任何内容。"
    assert [str(each) for each in caught.value.problems] == [
        "none.csv:1: 找不到这个文件，请检查路径和文件名"
    ]


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.csv"
    path.mkdir() if kind == "folder" else os.mkfifo(path)

    with pytest.raises(InvalidFiles) as caught:
        read_file(path)

    assert [each.message for each in caught.value.problems] == [
        "这不是一个文件，请给出 .xlsx、.csv 或 .jsonl 文件的路径"
    ]


@pytest.mark.parametrize("name", ["a\0b.csv", "长" * 300 + ".csv"])
def test_impossible_paths_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidFiles) as caught:
        read_file(tmp_path / name)

    assert [each.message for each in caught.value.problems] == [
        "文件无法打开，请检查路径、文件名和读取权限"
    ]


def test_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)

    started = time.monotonic()
    with pytest.raises(InvalidFiles) as caught:
        read_file(path)

    assert time.monotonic() - started < 1
    assert [each.message for each in caught.value.problems] == [
        "文件超过 20 MB，请拆成几个文件分别导入"
    ]


def test_large_upload_is_refused() -> None:
    content = b"a\n" * (readers.MAX_BYTES // 2 + 1)

    assert faults("a.csv", content) == [(1, "", "文件超过 20 MB，请拆成几个文件分别导入")]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.xls", "不支持 .xls 文件，请用 Excel 或 WPS 打开后另存为 .xlsx"),
        ("a.ET", "不支持 .et 文件，请用 Excel 或 WPS 打开后另存为 .xlsx"),
        ("a.json", "不支持 .json 文件，请改为 .jsonl（JSON Lines：每行一个对象）"),
        ("a.txt", "不支持 .txt 文件，请使用 .xlsx、.csv 或 .jsonl"),
        ("a", "不支持没有扩展名的文件，请使用 .xlsx、.csv 或 .jsonl"),
    ],
)
def test_unknown_suffix_is_refused(name: str, message: str) -> None:
    assert faults(name, b"x") == [(1, "", message)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"\xef\xbb\xbf"),
        ("a.csv", b"\n \r\n\n"),
        ("a.csv", b",,,\n,,,\n"),
        ("a.jsonl", b""),
        ("a.jsonl", b"\xef\xbb\xbf\n"),
        ("a.jsonl", b"\n \r\n\n"),
        ("a.xlsx", b""),
        ("a.xlsx", xlsx()),
        ("a.xlsx", xlsx([" ", None])),
    ],
)
def test_empty_file_is_said(name: str, content: bytes) -> None:
    assert faults(name, content) == [(1, "", EMPTY)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "名称,城市\n".encode()),
        ("a.csv", "名称,城市\n,\n \n".encode()),
        ("a.xlsx", xlsx(["名称", "城市"])),
        ("a.xlsx", xlsx(["名称", "城市"], [None, " "])),
        ("a.jsonl", b'{"a": null}\n{}\n'),
    ],
)
def test_headings_without_rows_are_said(name: str, content: bytes) -> None:
    assert faults(name, content) == [(1, "", NO_ROWS)]


def test_too_many_rows_are_refused() -> None:
    text = "名称\n" + "甲\n" * (readers.MAX_ROWS + 1)

    assert csv_faults(text) == [
        (readers.MAX_ROWS + 2, "", "超过 50000 行数据，请拆成几个文件分别导入")
    ]


def test_as_many_rows_as_allowed_are_read() -> None:
    read = rows("a.csv", ("名称\n" + "甲\n" * readers.MAX_ROWS).encode())

    assert (len(read), read[-1]) == (50_000, Row(50_001, {"名称": "甲"}))


def test_too_many_columns_are_refused() -> None:
    wide = ",".join(f"列{number}" for number in range(1001))

    assert csv_faults(f"{wide}\n{wide}\n") == [(1, "", "超过 1000 列，请只保留要导入的列")]


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


# Headings


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


# CSV


def test_byte_order_mark_and_windows_newlines_are_accepted() -> None:
    content = b"\xef\xbb\xbf" + '名称,说明\r\n甲,"一\r\n二\t三"\r\n乙,四\r\n'.encode()

    assert rows("a.csv", content) == [
        Row(2, {"名称": "甲", "说明": "一\n二\t三"}),
        Row(4, {"名称": "乙", "说明": "四"}),
    ]


def test_old_mac_newlines_are_accepted() -> None:
    assert rows("a.csv", b"a,b\r1,2\r3,4\r") == [
        Row(2, {"a": "1", "b": "2"}),
        Row(3, {"a": "3", "b": "4"}),
    ]


def test_quotes_commas_and_spaces_are_read() -> None:
    assert rows("a.csv", b'a,b\n"x, ""y""", z \n') == [Row(2, {"a": 'x, "y"', "b": "z"})]


def test_chinese_excel_encoding_is_named_with_its_line() -> None:
    content = b"name,city\nx,y\n" + "甲,广州\n".encode("gb18030")

    assert faults("a.csv", content) == [(3, "", f"第 3 行起不是 UTF-8 {NOT_UTF_8}")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"

    assert faults("a.csv", f"{mark}名称\n甲\n".encode(encoding)) == [
        (1, "", f"文件是 UTF-16 {NOT_UTF_8}")
    ]


def test_json_lines_in_another_encoding_are_named() -> None:
    content = b'{"a": 1}\n' + '{"a": "广州"}'.encode("gb18030")

    assert faults("a.jsonl", content) == [
        (2, "", "第 2 行起不是 UTF-8 编码，请另存为 UTF-8 后重试")
    ]


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


@pytest.mark.parametrize("sign", ["\0", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\u202e"])
def test_control_characters_are_refused_in_every_format(sign: str) -> None:
    message = "第 2 个字是不可见的控制字符，请删除后重试"

    assert csv_faults(f"名称,城市\n甲,广{sign}州\n") == [(2, "B 列“城市”", message)]
    assert json_faults(f'{{"城市": "广\\u{ord(sign):04x}州"}}') == [(1, "城市", message)]


def test_control_character_in_a_heading_is_refused() -> None:
    assert csv_faults("名\x07称\n甲\n")[0] == (
        1,
        "A 列",
        "第 2 个字是不可见的控制字符，请删除后重试",
    )


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


def test_cell_longer_than_excel_allows_is_refused() -> None:
    assert csv_faults("a,b\n1," + "字" * 32_768) == [(2, "B 列“b”", "内容超过 32767 个字，请缩短")]


def test_every_fault_of_a_file_is_listed() -> None:
    assert [(line, field) for line, field, _ in csv_faults("a,b\n\x01,\x02\nx,y,z\n\x03\n")] == [
        (2, "A 列“a”"),
        (2, "B 列“b”"),
        (3, ""),
        (4, "A 列“a”"),
    ]


# Excel


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


def test_blank_rows_are_skipped_and_counted() -> None:
    table = read_table("a.xlsx", xlsx(["名称"], [None], ["甲"], [" "], [], ["乙"]))

    assert [row.line for row in table.rows] == [3, 6]
    assert table.letters == {"名称": "A"}


@pytest.mark.parametrize("number", [123456789012345678, 1e15, -1e15])
def test_number_whose_last_digits_excel_lost_is_refused(number: float) -> None:
    assert faults("a.xlsx", xlsx(["信用代码"], [number])) == [
        (
            2,
            "A 列“信用代码”",
            "数字超过 15 位，Excel 已丢失末尾的数字，请先把单元格格式设为“文本”，再重新填写",
        )
    ]


def test_chinese_date_format_without_a_name_is_a_date() -> None:
    plain = xlsx(["日期"], [46347])
    styles = part_of(plain, "xl/styles.xml")
    start = styles.index("<cellXfs")
    changed = styles[:start] + styles[start:].replace('numFmtId="0"', 'numFmtId="31"', 1)

    assert rows("a.xlsx", repacked(plain, {"xl/styles.xml": changed.encode()})) == [
        Row(2, {"日期": "2026-11-21"})
    ]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!"])
def test_error_cells_are_refused_with_their_place(error: str) -> None:
    assert faults("a.xlsx", xlsx(["名称", "年份"], ["甲", 2026], ["乙", error])) == [
        (3, "B 列“年份”", f"单元格是错误值 {error}，请改成正确的内容或清空")
    ]


def test_formula_never_computed_is_refused() -> None:
    assert faults("a.xlsx", xlsx(["名称", "和"], ["甲", "=1+1"])) == [
        (
            2,
            "B 列“和”",
            "公式还没有计算结果，请用 Excel 或 WPS 打开并保存一次，或粘贴为数值",
        )
    ]


def test_formula_gives_its_last_result() -> None:
    computed = (
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    )

    assert rows("a.xlsx", sheet_of(text_row(1, A="名称", B="说明") + computed)) == [
        Row(2, {"名称": "2"})
    ]


def test_first_visible_sheet_is_read() -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].sheet_state = "hidden"
    for title in ("二", "三"):
        sheet = workbook.create_sheet(title)
        sheet.append(["名称"])
        sheet.append([title])

    assert rows("a.xlsx", saved(workbook)) == [Row(2, {"名称": "二"})]


def test_shared_strings_are_read() -> None:
    strings = (
        f'<sst xmlns="{NAMESPACE}"><si><t>名称</t></si>'
        '<si><r><t>广</t></r><r><t>州</t></r><rPh sb="0" eb="1"><t>guang</t></rPh></si></sst>'
    )
    plain = sheet_of(
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row>'
    )
    types = part_of(plain, "[Content_Types].xml").replace(
        "</Types>",
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
    )
    content = repacked(
        plain,
        {"[Content_Types].xml": types.encode(), "xl/sharedStrings.xml": strings.encode()},
    )

    assert rows("a.xlsx", content) == [Row(2, {"名称": "广州"})]


def test_absurd_dimensions_are_quick() -> None:
    content = sheet_of(
        text_row(1, A="名称") + text_row(1_048_576, A="甲"), '<dimension ref="A1:XFD1048576"/>'
    )

    started = time.monotonic()
    read = rows("a.xlsx", content)

    assert time.monotonic() - started < 1
    assert read == [Row(1_048_576, {"名称": "甲"})]


def test_faulty_parts_behind_the_data_do_not_matter() -> None:
    content = sheet_of(
        text_row(1, A="名称") + text_row(2, A="甲"),
        behind='<autoFilter ref="no"/><mergeCells><x/></mergeCells>',
    )

    assert rows("a.xlsx", content) == [Row(2, {"名称": "甲"})]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.xlsx",
            "名称\n甲\n".encode(),
            "内容不是 Excel 工作簿；如果是 CSV，请把扩展名改为 .csv，否则请另存为 .xlsx",
        ),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
            "文件设有打开密码，或是旧版 .xls，请用 Excel 或 WPS 打开，取消密码后另存为 .xlsx",
        ),
        ("a.csv", xlsx(["a"], ["b"]), "内容是 Excel 工作簿，请把扩展名改为 .xlsx 后重试"),
        ("a.jsonl", xlsx(["a"], ["b"]), "内容是 Excel 工作簿，请把扩展名改为 .xlsx 后重试"),
        (
            "a.csv",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
            "内容是旧版 Excel 文件，请用 Excel 或 WPS 打开后另存为 .xlsx",
        ),
    ],
)
def test_renamed_files_are_recognised(name: str, content: bytes, message: str) -> None:
    assert faults(name, content) == [(1, "", message)]


def zip_of(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_encrypted_members_are_refused() -> None:
    content = bytearray(xlsx(["a"], ["b"]))
    content[content.index(b"PK\x01\x02") + 8] |= 1

    assert faults("a.xlsx", bytes(content)) == [
        (1, "", "文件设有密码，请用 Excel 或 WPS 打开，取消密码后另存为 .xlsx")
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04",
        xlsx(["a"], ["b"])[:-300],
        zip_of(hello=b"world"),
        sheet_of('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'),
        sheet_of('<row r="1"><c r="A1"><v>NaN</v></c></row>'),
        sheet_of('<row r="1"><c r="ZZZ1"><v>1</v></c></row><row>'),
        sheet_of(text_row(1, A="名称") + f'<row r="2">{"<c><v>1</v></c>" * 18_279}</row>'),
    ],
    ids=["header", "cut", "no-workbook", "string", "number", "xml", "column"],
)
def test_broken_workbooks_are_refused(content: bytes) -> None:
    assert faults("a.xlsx", content) == [(1, "", BROKEN)]


def test_damaged_workbooks_never_crash() -> None:
    whole = xlsx(["名称", "日期"], ["甲", dt.date(2026, 11, 21)], ["乙", 1.5])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    chance = random.Random(7)
    for _ in range(150):
        name = chance.choice(list(parts))
        part = bytearray(parts[name])
        for _ in range(3):
            part[chance.randrange(len(part))] = chance.choice(b'<>"/0a9 =&')
        with contextlib.suppress(InvalidFiles):
            read_table("a.xlsx", repacked(whole, {name: bytes(part)}))


# Bombs (THREATS A13)


def test_high_ratio_is_refused() -> None:
    started = time.monotonic()
    content = repacked(xlsx(["a"], ["b"]), {"xl/media/x.bin": bytes(51_000_000)})
    assert faults("a.xlsx", content) == [(1, "", BOMB)]
    assert time.monotonic() - started < 2


def test_large_sum_is_refused() -> None:
    content = bytearray(xlsx(["a"], ["b"]))
    # The size that the directory states for its first member.
    size = content.index(b"PK\x01\x02") + 24
    content[size : size + 4] = (300_000_001).to_bytes(4, "little")

    assert faults("a.xlsx", bytes(content)) == [(1, "", BOMB)]


def test_many_members_are_refused() -> None:
    extra = {f"xl/media/{number}.bin": b"" for number in range(1000)}

    assert faults("a.xlsx", repacked(xlsx(["a"], ["b"]), extra)) == [(1, "", BOMB)]


@pytest.mark.parametrize(
    "changed",
    [
        {SHEET: sheet_xml(f"<row>{'<c/>' * 300_001}</row>")},
        {SHEET: sheet_xml("<row/>" * 4_000_001)},
        {"xl/styles.xml": f"<styleSheet>{'<xf/>' * 300_001}</styleSheet>".encode()},
    ],
    ids=["row", "rows", "styles"],
)
def test_more_elements_than_memory_is_meant_for_are_refused(changed: dict[str, bytes]) -> None:
    assert faults("a.xlsx", repacked(xlsx(["a"], ["b"]), changed)) == [(1, "", BOMB)]


def test_huge_tag_is_refused() -> None:
    xml = f'<worksheet xmlns="{NAMESPACE}" x="{"y" * 2_000_000}"><sheetData/></worksheet>'

    assert faults("a.xlsx", repacked(xlsx(["a"], ["b"]), {SHEET: xml.encode()})) == [
        (1, "", BROKEN)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_entities_are_refused_in_every_part(part: str, encoding: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    xml = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><worksheet xmlns="{NAMESPACE}">&l8;</worksheet>'
    )

    started = time.monotonic()
    assert faults("a.xlsx", repacked(xlsx(["a"], ["b"]), {part: xml.encode(encoding)})) == [
        (1, "", BROKEN)
    ]
    assert time.monotonic() - started < 1


def test_text_repeated_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_CHARACTERS", 10)

    assert csv_faults("a\n12345\n12345\n") == [(3, "", "文件中的文字过多，请拆成几个文件分别导入")]


# JSON Lines


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
