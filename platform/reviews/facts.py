"""What is stated of an expert, and what an expert declares."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from common.facts import Code, Facts, Line, Name, unique
from organizations.enums import IdentifierScheme
from organizations.validators import clean_identifier
from reviews.enums import InterestKind

MAX_CONCEPTS = 12
_Short = Annotated[Line, Field(max_length=60)]


class ExpertFacts(Facts):
    """``employer_code`` is the credit code of an employer that is registered here."""

    title: _Short = ""
    employer: Annotated[Line, Field(max_length=120)] = ""
    employer_code: _Short = ""


class ExpertiseFacts(Facts):
    concepts: Annotated[list[Code], unique, Field(max_length=MAX_CONCEPTS)] = []


class InterestFacts(Facts):
    """A tie to an organization, known by name and, where stated, by its identifier.

    ``until`` is the last day, None while it lasts; ``relation`` says who or as what.
    """

    kind: InterestKind
    name: Name
    scheme: IdentifierScheme = IdentifierScheme.CREDIT_CODE
    identifier: Annotated[str, Field(max_length=60)] = ""
    since: date | None = None
    until: date | None = None
    share_percent: Annotated[
        Decimal | None, Field(gt=0, le=100, max_digits=5, decimal_places=2)
    ] = None
    relation: Annotated[Line, Field(max_length=120)] = ""

    @field_validator("identifier")
    @classmethod
    def _identifier_of_its_scheme(cls, value: str, info: ValidationInfo) -> str:
        scheme = info.data.get("scheme", IdentifierScheme.CREDIT_CODE)
        return clean_identifier(scheme, value) if value.strip() else ""

    @field_validator("until")
    @classmethod
    def _days_in_order(cls, until: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("since")
        if since is not None and until is not None and until < since:
            raise ValueError("结束日期不能早于开始日期")
        return until

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> Self:
        if self.share_percent is not None and self.kind is not InterestKind.SHAREHOLDING:
            raise ValueError("只有持股要填写比例")
        if self.kind is InterestKind.FAMILY and not self.relation:
            raise ValueError("亲属关系须写明是什么关系、在该单位任什么职")
        return self
