"""One cell of any format as text: what a person would have typed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from common.text import clean_text

# Excel's own limit for one cell.
MAX_CELL = 32_767
# Digits on either side of the point: 10^40 is no quantity, and 1e999999999 would fill the memory.
MAX_DIGITS = 40
# A number in Excel holds 15 digits; the ones behind are already lost in the file.
EXCEL_DIGITS = 15

Value = str | list[str]


@dataclass(frozen=True)
class Unusable:
    """A cell that a format marks as no value: #N/A in Excel, NaN in JSON."""

    message: str


def as_value(raw: Any) -> Value:
    """A cell as text; "" or [] if it is empty. Raises ValueError in words for people.

    Decimal is a number as written; int and float are numbers as Excel stores them.
    """
    if isinstance(raw, list):
        return [text for item in raw if (text := _text(item))]
    return _text(raw)


def _text(raw: Any) -> str:  # noqa: PLR0911 - one line for each type
    match raw:
        case None:
            return ""
        case str():
            return _cleaned(raw)
        case bool():
            return "是" if raw else "否"
        case Decimal():
            return _number(raw)
        case int():
            return _excel_number(Decimal(raw))
        case float():
            # What Excel shows: 0.3 where the file says 0.30000000000000004.
            return _excel_number(Decimal(f"{raw:.{EXCEL_DIGITS}g}"))
        case dt.datetime():
            return _moment(raw)
        case dt.date():
            return raw.isoformat()
        case dt.time():
            return raw.isoformat("seconds").removesuffix(":00")
        case dt.timedelta():
            minutes, seconds = divmod(round(raw.total_seconds()), 60)
            hours, minutes = divmod(minutes, 60)
            return f"{hours:02}:{minutes:02}:{seconds:02}".removesuffix(":00")
        case Unusable():
            raise ValueError(raw.message)
    raise ValueError("只能是文字、数字、true/false，或由它们组成的数组，请不要嵌套")


def _cleaned(raw: str) -> str:
    if len(raw) > MAX_CELL:
        raise ValueError(f"内容超过 {MAX_CELL} 个字，请缩短")
    return clean_text(raw)


def _excel_number(number: Decimal) -> str:
    if number.adjusted() >= EXCEL_DIGITS:
        raise ValueError(
            f"数字超过 {EXCEL_DIGITS} 位，Excel 已丢失末尾的数字，"
            "请先把单元格格式设为“文本”，再重新填写"
        )
    return _number(number)


def _number(number: Decimal) -> str:
    """Without exponent, without zeros at the end: 3, 0.1, 12000000."""
    exponent = number.as_tuple().exponent
    if (
        not isinstance(exponent, int)  # infinite or not a number
        or number.adjusted() >= MAX_DIGITS
        or -exponent > MAX_DIGITS
    ):
        raise ValueError("数字过大或小数位过多，请核对")
    if not number:
        return "0"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(moment: dt.datetime) -> str:
    # Excel counts in fractions of a day: 18:00 may arrive as 17:59:59.9996.
    try:
        rounded = moment + dt.timedelta(microseconds=500_000)
    except OverflowError:
        raise ValueError("日期超出范围，请核对") from None
    return rounded.isoformat(" ", "seconds").removesuffix(":00").removesuffix(" 00:00")
