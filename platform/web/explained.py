"""A match in a list, and the parts of a score as a bar and as a table.

Written here and not in templates: a page of fifty matches has three hundred parts with their
reasons, and a template takes ten times as long for them. For the same reason nothing is escaped
but what can need it: names, labels and reasons. All else is a number, an address that is made of
one, or a finished piece of a page.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from html import escape
from itertools import accumulate, count
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from matching.explanations import Part, Reason
from matching.queries import MAXIMUM, Fit, Match
from policy.models import PolicyClause


@lru_cache(maxsize=MAXIMUM)
def hundredths(points: int, decimals: int = 2) -> str:
    """A score, which counts up to MAXIMUM, as readers know it: out of 100."""
    share = Decimal(points) * 100 / MAXIMUM
    return str(share.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def bar(parts: Iterable[Part]) -> SafeString:
    """The parts of a score as one bar: what each could count, and what it does."""
    shown = list(parts)
    starts = accumulate((part.maximum for part in shown), initial=0)
    segments = "".join(
        f'<rect class="match-bar-room" x="{start}" width="{part.maximum}" height="100"/>'
        f'<rect class="match-bar-points" x="{start}" width="{part.points}" height="100"/>'
        for start, part in zip(starts, shown, strict=False)
    )
    return SafeString(
        f'<svg class="match-bar" viewBox="0 0 {MAXIMUM} 100" preserveAspectRatio="none"'
        f' aria-hidden="true" focusable="false">{segments}</svg>'
    )


class Tables:
    """The matches of one page; what they have in common is written once."""

    def __init__(self) -> None:
        self._links: dict[PolicyClause, str] = {}

    def items(self, matches: Iterable[Match[Any]]) -> SafeString:
        """What stands in a list of matches, best first."""
        return SafeString("".join(map(self._item, count(1), matches)))

    def _item(self, place: int, match: Match[Any]) -> str:
        organization = match.record.organization
        invented = self._invented if organization.is_demonstration else ""
        loose = "" if match.is_tied_by_tags else self._loose
        return (
            f'<li class="match"><div class="match-head"><span class="match-rank">{place}</span>'
            f'<div class="match-name"><h3><a href="{match.record.get_absolute_url()}">'
            f'{escape(match.record.name)}</a></h3><p class="sub">{escape(organization.name)}'
            f'{invented}</p></div>{bar(match.parts)}<p class="match-score">'
            f"<strong>{hundredths(match.score, 1)}</strong> / 100{loose}</p></div>"
            f'<details class="match-why"><summary>{self._why}</summary>{self.table(match)}'
            "</details></li>\n"
        )

    def table(self, match: Match[Any] | Fit) -> SafeString:
        """The parts of a score with points and reasons."""
        return SafeString(
            f'<table class="table table-stack match-parts">{self._head}<tbody>'
            f"{''.join(map(self._row, match.parts))}"
            f'<tr class="total"><th scope="row">{self._total}</th><td class="number">'
            f'{hundredths(match.score)} <span class="muted">/ 100</span></td><td></td></tr>'
            "</tbody></table>"
        )

    def _row(self, part: Part) -> str:
        points = hundredths(part.points) if part.stated else self._not_stated
        return (
            f'<tr><th scope="row" class="short">{escape(part.label)}</th>'
            f'<td class="number">{points}'
            f' <span class="muted">/ {hundredths(part.maximum, 0)}</span></td>'
            f'<td class="text-cell">{"".join(map(self._reason, part.reasons))}</td></tr>'
        )

    def _reason(self, reason: Reason) -> str:
        clauses = "".join(f"<li>{self._link(clause)}</li>" for clause in reason.clauses)
        listed = f'<ul class="match-clauses">{clauses}</ul>' if clauses else ""
        return f'<div class="source-line">{escape(reason.text)}{listed}</div>'

    def _link(self, clause: PolicyClause) -> str:
        if clause not in self._links:
            context = {"clause": clause}
            self._links[clause] = render_to_string("components/clause_link.html", context)
        return self._links[clause]

    @cached_property
    def _head(self) -> str:
        part, points, reasons = (escape(each) for each in (_("项目"), _("得分"), _("理由")))
        return (
            f'<thead><tr><th scope="col">{part}</th><th scope="col" class="number">{points}</th>'
            f'<th scope="col">{reasons}</th></tr></thead>'
        )

    @cached_property
    def _invented(self) -> str:
        return f' <span class="invented">{escape(_("演示"))}</span>'

    @cached_property
    def _loose(self) -> str:
        return f'<span class="match-loose">{escape(_("标签无关联"))}</span>'

    @cached_property
    def _why(self) -> str:
        return escape(_("为什么"))

    @cached_property
    def _total(self) -> str:
        return escape(_("合计"))

    @cached_property
    def _not_stated(self) -> str:
        return render_to_string("components/not_stated.html")
