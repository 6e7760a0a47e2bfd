"""Formats that pages share (UX.md, conventions)."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from django import template

register = template.Library()

FEN_PER_WAN = 1_000_000
FEN_PER_YI = 10_000_000_000


@register.filter
def money(fen: int | None) -> str:
    """Fen as readers say it: 亿元 from one 亿, 万元 from one 万, else 元."""
    if fen is None:
        return "—"
    if abs(fen) >= FEN_PER_YI:
        return f"{_decimal(fen, FEN_PER_YI)} 亿元"
    if abs(fen) >= FEN_PER_WAN:
        return f"{_decimal(fen, FEN_PER_WAN)} 万元"
    return f"{_decimal(fen, 100)} 元"


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as 元 with thousands separators and two decimals, for calculations."""
    return "—" if fen is None else f"{Decimal(fen) / 100:,.2f} 元"


def _decimal(fen: int, unit: int) -> str:
    value = (Decimal(fen) / unit).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    return f"{value:,.2f}".removesuffix(".00")
