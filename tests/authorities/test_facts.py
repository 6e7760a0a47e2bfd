"""What may be stated of authorities, appointments and delegations."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Any

import pytest
from pydantic import ValidationError

from accounts.enums import Duty
from authorities.facts import AppointmentFacts, AuthorityFacts, DelegationFacts, EndFacts
from tests.records import GUANGZHOU
from tests.roles import NANSHA

LAST = date(2027, 12, 31)


def refused(facts: type[Any], **values: Any) -> str:
    with pytest.raises(ValidationError) as error:
        facts(**values)
    return str(error.value)


@pytest.mark.parametrize("code", ["gz-drc", "a", "440100", "a" * 60])
def test_code_of_an_authority(code: str) -> None:
    assert AuthorityFacts(code=code, name="某局").code == code


@pytest.mark.parametrize("code", ["", "GZ", "a--b", "-a", "a-", "a_b", "甲", "a/b", "a" * 61])
def test_code_that_is_no_address_is_refused(code: str) -> None:
    refused(AuthorityFacts, code=code, name="某局")


def test_blank_choices_are_none() -> None:
    stated = AuthorityFacts(code="a", name="某局", body="", city="", district="")

    assert (stated.body, stated.city, stated.district) == (None, None, None)


def test_district_needs_its_city() -> None:
    assert "所在的市" in refused(AuthorityFacts, code="a", name="某局", district=NANSHA)
    assert AuthorityFacts(code="a", name="某局", city=GUANGZHOU, district=NANSHA).district


def test_duties_count_once_in_the_order_of_the_list() -> None:
    stated = AppointmentFacts(duties=["catalogue", "content", "catalogue"])

    assert stated.duties == [Duty.CONTENT, Duty.CATALOGUE]
    assert stated.ends_on is None


@pytest.mark.parametrize(
    "duties",
    [duties for n in range(1, 5) for duties in combinations([*Duty.values], n)],
    ids="+".join,
)
def test_system_stands_alone_and_so_does_audit(duties: tuple[str, ...]) -> None:
    if duties in {("system",), ("content",), ("catalogue",), ("audit",), ("content", "catalogue")}:
        assert AppointmentFacts(duties=[*duties, *duties]).duties == [*duties]
    else:
        assert "单独承担" in refused(AppointmentFacts, duties=[*duties])


@pytest.mark.parametrize("duties", [[], ["owner"], ["expert"], [""]])
def test_somebody_is_appointed_to_something_that_there_is(duties: list[str]) -> None:
    refused(AppointmentFacts, duties=duties)


@pytest.mark.parametrize("duty", Duty)
def test_people_and_audit_are_not_delegated(duty: Duty) -> None:
    if duty in {Duty.CONTENT, Duty.CATALOGUE}:
        assert DelegationFacts(duties=[duty], ends_on=LAST).duties == [duty]
    else:
        assert "只能委托" in refused(DelegationFacts, duties=["content", duty], ends_on=LAST)


def test_every_delegation_ends_one_day() -> None:
    refused(DelegationFacts, duties=["content"])
    refused(DelegationFacts, duties=["content"], ends_on=None)
    refused(DelegationFacts, duties=[], ends_on=LAST)


@pytest.mark.parametrize("reason", ["", " \u200b", "甲" * 2001])
def test_end_needs_a_reason(reason: str) -> None:
    refused(EndFacts, reason=reason)
