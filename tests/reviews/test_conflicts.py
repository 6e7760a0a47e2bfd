"""Which interests count against judging an organization, on which day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from organizations.enums import IdentifierScheme
from reviews.conflicts import Party, conflicts, years_before
from reviews.enums import InterestKind
from reviews.facts import InterestFacts
from tests.records import credit_code

CODE, OTHER = credit_code(700_001), credit_code(700_002)
HOST = Party(IdentifierScheme.CREDIT_CODE, CODE, "广州甲科技有限公司")
DAY = date(2026, 11, 22)


def interest(kind: str = "directorship", **stated: Any) -> InterestFacts:
    values = {"name": "广州甲科技有限公司", "identifier": CODE, "relation": "监事", **stated}
    return InterestFacts.model_validate({"kind": kind, **values})


@pytest.mark.parametrize("kind", InterestKind.values)
@pytest.mark.parametrize(
    ("until", "counts_when_ended"),
    [
        (None, True),
        ("2026-11-22", True),
        ("2026-11-21", True),
        ("2023-11-22", True),
        ("2023-11-21", False),
        ("2016-01-01", False),
    ],
)
def test_a_tie_counts_three_years_after_its_end(
    kind: str, until: str | None, counts_when_ended: bool
) -> None:
    found = conflicts([interest(kind, until=until)], HOST, DAY)

    lasting = until is None or until >= "2026-11-22"
    assert bool(found) == (lasting if kind == "family" else counts_when_ended)
    if found:
        assert found[0].has_ended == (not lasting)


@pytest.mark.parametrize(
    ("since", "counts"), [(None, True), ("2026-11-22", True), ("2026-11-23", False)]
)
def test_a_tie_does_not_count_before_it_begins(since: str | None, counts: bool) -> None:
    assert bool(conflicts([interest(since=since)], HOST, DAY)) == counts


@pytest.mark.parametrize(
    ("stated", "party", "counts", "by_name"),
    [
        ({}, HOST, True, False),
        ({"name": "曾用名有限公司"}, HOST, True, False),
        ({"identifier": OTHER}, HOST, False, False),
        # One name, another number: two organizations.
        ({"identifier": OTHER, "name": HOST.name}, HOST, False, False),
        ({"identifier": ""}, HOST, True, True),
        ({"identifier": "", "name": "广州甲科技（有限公司）"}, HOST, True, True),
        ({"identifier": "", "name": "广州 甲科技有限公司"}, HOST, True, True),
        ({"identifier": "", "name": "广州乙科技有限公司"}, HOST, False, False),
        ({"scheme": "hong_kong", "identifier": "12345678"}, HOST, True, True),
        ({}, Party(IdentifierScheme.CREDIT_CODE, ""), False, False),
    ],
)
def test_organizations_are_known_by_number_else_by_name(
    stated: dict[str, str], party: Party, counts: bool, by_name: bool
) -> None:
    found = conflicts([interest(**stated)], party, DAY)

    assert [each.by_name for each in found] == ([by_name] if counts else [])


def test_all_conflicts_are_told_in_their_order() -> None:
    stated = [interest("family"), interest("employer", identifier=OTHER), interest("employer")]

    found = conflicts(stated, HOST, DAY)

    assert [each.interest for each in found] == [stated[0], stated[2]]
    assert conflicts([], HOST, DAY) == []


def test_three_years_before_a_leap_day() -> None:
    assert years_before(date(2028, 2, 29), 3) == date(2025, 2, 28)
    assert years_before(date(2028, 2, 29), 4) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"kind": "friend"}, "kind"),
        ({"name": ""}, "name"),
        ({"identifier": CODE[:-1]}, "identifier"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "until"),
        ({"kind": "shareholding", "share_percent": "0"}, "share_percent"),
        ({"kind": "shareholding", "share_percent": "100.01"}, "share_percent"),
        ({"kind": "shareholding", "share_percent": "1.234"}, "share_percent"),
        ({"kind": "employer", "share_percent": "5"}, None),
        ({"kind": "family", "relation": ""}, None),
    ],
)
def test_what_is_declared_must_hold_together(stated: dict[str, Any], field: str | None) -> None:
    with pytest.raises(ValidationError) as refused:
        interest(**stated)

    (fault,) = refused.value.errors()
    assert fault["loc"] == ((field,) if field else ())


def test_a_share_is_kept_to_the_hundredth() -> None:
    stated = interest("shareholding", share_percent="12.50")

    assert stated.share_percent == Decimal("12.5")
