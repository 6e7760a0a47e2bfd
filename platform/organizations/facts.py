"""What an organization states of itself, and what its documents are said to prove."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from common.facts import Code, Facts, Line, Text, unique
from organizations.enums import Attribute, Capacity, EvidenceKind, IdentifierScheme, LegalKind
from organizations.validators import clean_identifier, clean_organization_name

FIRST_YEAR, LAST_YEAR = 2000, 2100


class OrganizationFacts(Facts):
    """``city`` and ``district`` are codes; ``seat`` is for those outside the province."""

    name: Annotated[
        str, AfterValidator(clean_organization_name), Field(min_length=2, max_length=120)
    ]
    legal_kind: LegalKind = LegalKind.ENTERPRISE
    identifier_scheme: IdentifierScheme = IdentifierScheme.CREDIT_CODE
    identifier: str
    capacities: Annotated[list[Capacity], unique] = Field(
        default=[Capacity.PUBLISH, Capacity.SUPPLY], min_length=1
    )
    attributes: Annotated[list[Attribute], unique] = []
    city: Code | None = None
    district: Code | None = None
    seat: Annotated[Line, Field(max_length=60)] = ""
    address: Annotated[Line, Field(max_length=200)] = ""
    representative: Annotated[Line, Field(max_length=60)] = ""

    @field_validator("identifier")
    @classmethod
    def _identifier_of_its_scheme(cls, value: str, info: ValidationInfo) -> str:
        scheme = info.data.get("identifier_scheme", IdentifierScheme.CREDIT_CODE)
        return clean_identifier(scheme, value)

    @field_validator("seat")
    @classmethod
    def _in_one_place(cls, value: str, info: ValidationInfo) -> str:
        if value and info.data.get("city"):
            raise ValueError("已选广东省内的城市，省外所在地请留空；不在广东省内的，请不要选城市")
        return value


# What the licence says: after verification it changes by an amendment alone, which is checked.
ESSENTIAL = (
    "name",
    "legal_kind",
    "identifier_scheme",
    "identifier",
    "city",
    "district",
    "seat",
    "representative",
)


class EvidenceFacts(Facts):
    """``valid_until`` is the last day on which the document counts; None means without end."""

    kind: EvidenceKind
    valid_until: date | None = None
    note: Annotated[Text, Field(max_length=500)] = ""

    @field_validator("valid_until")
    @classmethod
    def _in_our_time(cls, value: date | None) -> date | None:
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise ValueError(f"有效期的年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间")
        return value
