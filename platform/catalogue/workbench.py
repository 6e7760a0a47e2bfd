"""What an administrator has before them in a catalogue: each item with what may be done next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from catalogue.enums import ItemState
from catalogue.models import Catalogue, CatalogueItem
from catalogue.queries import curated_by
from catalogue.transitions import LIFECYCLE
from common.actor import Actor
from lifecycle.transitions import Transition

# 平台默认: of each section, unless all of it is asked for.
MOST_SHOWN = 50


@dataclass(frozen=True)
class Work:
    """``is_own``: the administrator belongs to the supplier, so others decide."""

    item: CatalogueItem
    steps: tuple[Transition, ...]
    is_own: bool


@dataclass(frozen=True)
class Section:
    """The first ``works`` out of ``total``, or all of them."""

    name: str
    works: Sequence[Work]
    total: int

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.works)


@dataclass(frozen=True)
class Workbench:
    """``ripe``: their notice is over, so they can be listed; ``noticed``: it is not."""

    ripe: Section
    candidates: Section
    noticed: Section
    listed: Section
    ended: Section


SECTIONS: dict[str, tuple[Q, tuple[str, ...]]] = {
    "ripe": (
        Q(state=ItemState.UNDER_NOTICE, notice_left__lt=timedelta(0)),
        ("notice_to", "pk"),
    ),
    "candidates": (Q(state=ItemState.CANDIDATE), ("pk",)),
    "noticed": (
        Q(state=ItemState.UNDER_NOTICE, notice_left__gte=timedelta(0)),
        ("notice_to", "pk"),
    ),
    "listed": (Q(state=ItemState.LISTED), ("-pk",)),
    "ended": (Q(state__in=[ItemState.DROPPED, ItemState.DELISTED]), ("-updated_at", "-pk")),
}


def workbench(catalogue: Catalogue, actor: Actor, *, whole: str = "") -> Workbench:
    """For an administrator; in a fixed number of queries, however many items there are.

    ``whole`` names the section that is wanted to its end.
    """
    items = curated_by(catalogue, actor)
    totals = items.aggregate(
        **{name: Count("pk", filter=part) for name, (part, _) in SECTIONS.items()}
    )

    def section(name: str) -> Section:
        part, order = SECTIONS[name]
        rows = items.filter(part).order_by(*order)
        found = rows if name == whole else rows[:MOST_SHOWN]
        return Section(name, [_work(each) for each in found], totals[name])

    return Workbench(**{name: section(name) for name in SECTIONS})


def is_over(item: CatalogueItem) -> bool:
    """Whether the last day of notice lies behind; for items ``with_details``."""
    return bool(item.notice_left.days < 0)  # type: ignore[attr-defined]


def _work(item: CatalogueItem) -> Work:
    is_own: bool = item.is_own  # type: ignore[attr-defined]
    steps = (
        step
        for step in LIFECYCLE.transitions
        if item.state in step.sources
        and step.permission == "catalogue.curate"
        and (step.name != "list" or is_over(item))
    )
    return Work(item, () if is_own else tuple(steps), is_own)
