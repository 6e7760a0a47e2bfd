"""The format of ``seeds/taxonomy/*.yaml`` and ``seeds/cities/*.yaml``."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from common.seedfile import SeedModel
from policy.seeds import Code, DivisionCode, Text20, Text40, Text60, Text100, Text300
from taxonomy.enums import (
    CarrierKind,
    ConceptLevel,
    ConceptStatus,
    DistrictKind,
    FocusScope,
    Horizon,
    MappingKind,
    MetroCircle,
    Region,
)


class SchemeSeed(SeedModel):
    """A concept scheme (标签体系): one list of industries in one text."""

    code: Code
    title: Text100
    short_title: Text40
    jurisdiction: DivisionCode | None = Field(description="null for national lists")
    document: Code
    clauses: list[Code] = Field(description="the clauses that hold the list", min_length=1)
    note: str = Field(default="", description="our own words: what the list is for, is it open")
    order: int = Field(ge=1, le=1000, description="place among the schemes, the trunk first")


class ConceptSeed(SeedModel):
    """A concept with its narrower concepts inside it."""

    code: Code
    label: Text60 = Field(description="as the text prints it")
    alternatives: list[Text60] = Field(default=[], description="other names in the texts")
    level: ConceptLevel
    clause: Code
    definition: str = Field(default="", max_length=300, description="our own words, short")
    horizon: Horizon | None = None
    status: ConceptStatus = ConceptStatus.ACTIVE
    narrower: list[ConceptSeed] = []


class SchemeFile(SeedModel):
    """``seeds/taxonomy/<scheme>.yaml``"""

    scheme: SchemeSeed
    concepts: list[ConceptSeed] = Field(min_length=1)


class MappingSeed(SeedModel):
    """``source`` skos:<kind>Match ``target``; BROAD says that the target is the broader one."""

    source: Code
    target: Code
    kind: MappingKind
    reason: Text300


class UnmappedSeed(SeedModel):
    """A concept without a counterpart in a scheme, said openly instead of a forced mapping."""

    concept: Code
    scheme: Code
    reason: Text300


class CrosswalkFile(SeedModel):
    """``seeds/taxonomy/crosswalk.yaml``"""

    mappings: list[MappingSeed]
    unmapped: list[UnmappedSeed] = []


class DistrictSeed(SeedModel):
    """A district; functional areas carry no GB/T 2260 code."""

    code: Code
    division_code: DivisionCode | None = None
    name: Text20
    kind: DistrictKind = DistrictKind.ADMINISTRATIVE

    @model_validator(mode="after")
    def _code_fits_kind(self) -> Self:
        if (self.kind == DistrictKind.ADMINISTRATIVE) != (self.division_code is not None):
            raise ValueError("行政区必须有 division_code，功能区不得有")
        return self


class CitySeed(SeedModel):
    """A city at prefecture level; ``column`` and ``row`` place its tile on the grid (from 1)."""

    code: DivisionCode
    slug: Annotated[Code, StringConstraints(max_length=40)]
    name: Text20
    region: Region
    metro_circles: list[MetroCircle]
    column: int = Field(ge=1, le=9)
    row: int = Field(ge=1, le=6)
    districts: list[DistrictSeed] = []


class CitiesFile(SeedModel):
    """``seeds/cities/cities.yaml``"""

    cities: list[CitySeed]


class FocusItem(SeedModel):
    """A concept that a text names for a city; ``wording`` only where it differs from the label."""

    concept: Code
    wording: str = Field(default="", max_length=60)


class FocusSeed(SeedModel):
    """What one clause names for one city, or for a group of cities, in the text's order."""

    clause: Code
    cities: list[DivisionCode] = Field(min_length=1)
    scope: FocusScope
    fields: list[FocusItem] = []
    sub_industries: list[FocusItem] = []


class FocusFile(SeedModel):
    """``seeds/cities/focus.yaml``"""

    focus: list[FocusSeed]


class CarrierSource(SeedModel):
    """A clause that names the carrier; ``wording`` only where it differs from the name."""

    clause: Code
    wording: str = Field(default="", max_length=60)
    role: str = Field(
        default="", max_length=60, description="核心载体, 重点创新平台 … as the clause says"
    )


class CarrierSeed(SeedModel):
    """A carrier (载体) of a city."""

    code: Code
    name: Text60
    city: DivisionCode
    district: Code | None = None
    kind: CarrierKind
    sources: list[CarrierSource] = Field(min_length=1)
    alternatives: list[Text60] = []


class CarriersFile(SeedModel):
    """``seeds/cities/carriers.yaml``"""

    carriers: list[CarrierSeed]
