"""What a scenario may say, and what is refused, by field."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from common.money import MAX_FEN
from scenarios.facts import ScenarioFacts
from tests.records import credit_code

LINES = {
    "name": 120,
    "reference": 60,
    "site": 200,
    "contact_name": 60,
    "contact_phone": 40,
}
TEXTS = {"problem": 8000, "conditions_note": 2000}
HOSTILE = ["甲\x00", "甲\x1b", "甲\u202e乙", "甲\u2067乙", "\ud800", "甲\x85"]


def facts(**values: Any) -> ScenarioFacts:
    return ScenarioFacts(**{"name": "甲", **values})


def fields_refused(**values: Any) -> set[tuple[Any, ...]]:
    with pytest.raises(ValidationError) as refusal:
        facts(**values)
    return {each["loc"] for each in refusal.value.errors()}


def test_name_alone_is_enough_and_nothing_else_is_stated() -> None:
    said = facts().model_dump(exclude={"name"})

    assert {name: value for name, value in said.items() if value} == {}


@pytest.mark.parametrize(("field", "most"), (LINES | TEXTS).items())
def test_text_ends_where_its_column_ends(field: str, most: int) -> None:
    assert len(getattr(facts(**{field: "字" * most}), field)) == most
    assert fields_refused(**{field: "字" * (most + 1)}) == {(field,)}


@pytest.mark.parametrize("field", [*LINES, *TEXTS, "contact_email", "city", "district"])
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_refused_in_every_field(field: str, text: str) -> None:
    assert fields_refused(**{field: text}) == {(field,)}


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize(
    ("values", "place"),
    [
        (lambda text: {"concepts": [text]}, ("concepts", 0)),
        (lambda text: {"required_qualifications": [text]}, ("required_qualifications", 0)),
        (lambda text: {"co_publishers": [text]}, ("co_publishers", 0)),
        (lambda text: {"goals": [{"indicator": text}]}, ("goals", 0, "indicator")),
        (lambda text: {"goals": [{"indicator": "甲", "target": text}]}, ("goals", 0, "target")),
        (lambda text: {"needs": [{"strength": "must", "text": text}]}, ("needs", 0, "text")),
        (
            lambda text: {"needs": [{"strength": "must", "text": "甲", "concept": text}]},
            ("needs", 0, "concept"),
        ),
    ],
)
def test_hostile_text_is_refused_inside_lists(
    values: Any, place: tuple[Any, ...], text: str
) -> None:
    assert fields_refused(**values(text)) == {place}


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"name": None}, ("name",)),
        ({"kind": "party"}, ("kind",)),
        ({"demand_kind": "x"}, ("demand_kind",)),
        ({"call_mode": "auction"}, ("call_mode",)),
        ({"conditions": ["site", "money"]}, ("conditions", 1)),
        ({"conditions": "site"}, ("conditions",)),
        ({"concepts": [f"c{n}" for n in range(9)]}, ("concepts",)),
        ({"goals": [{"indicator": "甲"}] * 21}, ("goals",)),
        ({"goals": [{"indicator": ""}]}, ("goals", 0, "indicator")),
        ({"goals": [{"indicator": "字" * 121}]}, ("goals", 0, "indicator")),
        ({"goals": [{"indicator": "甲", "scenario": 1}]}, ("goals", 0, "scenario")),
        ({"needs": [{"strength": "maybe", "text": "甲"}]}, ("needs", 0, "strength")),
        ({"needs": [{"strength": "must", "text": "字" * 301}]}, ("needs", 0, "text")),
        ({"needs": [{"strength": "wish", "text": "甲"}] * 21}, ("needs",)),
        ({"required_qualifications": ["字" * 61]}, ("required_qualifications", 0)),
        ({"co_publishers": [credit_code(n) for n in range(21)]}, ("co_publishers",)),
        ({"co_publishers": ["91440000MA5000000X"]}, ("co_publishers", 0)),
        ({"budget_min_fen": 2**63}, ("budget_min_fen",)),
        ({"budget_max_fen": -1}, ("budget_max_fen",)),
        ({"budget_min_fen": 2, "budget_max_fen": 1}, ("budget_max_fen",)),
        ({"readiness_min": 0}, ("readiness_min",)),
        ({"readiness_max": 10}, ("readiness_max",)),
        ({"readiness_min": 5, "readiness_max": 4}, ("readiness_max",)),
        ({"readiness_is_must": True}, ("readiness_is_must",)),
        ({"readiness_is_must": True, "readiness_max": 5}, ("readiness_is_must",)),
        ({"contact_email": "chen"}, ("contact_email",)),
        ({"contact_email": "c" * 250 + "@example.com"}, ("contact_email",)),
        # A moment without its zone could mean two; what PostgreSQL stores beyond the year 9999
        # Python cannot read back, and every list that holds the row would fail.
        ({"deadline": "2027-01-01T00:00:00"}, ("deadline",)),
        ({"deadline": "9999-12-31T23:59:59-12:00"}, ("deadline",)),
        ({"deadline": "0001-01-01T00:00:00+14:00"}, ("deadline",)),
        ({"deadline": 10**300}, ("deadline",)),
        ({"deadline": float("nan")}, ("deadline",)),
        ({"state": "published"}, ("state",)),
        ({"organization": 1}, ("organization",)),
        ({"public_id": "x"}, ("public_id",)),
        ({"imported_from": 1}, ("imported_from",)),
    ],
    ids=lambda value: str(value)[:50],
)
def test_value_is_refused_by_its_place(values: dict[str, Any], place: tuple[Any, ...]) -> None:
    assert fields_refused(**values) == {place}


def test_edges_are_taken() -> None:
    said = facts(
        budget_min_fen=MAX_FEN,
        budget_max_fen=MAX_FEN,
        readiness_min=9,
        readiness_max=9,
        readiness_is_must=True,
        concepts=[f"c{n}" for n in range(8)],
        deadline="2100-12-31T23:59:59+08:00",
    )

    assert (said.budget_min_fen, said.budget_max_fen) == (2**63 - 1, 2**63 - 1)
    assert said.deadline == datetime(2100, 12, 31, 15, 59, 59, tzinfo=UTC)


def test_what_a_form_leaves_blank_is_not_stated() -> None:
    blank = dict.fromkeys(("kind", "demand_kind", "call_mode", "city", "district"), "")

    assert facts(**blank) == facts()


def test_values_given_twice_count_once_in_their_order() -> None:
    code = credit_code(7)
    said = facts(
        concepts=["b", "a", " b"],
        conditions=["data", "site", "data"],
        co_publishers=[code, code.lower(), f" {code} "],
    )

    assert said.concepts == ["b", "a"]
    assert said.conditions == ["data", "site"]
    assert said.co_publishers == [code]


def test_one_open_end_is_no_range() -> None:
    assert facts(budget_min_fen=5).budget_max_fen is None
    assert facts(readiness_max=1).readiness_min is None
