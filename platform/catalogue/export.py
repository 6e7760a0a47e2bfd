"""An edition as a workbook: the official list with its number, to print or to work with."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties

from catalogue.editions import COLUMNS, Entry
from imports.template import safe_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

# 黑体 for headings, 仿宋 for text; a machine without them falls back by itself.
_TITLE = Font(name="SimHei", size=18)
_HEADING = Font(name="SimHei", size=11)
_TEXT = Font(name="FangSong", size=11)
_LINE = Side(style="thin", color="808080")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_WRAPPED = Alignment(vertical="top", wrap_text=True)
# By the columns of an official list, after 序号; in characters.
_WIDTHS = (6, 24, 8, 16, 40, 24, 28, 18, 22, 14, 14, 36)
# "@" is Text: a credit code keeps its 18 digits, 3-5 does not become the 5th of March.
_TEXT_FORMAT = "@"
# A4, landscape: openpyxl's numbers.
_A4 = 9


def edition_workbook(title: str, lines: Sequence[str], entries: Sequence[Entry]) -> bytes:
    """An .xlsx; ``lines`` stand between the title and the table, such as number and date."""
    workbook = Workbook()
    sheet: Worksheet = workbook.worksheets[0]
    sheet.title = "首购目录"
    headings = ["序号", *(str(label) for label, _ in COLUMNS)]
    for row, text in enumerate([title, *lines], 1):
        _write(sheet, row, 1, text, _TITLE if row == 1 else _TEXT)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(headings))
        sheet.cell(row, 1).alignment = Alignment(horizontal="center" if row == 1 else "left")
    top = len(lines) + 2
    for column, heading in enumerate(headings, 1):
        _write(sheet, top, column, heading, _HEADING, framed=True)
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS[column - 1]
    for place, entry in enumerate(entries, 1):
        sheet.cell(top + place, 1, place).font = _TEXT
        sheet.cell(top + place, 1).border = _BORDER
        for column, (_, say) in enumerate(COLUMNS, 2):
            _write(sheet, top + place, column, say(entry), _TEXT, framed=True)
    sheet.freeze_panes = f"A{top + 1}"
    sheet.print_title_rows = f"{top}:{top}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="第 &P 页 / 共 &N 页"))
    made = io.BytesIO()
    workbook.save(made)
    return made.getvalue()


def _write(
    sheet: Worksheet, row: int, column: int, text: str, font: Font, *, framed: bool = False
) -> None:
    cell = sheet.cell(row, column)
    cell.value = safe_text(text) or None
    cell.number_format = _TEXT_FORMAT
    cell.font = font
    cell.alignment = _WRAPPED
    if framed:
        cell.border = _BORDER
