"""CSV with commas, as Excel writes it (RFC 4180)."""

from __future__ import annotations

import csv
import io

from imports.readers.encoding import decoded
from imports.readers.grid import Grid, read_grid
from imports.readers.table import Reading

_OTHER_DELIMITERS = {";": "分号", "；": "分号", "，": "全角逗号", "\t": "制表符", "|": "竖线"}


def read_csv(reading: Reading, content: bytes) -> dict[str, str]:
    text = decoded(reading, content, "在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重试")
    return read_grid(reading, _grid(reading, text))


def _grid(reading: Reading, text: io.StringIO) -> Grid:
    reader = csv.reader(text, strict=True)
    width = 0
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # What follows a broken quote cannot be told apart any more.
            reading.fault(line, _quoting(str(error)))
            return
        cells = {column: raw for column, raw in enumerate(record, 1) if raw.strip()}
        if not cells:
            continue
        if not width:
            _check_delimiter(reading, record)
            width = len(record)
        if max(cells) > width:
            reading.fault(
                line,
                f"这一行有 {max(cells)} 格，列名只有 {width} 个；"
                "内容含逗号时，请用英文双引号把整格括起来",
            )
        yield line, {column: raw for column, raw in cells.items() if column <= width}


def _check_delimiter(reading: Reading, headings: list[str]) -> None:
    found = [_OTHER_DELIMITERS[sign] for sign in headings[0] if sign in _OTHER_DELIMITERS]
    if found and len(headings) == 1:
        reading.refuse(
            f"各列似乎是用{found[0]}分隔的，请改用英文逗号，"
            "或在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重试"
        )


def _quoting(error: str) -> str:
    if "unexpected end" in error or "field larger" in error:
        return "从这一行开始的英文双引号没有闭合，请补上右引号"
    return '英文双引号的用法有误，格内的双引号请写成两个（""），并把整格括起来'
