"""Money: integer fen inside, read and written as people do (UX.md, conventions)."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal

from common.errors import InvalidInput

MAX_FEN = 2**63 - 1  # BIGINT
FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000
FEN_PER_YI = 10_000_000_000
_UNITS = {"": FEN_PER_YUAN, "元": FEN_PER_YUAN, "万": FEN_PER_WAN, "亿": FEN_PER_YI}


def parse_fen(text: str) -> int:
    """Fen out of ``1,200,000``, ``¥100``, ``1200万``, ``1.5 亿元``; no unit means 元.

    Raises InvalidInput, in words for whoever typed it.
    """
    plain = re.sub(r"[\s,，¥￥]", "", text)
    found = re.fullmatch(r"([0-9]{1,20})(?:\.([0-9]{1,10}))?(?:([万亿]?)元?)", plain)
    if found is None:
        raise InvalidInput("无法识别这个金额，请填写数字，例如 1200000、1,200,000 或 120 万。")
    whole, decimals, unit = found[1], found[2] or "", found[3]
    scale: int = 10 ** len(decimals)
    fen, rest = divmod(int(whole + decimals) * _UNITS[unit], scale)
    if rest:
        raise InvalidInput("金额最多精确到分。")
    if fen > MAX_FEN:
        raise InvalidInput("金额过大，请核对单位。")
    return fen


def say_fen(fen: int) -> str:
    """亿元 from one 亿, 万元 from one 万, else 元; whole values without decimals."""
    for unit, name in ((FEN_PER_YI, "亿元"), (FEN_PER_WAN, "万元")):
        if abs(fen) >= unit:
            return f"{_decimal(fen, unit)} {name}"
    return f"{_decimal(fen, FEN_PER_YUAN)} 元"


def _decimal(fen: int, unit: int) -> str:
    value = (Decimal(fen) / unit).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    return f"{value:,.2f}".removesuffix(".00")
