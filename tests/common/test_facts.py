"""The kinds of value that facts are made of, at their edges."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from common.facts import Code, Email, Facts, Fen, Lines, Name, Readiness, ShortLines, check_range
from common.money import MAX_FEN


class Sample(Facts):
    name: Name


@pytest.mark.parametrize(
    ("kind", "given", "taken"),
    [
        (Name, " 甲\u200b  乙 ", "甲 乙"),
        (Name, "字" * 120, "字" * 120),
        # What cleaning takes away does not count: 120 letters with their accents apart.
        (Name, "e\u0301" * 120 + "\u200b" * 9, "é" * 120),
        (Fen, 0, 0),
        (Fen, MAX_FEN, 2**63 - 1),
        (Readiness, 1, 1),
        (Readiness, 9, 9),
        (Email, " Chen@example.com ", "Chen@example.com"),
        (Email, "", ""),
        (Email, "c" * 242 + "@example.com", "c" * 242 + "@example.com"),
        (Lines, ["乙", "甲", " 乙 "], ["乙", "甲"]),
        (Lines, ["行" * 200], ["行" * 200]),
        (ShortLines, [f"{n}" for n in range(20)] * 2, [f"{n}" for n in range(20)]),
        (Code, " gd-2024 ", "gd-2024"),
    ],
)
def test_value_is_taken_in_its_stored_form(kind: Any, given: Any, taken: Any) -> None:
    assert TypeAdapter(kind).validate_python(given) == taken


@pytest.mark.parametrize(
    ("kind", "given", "fault"),
    [
        (Name, "字" * 121, "too_long"),
        (Name, "", "too_short"),
        (Name, " \u200b\u3164\u2800\n", "too_short"),
        (Name, "甲\x00", "value_error"),
        (Name, "甲\u202e乙", "value_error"),
        (Name, None, "string_type"),
        (Name, 7, "string_type"),
        (Fen, -1, "greater_than_equal"),
        (Fen, 2**63, "less_than_equal"),
        (Fen, 10**400, "less_than_equal"),
        (Fen, float("nan"), "finite_number"),
        (Fen, float("inf"), "finite_number"),
        (Fen, 1.5, "int_from_float"),
        (Fen, "9" * 5000, "int_parsing_size"),
        (Readiness, 0, "greater_than_equal"),
        (Readiness, 10, "less_than_equal"),
        (Email, "chen.example.com", "value_error"),
        (Email, "chen@example.com\x00", "value_error"),
        # Django's own check lets 320 characters through, the column holds 254.
        (Email, "c" * 243 + "@example.com", "too_long"),
        (Lines, ["行" * 201], "too_long"),
        (Lines, [""], "too_short"),
        (Lines, [f"{n}" for n in range(21)], "too_long"),
        (Lines, "一行", "list_type"),
        (ShortLines, ["字" * 61], "too_long"),
        (Code, "c" * 241, "too_long"),
        (Code, "\ud800", "value_error"),
    ],
)
def test_value_is_refused(kind: Any, given: Any, fault: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter(kind).validate_python(given)

    assert [each["type"] for each in refusal.value.errors()] == [fault]


def test_facts_refuse_names_they_do_not_have() -> None:
    with pytest.raises(ValidationError) as refusal:
        Sample(name="甲", state="published")  # type: ignore[call-arg]

    assert [(e["loc"], e["type"]) for e in refusal.value.errors()] == [
        (("state",), "extra_forbidden")
    ]


def test_facts_do_not_change_once_checked() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Sample(name="甲").name = "\x00"  # type: ignore[misc]


@pytest.mark.parametrize(("lower", "upper"), [(None, None), (1, None), (None, 1), (1, 1), (0, 1)])
def test_range_with_its_ends_in_order_passes(lower: int | None, upper: int | None) -> None:
    check_range(lower, upper, "预算")


def test_range_upside_down_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="预算的下限不能高于上限"):
        check_range(1, 0, "预算")
