"""Formats that pages share (UX.md, conventions)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import template
from django.utils.safestring import SafeString

from common.contact import mask_email, mask_phone
from common.money import FEN_PER_YUAN, say_fen
from matching.queries import Fit, Match
from taxonomy.models import Concept
from web.explained import Tables, bar, hundredths

register = template.Library()
register.filter(bar)
register.filter(hundredths)
register.filter("masked_email", mask_email)
register.filter("masked_phone", mask_phone)


@register.filter
def money(fen: int | None) -> str:
    """Fen in the unit that readers expect (``common.money.say_fen``)."""
    return "—" if fen is None else say_fen(fen)


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as 元 with thousands separators and two decimals, for calculations."""
    return "—" if fen is None else f"{Decimal(fen) / FEN_PER_YUAN:,.2f} 元"


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
def match_items(matches: Iterable[Match[Any]], tables: Tables) -> SafeString:
    """The matches of a page, each with its table."""
    return tables.items(matches)


@register.filter
def part_table(match: Match[Any] | Fit, tables: Tables | None) -> SafeString:
    """The parts of a score; a page of many scores has one ``Tables`` for all."""
    return (tables or Tables()).table(match)
