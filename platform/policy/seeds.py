"""The format of ``seeds/policy/*.yaml``: bodies, documents, clauses, targets, rules."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from common.money import MAX_FEN
from common.seedfile import SeedModel
from policy.enums import Bound, CapUnit, DocumentStatus, RuleBase, RuleStatus, TargetNature

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
# As long as the columns that take them (tests/taxonomy/test_seeds.py compares).
Text20 = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Text40 = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Text60 = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Text100 = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Text120 = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Text200 = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text300 = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Year = Annotated[int, Field(ge=2000, le=2100)]
DivisionCode = Annotated[str, StringConstraints(pattern=r"^44[0-9]{4}$", max_length=6)]


class BodySeed(SeedModel):
    """A responsible body (责任单位) as the texts name it."""

    code: Code
    name: Text100 = Field(description="full name, 广东省发展和改革委员会")
    short_name: Text60 = Field(description="as the texts abbreviate it, 省发展改革委")
    jurisdiction: DivisionCode


class BodiesFile(SeedModel):
    bodies: list[BodySeed]


class Validity(SeedModel):
    """A period of validity, where the text states one."""

    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError("valid_from 晚于 valid_to")
        return self


class DocumentSeed(Validity):
    """A policy document and what it counts for today."""

    code: Code
    title: Text200
    short_title: Text60 = Field(description="for badges and lists, 省行动方案（2024）")
    number: str = Field(
        default="", max_length=60, description="文号, only where the text shows one"
    )
    issuer: Text200
    jurisdiction: DivisionCode
    issued: dt.date | None = Field(default=None, description="only where the text shows it")
    year: Year
    status: DocumentStatus
    status_note: Text300 = Field(description="said wherever the document is shown")


class ClauseSeed(SeedModel):
    """A clause: its number as printed, a heading, and a summary in our own words."""

    code: Code
    number: Text60 = Field(description="as printed: 三（四）, 第（十二）条, 专栏 11")
    heading: Text100
    summary: Text = Field(description="our own words, never a sentence of the text")
    bodies: list[Code] = []


class TargetSeed(SeedModel):
    """A figure that a text sets as a goal, keeping 以上 and 左右."""

    code: Code
    clause: Code
    subject: Text120 = Field(description="what is counted, 应用场景和标杆示范")
    quantity: int = Field(ge=0, le=MAX_FEN)
    unit: Text20
    bound: Bound
    wording: Text60 = Field(description="the figure as printed: 20个以上")
    year: Year
    nature: TargetNature = TargetNature.CUMULATIVE


class RuleSeed(Validity):
    """A subsidy rule: rate and cap as stated, and what is our reading of it."""

    code: Code
    clause: Code
    title: Text120
    rate_percent: int | None = Field(default=None, ge=1, le=100)
    rate_is_maximum: bool = Field(default=False, description="不超过: the rate is a ceiling")
    cap_fen: int | None = Field(default=None, ge=1, le=MAX_FEN)
    cap_per: CapUnit = CapUnit.NOT_STATED
    cap_per_note: str = Field(default="", max_length=300)
    base: RuleBase
    base_wording: Text100 = Field(description="as printed: 销售合同金额")
    payment: str = Field(
        default="", max_length=60, description="事后资助 and the like, where stated"
    )
    beneficiary: Text200
    beneficiary_is_interpretation: bool = False
    interpretation: str = Field(default="", description="our reading where the text is silent")
    conditions: list[str] = []
    status: RuleStatus

    @model_validator(mode="after")
    def _some_amount(self) -> Self:
        if self.rate_percent is None and self.cap_fen is None:
            raise ValueError("rate_percent 与 cap_fen 至少填写一项")
        return self


class PolicyFile(SeedModel):
    """One document with everything that cites it."""

    document: DocumentSeed
    clauses: list[ClauseSeed]
    targets: list[TargetSeed] = []
    rules: list[RuleSeed] = []
