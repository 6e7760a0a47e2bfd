"""What is stated of an authority, an appointment and a delegation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from accounts.enums import Duty
from common.facts import Absent, Code, Facts, Name, Text, unique

DELEGABLE = (Duty.CONTENT, Duty.CATALOGUE)
# Separated duties (三员分立): whoever has one of these has no other, in no authority. The rest
# may be one person's.
STANDING_ALONE = (Duty.SYSTEM, Duty.AUDIT)
APART = "系统管理和审计管理都要单独承担，不能与其他职责由同一人承担"
_Day = Annotated[date | None, Absent]


def may_be_one_persons(duties: Collection[Duty]) -> bool:
    return len(set(duties)) < 2 or not any(duty in duties for duty in STANDING_ALONE)


def _in_order(duties: list[Duty]) -> list[Duty]:
    return [duty for duty in Duty if duty in duties]


_Duties = Annotated[list[Duty], unique, AfterValidator(_in_order), Field(min_length=1)]


class AuthorityFacts(Facts):
    """``body`` is the code of a responsible body, ``city`` and ``district`` are codes."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    name: Name
    body: Annotated[Code | None, Absent] = None
    city: Annotated[Code | None, Absent] = None
    district: Annotated[Code | None, Absent] = None

    @model_validator(mode="after")
    def _district_in_a_city(self) -> AuthorityFacts:
        if self.district and not self.city:
            raise ValueError("区级部门要同时写明所在的市")
        return self


class AppointmentFacts(Facts):
    """``ends_on`` is the last day, Beijing; None until further notice."""

    duties: _Duties
    ends_on: _Day = None

    @field_validator("duties")
    @classmethod
    def _separated(cls, duties: list[Duty]) -> list[Duty]:
        if not may_be_one_persons(duties):
            raise ValueError(APART)
        return duties


class DelegationFacts(Facts):
    """Every delegation ends one day: ``ends_on`` is the last, Beijing."""

    duties: _Duties
    ends_on: date

    @field_validator("duties")
    @classmethod
    def _what_may_be_delegated(cls, duties: list[Duty]) -> list[Duty]:
        if not set(duties) <= set(DELEGABLE):
            raise ValueError("只能委托内容管理和目录管理")
        return duties


class EndFacts(Facts):
    """Why an appointment or a delegation ends before its day."""

    reason: Annotated[Text, Field(min_length=1, max_length=2000)]
