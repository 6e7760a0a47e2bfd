"""JSON Lines: one object on each line, its keys the headings."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from imports.readers.encoding import decoded
from imports.readers.table import Reading, clean_heading
from imports.readers.values import Unusable, Value


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent past 10^18: as unusable as infinity
        return Decimal("Infinity")


_DECODER = json.JSONDecoder(
    # An object stays as written, duplicate keys and all; arrays are lists.
    object_pairs_hook=tuple,
    parse_int=_number,
    parse_float=_number,
    parse_constant=lambda name: Unusable(f"不能使用 {name}，没有数值时请写 null"),
)


def read_jsonl(reading: Reading, content: bytes) -> dict[str, str]:
    headings: dict[str, str] = {}
    for line, ended in enumerate(decoded(reading, content, "另存为 UTF-8 后重试"), 1):
        written = ended.rstrip()
        if not written:
            continue
        try:
            data = _DECODER.decode(written)
        except json.JSONDecodeError as error:
            reading.fault(
                line,
                f"第 {error.pos + 1} 个字附近不是有效的 JSON，请检查引号、逗号和括号"
                "（每行写一个完整的对象）",
            )
            continue
        except RecursionError:
            reading.fault(line, "嵌套层数过多，请每行写一个不嵌套的对象")
            continue
        if isinstance(data, tuple):
            values = _values(reading, line, data)
            headings |= dict.fromkeys(values, "")
            reading.add(line, {key: value for key, value in values.items() if value is not None})
        else:
            reading.fault(line, '这一行不是 JSON 对象，应形如 {"名称": "值"}')
    return headings


def _values(
    reading: Reading, line: int, pairs: tuple[tuple[str, Any], ...]
) -> dict[str, Value | None]:
    values: dict[str, Value | None] = {}
    for key, raw in pairs:
        try:
            heading = clean_heading(key)
        except ValueError as error:
            reading.fault(line, f"键不能使用：{error}")
            continue
        if not heading:
            reading.fault(line, "有一个键是空的，请写上名称")
        elif heading in values:
            reading.fault(line, "这个键在同一行中出现了两次，请删除其中一个", heading)
        else:
            values[heading] = reading.value(line, heading, raw)
    return values
