"""Formats that pages share (UX.md, conventions)."""

from __future__ import annotations

from decimal import Decimal

from django import template

from common.money import FEN_PER_YUAN, say_fen

register = template.Library()


@register.filter
def money(fen: int | None) -> str:
    """Fen in the unit that readers expect (``common.money.say_fen``)."""
    return "—" if fen is None else say_fen(fen)


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as 元 with thousands separators and two decimals, for calculations."""
    return "—" if fen is None else f"{Decimal(fen) / FEN_PER_YUAN:,.2f} 元"
