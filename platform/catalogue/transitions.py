"""The way of a product into a catalogue: proposed, under public notice, listed."""

from datetime import date, timedelta

from django.conf import settings

from catalogue.editions import say_day
from catalogue.enums import ItemState as State
from catalogue.models import CatalogueItem
from common.clock import beijing_today
from common.errors import Conflict, InvalidInput
from lifecycle.transitions import Lifecycle, Transition, register
from organizations.enums import OrganizationState

# 平台默认: a notice lies within this many days from now.
FARTHEST = timedelta(days=365)


def supplier_is_verified(item: CatalogueItem) -> None:
    supplier = item.organization
    if supplier.state != OrganizationState.VERIFIED:
        raise Conflict(f"供给单位“{supplier.name}”目前不是已核验状态，不能办理。")


def notice_may_begin(item: CatalogueItem) -> None:
    supplier_is_verified(item)
    first, last = notice_days(item)
    today = beijing_today()
    if first < today:
        raise _refused("notice_from", f"公示不能早于今天（{say_day(today)}）开始。")
    if last > today + FARTHEST:
        raise _refused("notice_to", "公示应在一年之内结束。")
    _lasts_long_enough(first, last)


def notice_was_held(item: CatalogueItem) -> None:
    supplier_is_verified(item)
    first, last = notice_days(item)
    if first > beijing_today():
        raise _refused("notice_from", "只能补录已经开始的公示。")
    _lasts_long_enough(first, last)


def may_be_listed(item: CatalogueItem) -> None:
    supplier_is_verified(item)
    last = notice_days(item)[1]
    if beijing_today() <= last:
        raise Conflict(f"公示到{say_day(last)}（北京时间）结束，期满后才能列入。")


def notice_days(item: CatalogueItem) -> tuple[date, date]:
    """First and last day of the notice of an item that has one."""
    assert item.notice_from is not None  # noqa: S101 (narrows the type; the database checks it)
    assert item.notice_to is not None  # noqa: S101
    return item.notice_from, item.notice_to


def _lasts_long_enough(first: date, last: date) -> None:
    shortest = settings.CATALOGUE_NOTICE_DAYS
    if (last - first).days + 1 < shortest:
        raise _refused("notice_to", f"公示至少 {shortest} 天，首尾两天都计入。")


def _refused(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, fields={field: [message]})


LIFECYCLE = register(
    CatalogueItem,
    Lifecycle(
        (
            Transition(
                "begin_notice",
                frozenset({State.CANDIDATE}),
                State.UNDER_NOTICE,
                "catalogue.curate",
                "开始公示",
                guard=notice_may_begin,
            ),
            # For notices that were held before the platform knew of them.
            Transition(
                "take_over_notice",
                frozenset({State.CANDIDATE}),
                State.UNDER_NOTICE,
                "catalogue.take_over",
                "补录公示",
                guard=notice_was_held,
            ),
            Transition(
                "list",
                frozenset({State.UNDER_NOTICE}),
                State.LISTED,
                "catalogue.curate",
                "列入目录",
                guard=may_be_listed,
            ),
            Transition(
                "drop",
                frozenset({State.CANDIDATE, State.UNDER_NOTICE}),
                State.DROPPED,
                "catalogue.curate",
                "不予列入",
                needs_reason=True,
            ),
            Transition(
                "delist",
                frozenset({State.LISTED}),
                State.DELISTED,
                "catalogue.curate",
                "移出目录",
                needs_reason=True,
            ),
        )
    ),
)
