"""Excel: the sheet, its rows, formulas and errors; broken workbooks."""

import contextlib
import datetime as dt
import io
import random
import zipfile

import openpyxl
import pytest

from common.errors import InvalidFiles
from imports.readers import Row, read_table
from tests.imports.readers.samples import (
    BROKEN,
    NAMESPACE,
    faults,
    part_of,
    repacked,
    rows,
    saved,
    sheet_of,
    text_row,
    xlsx,
)
from tests.timing import quick


def test_blank_rows_are_skipped_and_counted() -> None:
    table = read_table("a.xlsx", xlsx(["名称"], [None], ["甲"], [" "], [], ["乙"]))

    assert [row.line for row in table.rows] == [3, 6]
    assert table.letters == {"名称": "A"}


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

    with quick(1):
        read = rows("a.xlsx", content)

    assert read == [Row(1_048_576, {"名称": "甲"})]


def test_faulty_parts_behind_the_data_do_not_matter() -> None:
    content = sheet_of(
        text_row(1, A="名称") + text_row(2, A="甲"),
        behind='<autoFilter ref="no"/><mergeCells><x/></mergeCells>',
    )

    assert rows("a.xlsx", content) == [Row(2, {"名称": "甲"})]


def zip_of(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


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
