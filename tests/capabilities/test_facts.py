"""What a capability and a product may say, and what is refused, by field."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from capabilities.facts import CapabilityFacts, ProductFacts
from common.money import MAX_FEN

HOSTILE = ["甲\x00", "甲\x1b", "甲\u202e乙", "甲\u2067乙", "\ud800", "甲\x85"]


def capability(**values: Any) -> CapabilityFacts:
    return CapabilityFacts(**{"name": "甲", **values})


def product(**values: Any) -> ProductFacts:
    return ProductFacts(**{"name": "甲", "kind": "product", **values})


def refused(make: Any, **values: Any) -> set[tuple[Any, ...]]:
    with pytest.raises(ValidationError) as refusal:
        make(**values)
    return {each["loc"] for each in refusal.value.errors()}


def test_name_alone_is_enough_and_nothing_else_is_stated() -> None:
    said = capability().model_dump(exclude={"name"})

    assert {name: value for name, value in said.items() if value} == {}


@pytest.mark.parametrize(
    ("make", "field", "most"),
    [
        (capability, "name", 120),
        (capability, "reference", 60),
        (capability, "summary", 8000),
        (product, "name", 120),
        (product, "model_number", 60),
        (product, "summary", 2000),
    ],
)
def test_text_ends_where_its_column_ends(make: Any, field: str, most: int) -> None:
    assert len(getattr(make(**{field: "字" * most}), field)) == most
    assert refused(make, **{field: "字" * (most + 1)}) == {(field,)}
    for text in HOSTILE:
        assert refused(make, **{field: text}) == {(field,)}


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize(
    "field", ["highlights", "concepts", "qualifications", "patents", "cities_served", "cases"]
)
def test_hostile_text_is_refused_inside_lists(field: str, text: str) -> None:
    if field == "cases":
        assert refused(capability, cases=[{"title": text}]) == {("cases", 0, "title")}
        assert refused(capability, cases=[{"title": "甲", "client": text}]) == {
            ("cases", 0, "client")
        }
    else:
        assert refused(capability, **{field: ["甲", text]}) == {(field, 1)}


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"name": ""}, ("name",)),
        ({"highlights": ["行" * 201]}, ("highlights", 0)),
        ({"highlights": [f"{n}" for n in range(21)]}, ("highlights",)),
        ({"patents": [""]}, ("patents", 0)),
        ({"qualifications": ["字" * 61]}, ("qualifications", 0)),
        ({"concepts": [f"c{n}" for n in range(9)]}, ("concepts",)),
        ({"readiness": 0}, ("readiness",)),
        ({"readiness": 10}, ("readiness",)),
        ({"price_min_fen": 2**63}, ("price_min_fen",)),
        ({"price_max_fen": -1}, ("price_max_fen",)),
        ({"price_min_fen": 2, "price_max_fen": 1}, ("price_max_fen",)),
        ({"cases": [{"title": ""}]}, ("cases", 0, "title")),
        ({"cases": [{"title": "字" * 121}]}, ("cases", 0, "title")),
        ({"cases": [{"title": "甲", "client": "字" * 121}]}, ("cases", 0, "client")),
        ({"cases": [{"title": "甲", "year": 1949}]}, ("cases", 0, "year")),
        ({"cases": [{"title": "甲", "year": 10**9}]}, ("cases", 0, "year")),
        ({"cases": [{"title": "甲"}] * 21}, ("cases",)),
        ({"products": ["1"]}, ("products", 0)),
        ({"products": [UUID(int=n) for n in range(51)]}, ("products",)),
        ({"state": "published"}, ("state",)),
        ({"organization": 1}, ("organization",)),
        ({"public_id": str(UUID(int=1))}, ("public_id",)),
    ],
    ids=lambda value: str(value)[:50],
)
def test_value_is_refused_by_its_place(values: dict[str, Any], place: tuple[Any, ...]) -> None:
    assert refused(capability, **values) == {place}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "\u200b"}, "name"),
        ({"kind": "idea"}, "kind"),
        ({"price_max_fen": 2**63}, "price_max_fen"),
        ({"price_min_fen": 2, "price_max_fen": 1}, "price_max_fen"),
        ({"organization": 1}, "organization"),
    ],
    ids=str,
)
def test_product_is_refused_by_its_field(values: dict[str, Any], field: str) -> None:
    assert refused(product, **values) == {(field,)}


def test_product_needs_its_kind() -> None:
    assert refused(ProductFacts, name="甲") == {("kind",)}


def test_edges_are_taken_and_repetitions_count_once() -> None:
    one = UUID(int=1)
    said = capability(
        price_min_fen=MAX_FEN,
        price_max_fen=2**63 - 1,
        readiness=9,
        products=[one, str(one)],
        cities_served=["440100", " 440100"],
        cases=[{"title": "甲", "year": 1950}, {"title": "甲", "year": 2100}],
    )

    assert said.price_min_fen == said.price_max_fen == MAX_FEN
    assert (said.products, said.cities_served) == ([one], ["440100"])
    assert len(said.cases) == 2
