"""The workbook to fill in: what Excel shows, and that the reader takes it back."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from common.errors import InvalidFiles
from imports.columns import Column
from imports.importable import importable, kinds
from imports.readers import MAX_ROWS, Row, read_table
from imports.template import safe_text, template_workbook

COLUMNS = [
    Column("name", "名称", "机构的全称。", example="广州某某科技有限公司", required=True),
    Column("kind", "类型", "机构的类型。", choices=("企业", "高校"), required=True),
    Column(
        "tags",
        "标签",
        "所属产业，用；分隔",
        example="人工智能；机器人",
        split=True,
        choices=("甲", "乙"),
    ),
    Column("note", "备注（不超过 200 字）", "随意。", example="=1+1"),
]
LISTS = {
    "产业标签": [["代码", "名称"], ["ai", "人工智能"], ["-x", "@某"]],
    "城市": [["名称"], ["广州"]],
}


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def made() -> openpyxl.Workbook:
    return opened(template_workbook("场景", COLUMNS, LISTS))


def texts(sheet: Any) -> list[list[str | None]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_sheets_hold_headings_guide_and_lists() -> None:
    workbook = made()

    assert [(sheet.title, sheet.sheet_state) for sheet in workbook.worksheets] == [
        ("场景", "visible"),
        ("填写说明", "visible"),
        ("产业标签", "visible"),
        ("城市", "visible"),
        ("选项", "hidden"),
    ]
    assert texts(workbook["场景"]) == [["名称 *", "类型 *", "标签", "备注（不超过 200 字）"]]
    assert texts(workbook["填写说明"]) == [
        ["列名", "是否必填", "说明", "示例", "可选值"],
        ["名称", "必填", "机构的全称。", "广州某某科技有限公司", None],
        ["类型", "必填", "机构的类型。", None, "企业、高校"],
        ["标签", "选填", "所属产业，用；分隔", "人工智能；机器人", "甲、乙"],
        ["备注（不超过 200 字）", "选填", "随意。", "'=1+1", None],
    ]
    assert texts(workbook["产业标签"]) == [["代码", "名称"], ["ai", "人工智能"], ["'-x", "'@某"]]


@pytest.mark.parametrize("kind", kinds())
def test_guide_says_once_how_several_values_are_told_apart(kind: str) -> None:
    """In the words of each column: a general sentence behind them would say it again."""
    columns = importable(kind).columns

    guide = texts(opened(template_workbook(kind, columns, {}))["填写说明"])[1:]

    told = {heading: str(text).count("用；分隔") for heading, _, text, *_ in guide}
    assert told == {each.heading: int(each.split) for each in columns}
    assert [text for _, _, text, *_ in guide] == [each.help for each in columns]


def test_reader_takes_the_headings_back_and_finds_no_rows() -> None:
    content = template_workbook("场景", COLUMNS, LISTS)

    with pytest.raises(InvalidFiles) as caught:
        read_table("a.xlsx", content)

    assert [each.message for each in caught.value.problems] == [
        "文件只有列名，没有数据行，请从第 2 行起填写后重新上传"
    ]


def test_filled_template_is_read_by_its_headings() -> None:
    workbook = made()
    workbook["场景"].append(["甲公司", "企业", None, "914401011234567890"])
    file = io.BytesIO()
    workbook.save(file)

    table = read_table("a.xlsx", file.getvalue())

    assert table.headings == ["名称", "类型", "标签", "备注(不超过 200 字)"]
    assert table.rows == [
        Row(2, {"名称": "甲公司", "类型": "企业", "备注(不超过 200 字)": "914401011234567890"})
    ]


def test_drop_downs_stand_on_closed_single_columns() -> None:
    workbook = made()

    rules = workbook["场景"].data_validations.dataValidation

    assert [(str(rule.sqref), rule.type, rule.formula1) for rule in rules] == [
        (f"B2:B{MAX_ROWS + 1}", "list", "'选项'!$A$1:$A$2")
    ]
    assert rules[0].showErrorMessage
    assert texts(workbook["选项"]) == [["企业"], ["高校"]]


def test_no_choices_make_no_sheet() -> None:
    workbook = opened(template_workbook("场景", COLUMNS[:1], {}))

    assert workbook.sheetnames == ["场景", "填写说明"]


def test_headings_stand_out_and_stay() -> None:
    for sheet in made().worksheets[:4]:
        first: Any = sheet["A1"]
        assert (first.font.b, first.fill.fill_type, first.alignment.wrap_text) == (
            True,
            "solid",
            True,
        )
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref is None


def test_columns_are_as_wide_as_their_texts_and_keep_digits() -> None:
    sheet: Any = made()["场景"]

    dimensions = [sheet.column_dimensions[letter] for letter in "ABCD"]

    assert [each.width for each in dimensions] == [23, 14, 19, 24]
    assert [each.number_format for each in dimensions] == ["@"] * 4


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formula_starts_are_neutralised(start: str) -> None:
    assert safe_text(f"{start}1") == f"'{start}1"


def test_no_text_of_the_data_becomes_a_formula() -> None:
    evil = "=HYPERLINK(1)"
    column = Column("a", evil, evil, example=evil, choices=(evil,), required=True)

    workbook = opened(template_workbook(evil, [column], {evil: [[evil], [evil]]}))

    cells = [cell for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    assert not [cell for cell in cells if str(cell.value).startswith("=")]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("产业/标签:1", "产业 标签 1"),
        ("长" * 40, "长" * 31),
        ("'[]'", "数据"),
        ("填写说明", "填写说明"),
    ],
)
def test_titles_fit_what_excel_allows(title: str, name: str) -> None:
    assert opened(template_workbook(title, COLUMNS, {})).sheetnames[0] == name


def test_control_characters_of_the_data_are_left_out() -> None:
    workbook = opened(template_workbook("场景", COLUMNS, {"城市": [["名称"], ["广\x07州"]]}))

    assert texts(workbook["城市"]) == [["名称"], ["广州"]]


def test_same_columns_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = template_workbook("场景", COLUMNS, LISTS)
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.0)

    assert template_workbook("场景", COLUMNS, LISTS) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(2026, 1, 1, 0, 0, 0)}
        assert archive.read("docProps/core.xml").count(b"2026-01-01T00:00:00Z") == 2
