"""What a scenario says; ``None`` and empty lists mean: not stated."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, ValidationInfo, field_validator

from common.facts import (
    Absent,
    Code,
    Email,
    Facts,
    Fen,
    Line,
    Name,
    Readiness,
    ShortLines,
    Text,
    check_range,
    unique,
)
from organizations.validators import clean_credit_code
from scenarios.enums import CallMode, Condition, DemandKind, ScenarioKind, Strength

MAX_CONCEPTS = 8
FIRST_YEAR, LAST_YEAR = 2000, 2100


class GoalFacts(Facts):
    """``indicator`` can be measured; ``target`` says with which result the goal is reached."""

    indicator: Annotated[Line, Field(min_length=1, max_length=120)]
    target: Annotated[Line, Field(max_length=120)] = ""


class NeedFacts(Facts):
    """``concept`` (a code) makes a must-have one that the matcher can filter by."""

    strength: Strength
    text: Annotated[Line, Field(min_length=1, max_length=300)]
    concept: Code | None = None


ContactName = Annotated[Line, Field(max_length=60)]
ContactPhone = Annotated[Line, Field(max_length=40)]


class ContactFacts(Facts):
    """Whom a chosen supplier reaches; the one thing of an ended call that still changes."""

    contact_name: ContactName = ""
    contact_phone: ContactPhone = ""
    contact_email: Email = ""


class ScenarioFacts(Facts):
    """``concepts``, ``city`` and ``district`` are codes, ``co_publishers`` credit codes."""

    name: Name
    reference: Annotated[Line, Field(max_length=60)] = ""
    kind: Annotated[ScenarioKind | None, Absent] = None
    demand_kind: Annotated[DemandKind | None, Absent] = None
    concepts: Annotated[list[Code], unique, Field(max_length=MAX_CONCEPTS)] = []
    city: Annotated[Code | None, Absent] = None
    district: Annotated[Code | None, Absent] = None
    site: Annotated[Line, Field(max_length=200)] = ""
    problem: Annotated[Text, Field(max_length=8000)] = ""
    goals: Annotated[list[GoalFacts], Field(max_length=20)] = []
    needs: Annotated[list[NeedFacts], Field(max_length=20)] = []
    conditions: Annotated[list[Condition], unique] = []
    conditions_note: Annotated[Text, Field(max_length=2000)] = ""
    budget_min_fen: Fen | None = None
    budget_max_fen: Fen | None = None
    readiness_min: Readiness | None = None
    readiness_max: Readiness | None = None
    readiness_is_must: bool = False
    required_qualifications: ShortLines = []
    call_mode: Annotated[CallMode | None, Absent] = None
    deadline: AwareDatetime | None = None
    contact_name: ContactName = ""
    contact_phone: ContactPhone = ""
    contact_email: Email = ""
    co_publishers: Annotated[
        list[Annotated[str, AfterValidator(clean_credit_code)]], unique, Field(max_length=20)
    ] = []

    @field_validator("readiness_max")
    @classmethod
    def _readiness_in_order(cls, upper: int | None, info: ValidationInfo) -> int | None:
        check_range(info.data.get("readiness_min"), upper, "技术成熟度")
        return upper

    @field_validator("budget_max_fen")
    @classmethod
    def _budget_in_order(cls, upper: int | None, info: ValidationInfo) -> int | None:
        check_range(info.data.get("budget_min_fen"), upper, "预算")
        return upper

    @field_validator("deadline")
    @classmethod
    def _deadline_in_our_time(cls, value: datetime | None) -> datetime | None:
        """The database stores moments beyond the year 9999 that Python cannot read back."""
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise ValueError(f"截止时间的年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间")
        return value

    @field_validator("readiness_is_must")
    @classmethod
    def _must_names_a_level(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("readiness_min") is None:
            raise ValueError("要作为硬性要求，请先填写技术成熟度下限")
        return value


# Facts that are columns of the scenario itself, under the same name.
COLUMNS = set(ScenarioFacts.model_fields) - {
    "concepts",
    "city",
    "district",
    "goals",
    "needs",
    "co_publishers",
}
