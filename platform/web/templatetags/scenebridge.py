"""Formats that pages share (UX.md, conventions)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate

from django import template

from common.money import FEN_PER_YUAN, say_fen
from matching.explanations import Part
from matching.queries import MAXIMUM
from taxonomy.models import Concept

register = template.Library()


@register.filter
def money(fen: int | None) -> str:
    """Fen in the unit that readers expect (``common.money.say_fen``)."""
    return "—" if fen is None else say_fen(fen)


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as 元 with thousands separators and two decimals, for calculations."""
    return "—" if fen is None else f"{Decimal(fen) / FEN_PER_YUAN:,.2f} 元"


@register.filter
def hundredths(points: int, decimals: int = 2) -> str:
    """A score, which counts up to MAXIMUM, as readers know it: out of 100."""
    share = Decimal(points) * 100 / MAXIMUM
    return str(share.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


@register.filter
def told_apart(concepts: Iterable[Concept]) -> list[tuple[Concept, str]]:
    """Each tag of a record, with the short title of its scheme where another has its label."""
    shown = list(concepts)
    labels = Counter(concept.label for concept in shown)
    return [
        (concept, concept.scheme.short_title if labels[concept.label] > 1 else "")
        for concept in shown
    ]


@register.filter
def segments(parts: Iterable[Part]) -> list[tuple[Part, int]]:
    """Each part with the place at which its segment of a bar of MAXIMUM begins."""
    shown = list(parts)
    starts = accumulate((part.maximum for part in shown), initial=0)
    return list(zip(shown, starts, strict=False))
