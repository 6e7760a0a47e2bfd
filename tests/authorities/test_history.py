"""What the page of an authority tells of the past."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from authorities.facts import EndFacts
from authorities.history import decisions_on
from authorities.services import end_appointment, end_delegation
from common.clock import beijing_today
from tests.authorities.makers import (
    make_appointment,
    make_authority,
    make_delegation,
    make_operator,
    make_person,
)
from tests.records import SYSTEM

pytestmark = pytest.mark.django_db


def test_decisions_are_told_with_who_and_why_the_latest_first(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    authority, person, operator = (
        make_authority(),
        make_person("李明"),
        make_operator(name="某中心"),
    )
    today = beijing_today()
    make_appointment(authority, person, "content", ends_on=today)
    changed = make_appointment(authority, person, "content", "catalogue")
    made = make_delegation(authority, operator, "catalogue", ends_on=today)
    end_delegation(delegation=made, facts=EndFacts(reason="到期"), actor=SYSTEM)
    end_appointment(appointment=changed, facts=EndFacts(reason="调任"), actor=SYSTEM)
    make_appointment()

    with django_assert_num_queries(3):
        decisions = decisions_on(authority, 10)

    content, catalogue = "内容管理", "目录管理"
    assert [
        (str(each.label), each.whom, each.former, each.duties, each.ends_on, each.reason)
        for each in decisions
    ] == [
        ("结束任职", "李明", [], [content, catalogue], None, "调任"),
        ("结束委托", "某中心", [], [catalogue], None, "到期"),
        ("委托", "某中心", [], [catalogue], today, ""),
        ("变更职责", "李明", [content], [content, catalogue], None, ""),
        ("任命", "李明", [], [content], today, ""),
        ("登记部门", "", [], [], None, ""),
    ]
    assert {each.by for each in decisions} == {"tests"}
    assert len(decisions_on(authority, 2)) == 2
