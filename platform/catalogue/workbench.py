"""What an administrator has before them in a catalogue: each item with what may be done next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.enums import ItemState
from catalogue.models import Catalogue, CatalogueItem
from catalogue.queries import curated_by
from catalogue.transitions import LIFECYCLE
from common.actor import Actor
from lifecycle.transitions import Transition

# 平台默认: of what came to an end, the latest; the rest is in the audit log.
MOST_ENDED = 50


@dataclass(frozen=True)
class Work:
    """``is_own``: the administrator belongs to the supplier, so others decide."""

    item: CatalogueItem
    steps: tuple[Transition, ...]
    is_own: bool


@dataclass(frozen=True)
class Workbench:
    """``ripe``: their notice is over, so they can be listed; ``noticed``: it is not."""

    candidates: Sequence[Work]
    ripe: Sequence[Work]
    noticed: Sequence[Work]
    listed: Sequence[Work]
    ended: Sequence[Work]


def workbench(catalogue: Catalogue, actor: Actor) -> Workbench:
    """For an administrator; in a fixed number of queries, however many items there are."""
    items = curated_by(catalogue, actor)
    ended = items.filter(state__in=[ItemState.DROPPED, ItemState.DELISTED])
    noticed = items.filter(state=ItemState.UNDER_NOTICE).order_by("notice_to", "pk")
    under_notice = [_work(each) for each in noticed]
    return Workbench(
        candidates=[_work(each) for each in items.filter(state=ItemState.CANDIDATE).order_by("pk")],
        ripe=[each for each in under_notice if is_over(each.item)],
        noticed=[each for each in under_notice if not is_over(each.item)],
        listed=[_work(each) for each in items.filter(state=ItemState.LISTED).order_by("-pk")],
        ended=[_work(each) for each in ended.order_by("-updated_at")[:MOST_ENDED]],
    )


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
