"""Every state × role × transition of an item; when a notice may begin and when it is over."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from catalogue.facts import NoticeFacts
from catalogue.models import CatalogueItem
from catalogue.services import begin_notice, list_item, take_over_notice
from catalogue.transitions import LIFECYCLE
from common.actor import Actor, ActorKind
from common.clock import beijing_day, beijing_today
from common.errors import Conflict, DomainError, Forbidden, InvalidInput
from lifecycle.services import advance
from organizations.models import Organization
from organizations.services import suspend_organization
from tests.catalogues import day, make_catalogue, make_item, make_notice, make_product
from tests.records import SYSTEM, let_act, make_administrator, make_member, make_organization
from tests.roles import ADMINISTRATORS, AT_NANSHA, ISSUERS, make_role, with_role
from tests.tables import Table, written

pytestmark = pytest.mark.django_db

DECIDERS = {*ISSUERS, "system"}
HOLDERS = {
    # Whoever belongs to the supplier does not decide (THREATS F10).
    "begin_notice": DECIDERS,
    "take_over_notice": {"system"},
    "list": DECIDERS,
    "drop": DECIDERS,
    "delist": DECIDERS,
}
STEPS = {
    ("candidate", "begin_notice"): "under_notice",
    ("candidate", "take_over_notice"): "under_notice",
    ("under_notice", "list"): "listed",
    ("candidate", "drop"): "dropped",
    ("under_notice", "drop"): "dropped",
    ("listed", "delist"): "delisted",
}
ROLES = (
    *("visitor", "stranger", "viewer", "editor", "owner"),
    *("viewing administrator", "editing administrator"),
    *("system", *ADMINISTRATORS),
)


def actor_of(role: str, supplier: Organization) -> Actor:
    if role in ADMINISTRATORS:
        return make_role(role)
    match role.split():
        case ["visitor"]:
            return Actor(ActorKind.VISITOR)
        case ["system"]:
            return SYSTEM
        case ["stranger"]:
            return make_member(make_organization(), "owner")
        case ["editing" | "viewing" as does, "administrator"]:
            member = make_member(supplier, "editor" if does == "editing" else "viewer")
            return with_role(member, "administrator")
    return make_member(supplier, role)


def given(name: str) -> dict[str, Any]:
    """What the step is handed beside record and actor."""
    if name in {"drop", "delist"}:
        return {"reason": "请补充检测报告"}
    days = {"begin_notice": (0, 9), "take_over_notice": (-9, -1)}.get(name)
    if days is None:
        return {}
    first, last = map(day, days)
    told = {"name": "甲", "kind": "product", "model_number": "", "summary": ""}
    return {"values": {"notice_from": first, "notice_to": last, "announced": told}}


TABLE = Table(CatalogueItem, LIFECYCLE, HOLDERS, STEPS, given)


def test_table_of_this_test_is_complete() -> None:
    TABLE.assert_complete()


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize("role", ROLES)
def test_transitions_follow_the_table(role: str, name: str) -> None:
    supplier = make_organization(**AT_NANSHA)
    actor = actor_of(role, supplier)
    item = make_item(make_catalogue(), "listed", make_product(supplier))

    TABLE.assert_followed(item, actor, role, name)


@pytest.mark.parametrize("state", ["candidate", "under_notice"])
def test_drop_needs_a_reason(state: str) -> None:
    item = make_item(make_catalogue(), state)

    with pytest.raises(InvalidInput) as refused:
        advance(item, "drop", SYSTEM, reason=" ")

    assert list(refused.value.fields) == ["reason"]


def attempt_notice(item: CatalogueItem, actor: Actor, first: int, last: int) -> CatalogueItem:
    days = NoticeFacts(notice_from=day(first), notice_to=day(last))
    return begin_notice(item=item, facts=days, actor=actor)


@pytest.mark.parametrize(
    ("first", "last", "field", "words"),
    [
        (-1, 20, "notice_from", "不能早于今天"),
        (0, 5, "notice_to", "至少 7 天"),
        (30, 35, "notice_to", "至少 7 天"),
        (0, 366, "notice_to", "一年之内"),
    ],
)
def test_notice_that_cannot_be_is_refused_by_field(
    first: int, last: int, field: str, words: str
) -> None:
    item, administrator = make_item(make_catalogue()), make_administrator()
    before = written(CatalogueItem.objects.filter(pk=item.pk))

    for actor in (administrator, SYSTEM):
        with pytest.raises(InvalidInput, match=words) as refused:
            attempt_notice(item, actor, first, last)
        assert list(refused.value.fields) == [field]
    assert written(CatalogueItem.objects.filter(pk=item.pk)) == before


@pytest.mark.parametrize(("first", "last"), [(0, 6), (1, 7), (0, 365), (359, 365)])
def test_notice_of_seven_days_within_a_year_begins(first: int, last: int) -> None:
    item = attempt_notice(make_item(make_catalogue()), make_administrator(), first, last)

    kept = CatalogueItem.objects.get(pk=item.pk)
    assert (kept.state, kept.notice_from, kept.notice_to) == ("under_notice", day(first), day(last))


def test_shortest_notice_is_a_setting(settings) -> None:
    settings.CATALOGUE_NOTICE_DAYS = 3
    catalogue, actor = make_catalogue(), make_administrator()

    with pytest.raises(InvalidInput, match="至少 3 天"):
        attempt_notice(make_item(catalogue), actor, 0, 1)
    assert attempt_notice(make_item(catalogue), actor, 0, 2).state == "under_notice"


def test_platform_takes_over_what_was_held_before_and_nothing_else() -> None:
    catalogue = make_catalogue()

    def take_over(first: int, last: int, actor: Actor = SYSTEM) -> CatalogueItem:
        days = NoticeFacts(notice_from=day(first), notice_to=day(last))
        return take_over_notice(item=make_item(catalogue), facts=days, actor=actor)

    assert take_over(-400, -394).state == "under_notice"
    assert take_over(-3, 3).state == "under_notice"
    for first, last, words in ((1, 9, "已经开始"), (-3, 2, "至少 7 天")):
        with pytest.raises(InvalidInput, match=words):
            take_over(first, last)
    with pytest.raises(Forbidden):
        take_over(-400, -394, make_administrator())


def test_item_is_listed_only_after_the_last_day_of_its_notice() -> None:
    catalogue, actor = make_catalogue(), make_administrator()
    running = make_notice(catalogue)
    days = {
        -1: None,
        0: "期满后才能列入",
        1: "期满后才能列入",
    }
    for last, refusal in days.items():
        CatalogueItem.objects.filter(pk=running.pk).update(
            state="under_notice", notice_from=day(-20), notice_to=day(last)
        )
        item = CatalogueItem.objects.get(pk=running.pk)
        if refusal:
            before = written(CatalogueItem.objects.filter(pk=item.pk))
            with pytest.raises(Conflict, match=refusal):
                list_item(item=item, actor=actor)
            assert written(CatalogueItem.objects.filter(pk=item.pk)) == before
        else:
            assert list_item(item=item, actor=actor).state == "listed"


@pytest.mark.parametrize("year", [1980, 2080])
def test_clock_of_the_web_server_counts_for_nothing(monkeypatch, year: int) -> None:
    """THREATS F12."""
    catalogue, actor = make_catalogue(), make_administrator()
    running, over = make_notice(catalogue), make_item(catalogue, "under_notice")
    candidate, today = make_item(catalogue), day(0)
    monkeypatch.setattr(timezone, "now", lambda: datetime(year, 1, 1, tzinfo=UTC))

    with pytest.raises(Conflict):
        list_item(item=running, actor=actor)
    assert list_item(item=over, actor=actor).state == "listed"
    days = NoticeFacts(notice_from=today, notice_to=today + timedelta(days=6))
    assert begin_notice(item=candidate, facts=days, actor=actor).state == "under_notice"


def test_days_are_those_of_beijing() -> None:
    late, next_day = (
        datetime(2026, 2, 28, 15, 59, tzinfo=UTC),
        datetime(2026, 2, 28, 16, tzinfo=UTC),
    )
    assert (beijing_day(late), beijing_day(next_day)) == (date(2026, 2, 28), date(2026, 3, 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date")
        (today,) = cursor.fetchone()
    assert beijing_today() == today


@pytest.mark.parametrize("supplier_state", ["submitted", "suspended"])
def test_supplier_that_is_not_verified_goes_no_further(supplier_state: str) -> None:
    supplier, catalogue, actor = make_organization(), make_catalogue(), make_administrator()
    candidate = make_item(catalogue, product=make_product(supplier))
    over = make_item(catalogue, "under_notice", make_product(supplier))
    doubted = make_item(catalogue, product=make_product(supplier))
    listed = make_item(catalogue, "listed", make_product(supplier))
    suspend_organization(organization=supplier, reason="核查", actor=SYSTEM)
    Organization.objects.filter(pk=supplier.pk).update(state=supplier_state)

    for attempt in (
        lambda: attempt_notice(candidate, actor, 0, 9),
        lambda: list_item(item=over, actor=actor),
    ):
        with pytest.raises(DomainError, match=supplier.name) as refused:
            attempt()
        assert isinstance(refused.value, Conflict)
    # What takes a product away goes on.
    assert advance(doubted, "drop", actor, reason="暂停").state == "dropped"
    assert advance(listed, "delist", actor, reason="暂停").state == "delisted"

    let_act(Organization.objects.get(pk=supplier.pk))
    assert attempt_notice(candidate, actor, 0, 9).state == "under_notice"
    assert list_item(item=over, actor=actor).state == "listed"
