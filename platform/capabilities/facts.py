"""What a capability and a product say; ``None`` and empty lists mean: not stated."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from capabilities.enums import ProductKind
from common.facts import (
    Code,
    Facts,
    Fen,
    Line,
    Lines,
    Name,
    Readiness,
    ShortLines,
    Text,
    check_range,
    unique,
)

MAX_CONCEPTS = 8


class CaseFacts(Facts):
    title: Annotated[Line, Field(min_length=1, max_length=120)]
    client: Annotated[Line, Field(max_length=120)] = ""
    year: Annotated[int | None, Field(ge=1950, le=2100)] = None


class _Priced(Facts):
    price_min_fen: Fen | None = None
    price_max_fen: Fen | None = None

    @field_validator("price_max_fen")
    @classmethod
    def _price_in_order(cls, upper: int | None, info: ValidationInfo) -> int | None:
        check_range(info.data.get("price_min_fen"), upper, "价格")
        return upper


class CapabilityFacts(_Priced):
    """``concepts`` and ``cities_served`` are codes, ``products`` public ids of own products."""

    name: Name
    reference: Annotated[Line, Field(max_length=60)] = ""
    summary: Annotated[Text, Field(max_length=8000)] = ""
    highlights: Lines = []
    concepts: Annotated[list[Code], unique, Field(max_length=MAX_CONCEPTS)] = []
    readiness: Readiness | None = None
    qualifications: ShortLines = []
    patents: Lines = []
    cases: Annotated[list[CaseFacts], Field(max_length=20)] = []
    cities_served: Annotated[list[Code], unique] = []
    products: Annotated[list[UUID], unique, Field(max_length=50)] = []


class ProductFacts(_Priced):
    name: Name
    kind: ProductKind
    model_number: Annotated[Line, Field(max_length=60)] = ""
    summary: Annotated[Text, Field(max_length=2000)] = ""


# Facts that are columns of the capability itself, under the same name.
COLUMNS = set(CapabilityFacts.model_fields) - {"concepts", "cases", "cities_served", "products"}
