"""Organizations of the two rivals in each state, with what waits to be checked or answered."""

from __future__ import annotations

from typing import Any

from common.actor import Actor
from files.services import Upload
from organizations import joining
from organizations.amendments import ask_to_amend
from organizations.enums import EvidenceKind, IdentifierScheme, MemberRole
from organizations.evidence import add_evidence
from organizations.facts import EvidenceFacts, OrganizationFacts
from organizations.models import Organization
from organizations.queries import stated_facts
from organizations.services import STEPS, register_organization
from tests.evidence import PDF, make_evidence
from tests.matrix.people import join
from tests.matrix.world import World, canary
from tests.records import GUANGZHOU, SYSTEM, credit_code, make_organization

# How an organization comes to its state; the platform checks.
STATES: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submit",),
    "returned": ("submit", "return"),
    "rejected": ("submit", "reject"),
    "suspended": ("submit", "verify", "suspend"),
}
OWN_STEPS = {"submit"}


def lay_in(world: World) -> None:
    for number, state in enumerate(STATES):
        world.add(
            f"organization {state}",
            lambda side, number=number, state=state: _registered(world, side, number, state),
        )
    world.add("organization amended", lambda side: _verified(world, side))
    world.add("amendment", lambda side: _amendment(world, side))
    world.add("evidence", lambda side: _evidence(world, side))
    world.records["file"] = {
        side: evidence.file for side, evidence in world.records["evidence"].items()
    }
    world.add("invitation", lambda side: _invitation(world, side))
    world.add("request", lambda side: _request(world, side))
    # Of which one has to be there to be asked for.
    world.records["unjoined"] = {"own": make_organization(), "rival": make_organization()}


def _registered(world: World, side: str, number: int, state: str) -> Organization:
    """Its seat and who represents it are for those who check it."""
    facts = OrganizationFacts(
        name=f"矩阵登记{side}{number}",
        identifier=credit_code(800_000 + 10 * number + (side == "rival")),
        city=GUANGZHOU,
        representative=canary("organization", side),
        address=canary("organization", side),
    )
    organization = register_organization(facts=facts, actor=world.owner(side))
    join(world, side, organization)
    make_evidence(organization)
    for step in STATES[state]:
        actor = world.owner(side) if step in OWN_STEPS else SYSTEM
        needs_reason = step in {"return", "reject", "suspend"}
        STEPS.take(step, organization, actor, **({"reason": "请补充"} if needs_reason else {}))
    return organization


def _verified(world: World, side: str) -> Organization:
    organization = make_organization(city=GUANGZHOU)
    join(world, side, organization)
    return organization


def _amendment(world: World, side: str) -> Any:
    organization = world.records["organization amended"][side]
    facts = stated_facts(organization)
    return ask_to_amend(
        organization=organization,
        facts=facts.model_copy(update={"representative": canary("amendment", side)}),
        actor=world.owner(side),
    )


def _evidence(world: World, side: str) -> Any:
    facts = EvidenceFacts(kind=EvidenceKind.LICENCE, note=canary("evidence", side))
    content = PDF + canary("evidence", side).encode()
    return add_evidence(
        organization=world.organizations[side],
        facts=facts,
        upload=Upload(f"{canary('evidence', side)}.pdf", content),
        actor=world.owner(side),
    )


def _invitation(world: World, side: str) -> Any:
    """To the newcomer, by each side."""
    return joining.invite(
        organization=world.organizations[side],
        email=world.people["newcomer"].email,
        role=MemberRole.EDITOR,
        actor=world.owner(side),
    )


def _request(world: World, side: str) -> Any:
    """By the newcomer to one's own; to the rival's by somebody else."""
    person = world.people["newcomer" if side == "own" else "judge"]
    return joining.ask_to_join(
        scheme=IdentifierScheme.CREDIT_CODE,
        identifier=world.organizations[side].identifier,
        message=canary("joining", side),
        actor=Actor.of(person),
    )
