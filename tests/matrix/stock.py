"""Records of the two rivals, of each kind in each state that a request needs."""

from __future__ import annotations

from typing import Any

from applications.models import Application
from applications.services import STEPS as APPLICATION_STEPS
from capabilities.services import STEPS as CAPABILITY_STEPS
from common.actor import Actor
from notifications.enums import Category, Mode, Standing
from notifications.models import Notification
from organizations.enums import MemberRole
from organizations.models import Organization
from scenarios.facts import ContactFacts
from scenarios.models import Scenario
from scenarios.services import STEPS as SCENARIO_STEPS
from scenarios.services import change_contact
from tests.catalogues import ISSUER, make_catalogue, make_item, make_product, publish
from tests.matrix.people import ANOTHER_ISSUER, device_of, passkey_of
from tests.matrix.world import World, canary
from tests.records import (
    GUANGZHOU,
    SYSTEM,
    make_application,
    make_capability,
    make_organization,
    make_scenario,
)
from tokens.facts import TokenFacts
from tokens.services import create_token

# How a record comes to its state.
SCENARIOS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submit",),
    "returned": ("submit", "return"),
    "published": ("submit", "publish"),
    "closed": ("submit", "publish", "close"),
}
CAPABILITIES: dict[str, tuple[str, ...]] = {"draft": (), "published": ("publish",)}
APPLICATIONS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submit",),
    "shortlisted": ("submit", "shortlist"),
    "selected": ("submit", "shortlist", "select"),
    "connected": ("submit", "shortlist", "select", "connect"),
}
# What is private of an item until its notice begins.
ITEMS = ("candidate", "under_notice", "listed")


def lay_in(world: World) -> None:
    for state, path in SCENARIOS.items():
        world.add(f"scenario {state}", lambda side, path=path: _scenario(world, side, path))
    for state, path in CAPABILITIES.items():
        world.add(f"capability {state}", lambda side, path=path: _capability(world, side, path))
    world.add("product", lambda side: _product(world, side))
    # The side is the supplier's here, and the publisher's there.
    for state, path in APPLICATIONS.items():
        world.add(f"sent {state}", lambda side, path=path: _sent(world, side, path))
        if path:
            world.add(f"received {state}", lambda side, path=path: _received(world, side, path))
    _catalogues(world)
    _of_people(world)


def _product(world: World, side: str, *, is_private: bool = True) -> Any:
    name = f"矩阵 {canary('product', side)}" if is_private else "矩阵"
    return make_product(world.organizations[side], name=name)


def _record_name(side: str, *, is_private: bool) -> str:
    return f"矩阵 {canary('record', side)}" if is_private else "矩阵"


def _scenario(world: World, side: str, path: tuple[str, ...]) -> Any:
    name = _record_name(side, is_private="publish" not in path)
    organization = world.organizations[side]
    scenario = make_scenario(organization, published=False, name=name, city=GUANGZHOU)
    for step in path:
        actor = SYSTEM if step in {"publish", "return"} else world.editor(side)
        SCENARIO_STEPS.take(step, scenario, actor, reason="请补充" if step == "return" else "")
    return scenario


def _capability(world: World, side: str, path: tuple[str, ...]) -> Any:
    name = _record_name(side, is_private=not path)
    capability = make_capability(world.organizations[side], published=False, name=name)
    for step in path:
        CAPABILITY_STEPS.take(step, capability, world.editor(side))
    return capability


def _sent(world: World, side: str, path: tuple[str, ...]) -> Application:
    """By the side, to a scenario of somebody who is no rival."""
    host = make_organization()
    application = make_application(
        _reachable(host),
        make_capability(world.organizations[side]),
        submitted=False,
        proposal=canary("application", side),
    )
    return _along(application, path, supplier=world.editor(side), host=host)


def _received(world: World, side: str, path: tuple[str, ...]) -> Application:
    host = world.organizations[side]
    application = make_application(
        _reachable(host),
        make_capability(),
        submitted=False,
        proposal=canary("application", side),
    )
    supplier = _some_editor(application.organization)
    return _along(application, path, supplier=supplier, host=host)


def _reachable(host: Organization) -> Scenario:
    scenario = make_scenario(host)
    facts = ContactFacts(contact_name="张三", contact_phone="13800138000")
    return change_contact(scenario=scenario, facts=facts, actor=_some_editor(host))


def _along(
    application: Application, path: tuple[str, ...], *, supplier: Actor, host: Organization
) -> Application:
    for step in path:
        actor = supplier if step == "submit" else _some_editor(host)
        APPLICATION_STEPS.take(step, application, actor)
    return application


def _some_editor(organization: Organization) -> Actor:
    held = organization.memberships.exclude(role=MemberRole.VIEWER).select_related("user")
    found = held.first()
    assert found is not None
    return Actor.of(found.user)


def _catalogues(world: World) -> None:
    """Items are of the sides' products in the one catalogue; the other has another issuer."""
    issuers = {"own": ISSUER, "rival": ANOTHER_ISSUER}
    world.add("catalogue", lambda side: make_catalogue(issuer=issuers[side]))
    catalogues = world.records["catalogue"]
    for state in ITEMS:
        world.add(
            f"item {state}",
            lambda side, state=state: make_item(
                catalogues["own"], state, _product(world, side, is_private=state == "candidate")
            ),
        )
    make_item(catalogues["rival"], "listed")
    world.add("edition", lambda side: publish(catalogues[side]))
    # What there is to publish next.
    for side in catalogues:
        make_item(catalogues[side], "listed")


def _of_people(world: World) -> None:
    """What belongs to one person, or to those who answer for an organization."""
    world.add(
        "token",
        lambda side: create_token(
            organization=world.organizations[side],
            facts=TokenFacts(name=canary("token", side), permissions=[], days=30),
            actor=world.owner(side),
        )[0],
    )
    world.add("notice", lambda side: _notice(world, side))
    owners = {"own": world.people["owner"], "rival": world.people["rival"]}
    world.add("device", lambda side: device_of(owners[side], canary("device", side)))
    world.add("passkey", lambda side: passkey_of(owners[side], canary("device", side)))


def _notice(world: World, side: str) -> Notification:
    return Notification.objects.create(
        user_id=world.owner(side).user_id,
        standing=Standing.MEMBER,
        organization=world.organizations[side],
        category=Category.REVIEW,
        title=canary("notice", side),
        text="说明",
        path="/my/",
        reason="测试",
        topic="scenarios.scenario.publish",
        record_id=1,
        message_id=1,
        mode=Mode.NONE,
    )
