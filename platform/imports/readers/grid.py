"""Tables whose headings stand in the first row: CSV and Excel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openpyxl.utils import get_column_letter

from imports.readers.table import EMPTY, Reading, clean_heading, place
from imports.readers.values import Value

MAX_COLUMNS = 1000  # 平台默认

# Lines with content: the number, and what stands in the columns (from 1), as it was read.
Grid = Iterator[tuple[int, dict[int, Any]]]


def read_grid(reading: Reading, grid: Grid) -> dict[str, str]:
    """Take over the rows; gives each heading the letter of its column."""
    line, cells = next(grid, (0, {}))
    if not line:
        reading.check()
        reading.refuse(EMPTY)
    if line > 1:
        reading.refuse("第 1 行没有列名，请删除上方的空行或标题，让列名位于第 1 行")
    if max(cells) > MAX_COLUMNS:
        reading.refuse(f"超过 {MAX_COLUMNS} 列，请只保留要导入的列")
    headings = _headings(reading, cells)
    nameless: set[int] = set()
    for line, cells in grid:
        values: dict[str, Value] = {}
        for column, raw in cells.items():
            letter = get_column_letter(column)
            heading = headings.get(column, "")
            value = reading.value(line, place(heading, letter), raw)
            if value is None:
                continue
            if heading:
                values[heading] = value
            elif column not in nameless:
                nameless.add(column)
                reading.fault(line, _nameless(letter), place("", letter))
        reading.add(line, values)
    return {heading: get_column_letter(column) for column, heading in headings.items()}


def _headings(reading: Reading, cells: dict[int, Any]) -> dict[int, str]:
    headings: dict[int, str] = {}
    letters: dict[str, str] = {}
    for column, raw in cells.items():
        letter = get_column_letter(column)
        heading = clean_heading(str(reading.value(1, place("", letter), raw) or ""))
        if not heading:
            continue
        if heading in letters:
            reading.fault(
                1,
                f"列名重复，{letters[heading]} 列也叫这个名称，请改名或删除其中一列",
                place(heading, letter),
            )
        letters.setdefault(heading, letter)
        headings[column] = heading
    return headings


def _nameless(letter: str) -> str:
    return (
        f"这一列有内容，但第 1 行没有列名，请在 {letter}1 填写列名或清空这一列"
        "（列名必须位于第 1 行，上方不能有合并的标题行）"
    )
