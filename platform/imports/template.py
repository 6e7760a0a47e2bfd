"""The workbook that people fill in: headings, drop-downs, what columns mean, lists of codes."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.xml.functions import tostring

from imports.readers import MAX_ROWS

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.packaging.core import DocumentProperties
    from openpyxl.worksheet.worksheet import Worksheet

    from imports.columns import Column  # at run time it would bring Django in

GUIDE = "填写说明"
CHOICES = "选项"
GUIDE_HEADINGS = ("列名", "是否必填", "说明", "示例", "可选值")
REQUIRED_MARK = " *"
# Excel's limit for the name of a sheet.
MAX_TITLE = 31

# The same columns give the same bytes: a template can be compared, cached and checked.
_MADE = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - openpyxl takes naive UTC
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_REFUSED_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_HEADING_FONT = Font(bold=True, color="FFFFFF")
_HEADING_FILL = PatternFill("solid", fgColor="1F4E79")
_HEADING_ALIGNMENT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_TEXT_ALIGNMENT = Alignment(vertical="top", wrap_text=True)
_HEADING_HEIGHT = 30  # points: two lines
_GUIDE_WIDTHS = (20, 10, 60, 34, 44)
# "@" is Text: a credit code keeps its 18 digits, 3-5 does not become the 5th of March.
_TEXT_FORMAT = "@"


def template_workbook(
    title: str, columns: Sequence[Column], lists: Mapping[str, Sequence[Sequence[str]]]
) -> bytes:
    """An .xlsx: the sheet to fill in, 填写说明, and one sheet for each of ``lists``.

    The first row of a list is its heading. Widths are in characters, heights in points.
    """
    workbook = Workbook()
    sheet: Worksheet = workbook.worksheets[0]
    sheet.title = _sheet_title(title)
    _fill_data_sheet(sheet, columns)
    _fill_guide(workbook.create_sheet(GUIDE), columns)
    for name, rows in lists.items():
        _fill_list(workbook.create_sheet(_sheet_title(name)), rows)
    _add_choices(workbook, sheet, columns)
    return _saved(workbook)


def safe_text(text: str) -> str:
    """``text`` that no spreadsheet takes for a formula, even by way of a CSV (THREATS A11)."""
    plain = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{plain}" if plain.startswith(_FORMULA_STARTS) else plain


def _sheet_title(text: str) -> str:
    return _REFUSED_IN_TITLES.sub(" ", text).strip(" '")[:MAX_TITLE] or "数据"


def _fill_data_sheet(sheet: Worksheet, columns: Sequence[Column]) -> None:
    # No example row: people forget to delete it, and then it is imported.
    headings = [f"{each.heading}{REQUIRED_MARK if each.required else ''}" for each in columns]
    _write_headings(sheet, headings)
    for number, (column, heading) in enumerate(zip(columns, headings, strict=True), 1):
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = _fitting([heading, column.example, *column.choices], 14, 36)
        dimension.number_format = _TEXT_FORMAT
        dimension.alignment = _TEXT_ALIGNMENT


def _fill_guide(sheet: Worksheet, columns: Sequence[Column]) -> None:
    _write_headings(sheet, GUIDE_HEADINGS)
    _write_rows(sheet, [_guide_row(column) for column in columns])
    _set_widths(sheet, _GUIDE_WIDTHS)


def _guide_row(column: Column) -> list[str]:
    return [
        column.heading,
        "必填" if column.required else "选填",
        column.help,
        column.example,
        "、".join(column.choices),
    ]


def _fill_list(sheet: Worksheet, rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        return
    _write_headings(sheet, rows[0])
    _write_rows(sheet, rows[1:])
    columns = list(zip(*rows, strict=True))
    _set_widths(sheet, [_fitting(texts, 10, 60) for texts in columns])


def _add_choices(workbook: Workbook, sheet: Worksheet, columns: Sequence[Column]) -> None:
    """Drop-downs, from a hidden sheet: written into the rule, a list may not pass 255 characters.

    A column of several values has none, for a drop-down allows only one.
    """
    closed = [(n, each) for n, each in enumerate(columns, 1) if each.choices and not each.split]
    if not closed:
        return
    source = workbook.create_sheet(CHOICES)
    source.sheet_state = "hidden"
    for position, (number, column) in enumerate(closed, 1):
        for row, choice in enumerate(column.choices, 1):
            _write(source, row, position, choice)
        area = f"${get_column_letter(position)}$1:${get_column_letter(position)}${row}"
        rule = DataValidation(
            type="list",
            formula1=f"{quote_sheetname(source.title)}!{area}",
            allow_blank=True,
            showErrorMessage=True,
            errorTitle="请从列表中选择",
            error=f"“{column.heading}”只能填写下拉列表中的内容。",
        )
        letter = get_column_letter(number)
        rule.add(f"{letter}2:{letter}{MAX_ROWS + 1}")
        sheet.add_data_validation(rule)


def _write_headings(sheet: Worksheet, headings: Sequence[str]) -> None:
    for number, heading in enumerate(headings, 1):
        cell = _write(sheet, 1, number, heading)
        cell.font = _HEADING_FONT
        cell.fill = _HEADING_FILL
        cell.alignment = _HEADING_ALIGNMENT
    sheet.row_dimensions[1].height = _HEADING_HEIGHT
    sheet.freeze_panes = "A2"


def _write_rows(sheet: Worksheet, rows: Sequence[Sequence[str]]) -> None:
    for line, row in enumerate(rows, 2):
        for number, text in enumerate(row, 1):
            _write(sheet, line, number, text).alignment = _TEXT_ALIGNMENT


def _write(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    cell = cast("Cell", sheet.cell(row, column))  # nothing is merged here
    cell.value = safe_text(text) or None
    cell.number_format = _TEXT_FORMAT
    return cell


def _set_widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def _fitting(texts: Sequence[str], least: int, most: int) -> int:
    """The column width that shows the longest line; a Chinese character counts two."""
    lines = [line for text in texts for line in text.split("\n")]
    return max(least, min(most, 3 + max(map(_width, lines), default=0)))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def _saved(workbook: Workbook) -> bytes:
    made = io.BytesIO()
    workbook.save(made)
    # Saving writes the hour into the properties and into every member of the archive.
    properties: DocumentProperties = workbook.properties
    properties.creator = "SceneBridge"
    properties.created = properties.modified = _MADE
    replaced = {"docProps/core.xml": tostring(properties.to_tree())}
    fixed = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, _MADE.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, replaced.get(name) or source.read(name))
    return fixed.getvalue()
