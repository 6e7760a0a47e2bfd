"""What pydantic finds wrong, in words for the people who typed it."""

from __future__ import annotations

import re

from pydantic_core import ErrorDetails

# By pydantic's error type; braces take the values of the error's context.
MESSAGES = {
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "date_from_datetime_parsing": "应为日期，例如 2026-11-21",
    "date_parsing": "应为日期，例如 2026-11-21",
    "date_type": "应为日期，例如 2026-11-21",
    "dict_type": "应为“名称: 值”的结构",
    "enum": "应为以下之一：{expected}",
    "extra_forbidden": "没有这个名称的项，请检查拼写",
    "greater_than_equal": "不能小于 {ge}",
    "int_from_float": "应为整数",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "less_than_equal": "不能大于 {le}",
    "list_type": "应为列表",
    "literal_error": "应为以下之一：{expected}",
    "missing": "缺少这一项",
    "model_type": "应为“名称: 值”的结构",
    "datetime_from_date_parsing": "应为时间，例如 2026-11-21 18:00",
    "datetime_parsing": "应为时间，例如 2026-11-21 18:00",
    "datetime_type": "应为时间，例如 2026-11-21 18:00",
    "finite_number": "应为有限的数",
    "int_parsing_size": "数字过大",
    "string_pattern_mismatch": "格式不符，应匹配 {pattern}",
    "string_too_long": "最多 {max_length} 个字",
    "string_too_short": "不能为空",
    "string_type": "应为文字（数字请加引号）",
    "string_unicode": "含有不完整的字符",
    "timezone_aware": "时间要注明时区，例如 2026-11-21T18:00+08:00",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少要有 {min_length} 项",
    "uuid_parsing": "应为 UUID",
    "uuid_type": "应为 UUID",
}


def explain(error: ErrorDetails) -> str:
    """One sentence for one fault; a type without a sentence of its own keeps pydantic's."""
    context = error.get("ctx", {})
    kind = error["type"]
    if kind == "value_error":
        return str(context["error"])
    if kind == "json_invalid":
        return _not_json(str(context["error"]))
    if "expected" in context:
        context = {**context, "expected": context["expected"].replace("' or '", "' 或 '")}
    # The length of a text that was cleaned first is told like the length of a list.
    if kind in {"too_long", "too_short"} and isinstance(error["input"], str):
        kind = f"string_{kind}"
    message = MESSAGES.get(kind)
    return message.format(**context) if message else error["msg"]


def _not_json(told: str) -> str:
    """``told`` is pydantic's English, which ends in the place."""
    place = re.search(r"line (\d+) column (\d+)$", told)
    where = f"第 {place[1]} 行第 {place[2]} 列附近" if place else ""
    return f"{where}不是有效的 JSON，请检查引号、逗号和括号"
