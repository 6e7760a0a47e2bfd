"""The format of ``seeds/demo/*.yaml``: invented organizations and what they do on the platform."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from accounts.enums import Duty
from applications.enums import ApplicationState
from applications.facts import ApplicationFacts
from authorities.facts import APART, AuthorityFacts, may_be_one_persons
from capabilities.enums import CapabilityState
from capabilities.facts import CapabilityFacts, ProductFacts
from catalogue.enums import ItemState
from catalogue.facts import CandidateFacts, DemonstrationCatalogueFacts
from common.facts import Email, Name, Text
from organizations.enums import MemberRole, OrganizationState
from organizations.facts import OrganizationFacts
from scenarios.enums import ScenarioState
from scenarios.facts import ScenarioFacts

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
# Records speak of each other by these, so in these files they are stated and differ.
Reference = Annotated[Name, Field(max_length=60)]
Reason = Annotated[Text, Field(max_length=500)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrganizationSeed(_Entry):
    """``key`` is the name by which the files speak of the organization."""

    key: Key
    state: OrganizationState = OrganizationState.VERIFIED
    facts: OrganizationFacts


class AuthoritySeed(_Entry):
    """An authority that does not exist, for people who show what one does."""

    facts: AuthorityFacts


class PersonSeed(_Entry):
    """Somebody to sign in as."""

    email: Email
    name: Name
    organization: Key | None = None
    role: MemberRole | None = None
    authority: Key | None = None
    duties: list[Duty] = []

    @model_validator(mode="after")
    def _role_of_an_organization(self) -> Self:
        if (self.organization is None) != (self.role is None):
            raise ValueError("organization 和 role 要一起给出")
        if (self.authority is None) == bool(self.duties):
            raise ValueError("authority 和 duties 要一起给出")
        if not may_be_one_persons(self.duties):
            raise ValueError(APART)
        return self


class ProductSeed(_Entry):
    """Known to the files by its name, which no other product of theirs has."""

    organization: Key
    facts: ProductFacts


class CapabilitySeed(_Entry):
    """``products`` are names of products of the same organization."""

    organization: Key
    reference: Reference
    state: CapabilityState = CapabilityState.PUBLISHED
    products: list[Name] = []
    facts: CapabilityFacts


class ScenarioSeed(_Entry):
    """``open_days``: days from the loading of the data to the deadline."""

    organization: Key
    reference: Reference
    state: ScenarioState = ScenarioState.PUBLISHED
    reason: Reason = ""
    open_days: Annotated[int | None, Field(ge=1, le=730)] = None
    co_publishers: list[Key] = []
    facts: ScenarioFacts

    @model_validator(mode="after")
    def _reason_for_a_return(self) -> Self:
        if (self.state is ScenarioState.RETURNED) != bool(self.reason):
            raise ValueError("state 为 returned 时要有 reason，其他状态不写")
        return self


class ApplicationSeed(_Entry):
    """``scenario`` and ``capability`` are references."""

    scenario: Reference
    capability: Reference
    state: ApplicationState = ApplicationState.SUBMITTED
    reason: Reason = ""
    facts: ApplicationFacts

    @model_validator(mode="after")
    def _reason_for_a_refusal(self) -> Self:
        if (self.state is ApplicationState.DECLINED) != bool(self.reason):
            raise ValueError("state 为 declined 时要有 reason，其他状态不写")
        return self


class HeldNotice(_Entry):
    """A notice that has begun; both ends count, Beijing days."""

    began_days_ago: Annotated[int, Field(ge=0, le=365)]
    days: Annotated[int, Field(ge=1, le=365)]


class ItemSeed(_Entry):
    """``product`` is a name; whatever is more than a candidate has had its notice, or has it."""

    product: Name
    state: ItemState = ItemState.CANDIDATE
    notice: HeldNotice | None = None
    reason: Reason = ""
    facts: CandidateFacts

    @model_validator(mode="after")
    def _what_its_state_needs(self) -> Self:
        if self.notice is None and self.state not in {ItemState.CANDIDATE, ItemState.DROPPED}:
            raise ValueError(f"state 为 {self.state.value} 时要有 notice")
        if (self.state in {ItemState.DROPPED, ItemState.DELISTED}) != bool(self.reason):
            raise ValueError("state 为 dropped 或 delisted 时要有 reason，其他状态不写")
        return self


class CatalogueSeed(_Entry):
    """``edition`` is the note of the one edition, which holds what is or was listed."""

    facts: DemonstrationCatalogueFacts
    edition: Text = ""
    items: list[ItemSeed] = []


class DemonstrationFile(_Entry):
    """Every file may hold any of it; together they are one world."""

    organizations: list[OrganizationSeed] = []
    authorities: list[AuthoritySeed] = []
    people: list[PersonSeed] = []
    products: list[ProductSeed] = []
    capabilities: list[CapabilitySeed] = []
    scenarios: list[ScenarioSeed] = []
    applications: list[ApplicationSeed] = []
    catalogues: list[CatalogueSeed] = []
