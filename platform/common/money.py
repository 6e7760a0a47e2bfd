"""Money: integer fen inside, read and written as people do (UX.md, conventions)."""

from __future__ import annotations

import re
from decimal import Decimal

from common.errors import InvalidInput

MAX_FEN = 2**63 - 1  # BIGINT
FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000
FEN_PER_YI = 10_000_000_000
_UNITS = {"": FEN_PER_YUAN, "万": FEN_PER_WAN, "亿": FEN_PER_YI}


_WRITTEN = re.compile(
    r"[¥￥]?\s*([0-9]{1,20}|[0-9]{1,3}(?:[,，][0-9]{3}){1,6})(?:\.([0-9]{1,10}))?\s*([万亿]?)元?"
)


def parse_fen(text: str) -> int:
    """Fen out of ``1,200,000``, ``¥100``, ``1200万``, ``1.5 亿元``; no unit means 元.

    Separators must stand where thousands end: 1，5万 is a slip, not 15 万. Raises InvalidInput,
    in words for whoever typed it.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise InvalidInput("无法识别这个金额，请填写数字，例如 1200000、1,200,000 或 120 万。")
    whole, decimals, unit = re.sub("[,，]", "", found[1]), found[2] or "", found[3]
    scale: int = 10 ** len(decimals)
    fen, rest = divmod(int(whole + decimals) * _UNITS[unit], scale)
    if rest:
        raise InvalidInput("金额最多精确到分。")
    if fen > MAX_FEN:
        raise InvalidInput("金额过大，请核对单位。")
    return fen


def say_fen(fen: int) -> str:
    """The largest of 亿元, 万元, 元 that two decimals hold exactly; 3 万元, not 3.00."""
    for unit, name in ((FEN_PER_YI, "亿元"), (FEN_PER_WAN, "万元")):
        if abs(fen) >= unit and fen * 100 % unit == 0:
            return f"{_decimal(fen, unit)} {name}"
    return f"{_decimal(fen, FEN_PER_YUAN)} 元"


def _decimal(fen: int, unit: int) -> str:
    return f"{Decimal(fen) / unit:,.2f}".removesuffix(".00")
