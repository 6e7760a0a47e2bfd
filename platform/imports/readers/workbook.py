"""Excel workbooks (.xlsx): the cells of the first sheet that a person sees."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.worksheet import _reader as worksheet_xml

from imports.readers.archive import BREAKS, BROKEN, check_archive
from imports.readers.encoding import OLE, ZIP
from imports.readers.grid import Grid, read_grid
from imports.readers.table import Reading
from imports.readers.values import Unusable

# Date formats of Chinese Excel that files use by number alone (ECMA-376 part 1, 18.8.30, zh-cn).
CHINESE_DATE_FORMATS = frozenset([*range(27, 37), *range(50, 59)])


def read_xlsx(reading: Reading, content: bytes) -> dict[str, str]:
    if content.startswith(OLE):
        reading.refuse(
            "文件设有打开密码，或是旧版 .xls，请用 Excel 或 WPS 打开，取消密码后另存为 .xlsx"
        )
    if not content.startswith(ZIP):
        reading.refuse("内容不是 Excel 工作簿；如果是 CSV，请把扩展名改为 .csv，否则请另存为 .xlsx")
    check_archive(reading, content)
    # openpyxl warns of what it leaves out: drop-downs, default styles.
    with warnings.catch_warnings(action="ignore"):
        return read_grid(reading, _grid(reading, content))


def _grid(reading: Reading, content: bytes) -> Grid:
    try:
        workbook: Any = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        with closing(workbook):
            sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                reading.refuse("工作簿中没有可见的工作表，请把数据放在第一个工作表")
            for line, cells in _xml_rows(workbook, sheets[0]):
                row = {cell["column"]: cell["value"] for cell in cells if _has_content(cell)}
                if row:
                    get_column_letter(max(row))  # ValueError: no such column
                    yield line, row
    except BREAKS:
        reading.refuse(BROKEN)


def _has_content(cell: dict[str, Any]) -> bool:
    value = cell["value"]
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _xml_rows(workbook: Any, sheet: Any) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """The rows that are written down, each with its number and cells.

    ``ReadOnlyWorksheet.iter_rows`` would make up the missing ones, to the last of a million; and
    ``WorkSheetParser.parse`` fails on faulty filters and formats behind the data.
    """
    chinese_dates = {
        index
        for index, style in enumerate(workbook._cell_styles)
        if style.numFmtId in CHINESE_DATE_FORMATS
    }
    with sheet._get_source() as source:
        parser = _CellParser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=workbook.epoch,
            date_formats=workbook._date_formats | chinese_dates,
            timedelta_formats=workbook._timedelta_formats,
        )
        for _, element in ET.iterparse(source):  # noqa: S314 - after _XmlGuard
            if element.tag == worksheet_xml.ROW_TAG:
                if not any(len(cell) for cell in element):
                    del element[:]  # cells that have a format alone, up to a million rows of them
                yield parser.parse_row(element)  # type: ignore[arg-type]
                element.clear()
            elif element.tag == worksheet_xml.DATA_TAG:
                return


class _CellParser(worksheet_xml.WorkSheetParser):
    """openpyxl's parser, which tells apart empty cells, errors and formulas never computed."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        value = cell["value"]
        if cell["data_type"] == "e" and value is not None:
            cell["value"] = Unusable(f"单元格是错误值 {value}，请改成正确的内容或清空")
        elif (
            value is None
            and cell["data_type"] == "n"  # not the empty text that ="" gives
            and element.find(worksheet_xml.FORMULA_TAG) is not None
        ):
            cell["value"] = Unusable(
                "公式还没有计算结果，请用 Excel 或 WPS 打开并保存一次，或粘贴为数值"
            )
        elif isinstance(value, str):
            cell["value"] = value.replace("_x000D_", "\r")  # how Excel writes that character
        return cell
