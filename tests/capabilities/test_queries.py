"""Which capabilities and products somebody sees, and which are open for matching."""

import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from capabilities.enums import CapabilityState
from capabilities.facts import CapabilityFacts, ProductFacts
from capabilities.models import Capability, Product
from capabilities.queries import (
    open_for_matching,
    own_products,
    products_of,
    stated_facts,
    stated_product_facts,
    visible_products,
    visible_to,
    with_details,
)
from capabilities.services import change_capability, create_capability, create_product
from common.actor import Actor, ActorKind
from common.permissions import may
from organizations.models import Membership, Organization
from organizations.services import suspend_organization, verify_organization
from tests.records import GUANGZHOU, SYSTEM, make_capability, make_member, make_organization
from tests.roles import ADMINISTRATORS, AT_NANSHA, OVERSEERS, make_role

pytestmark = pytest.mark.django_db

VISITOR = Actor(ActorKind.VISITOR)
SUPPLIERS = ("submitted", "verified", "suspended")
EVERYBODY = {("verified", "published")}
CURATORS = {
    *("administrator", "administrator of another city", "catalogue administrator"),
    *("catalogue administrator of another issuer", "catalogue administrator of no issuer"),
}


@dataclasses.dataclass
class World:
    """A capability of each state with a supplier of each state."""

    suppliers: dict[str, Organization]
    capabilities: dict[tuple[str, str], Capability]

    def seen(self, actor: Actor) -> set[tuple[str, str]]:
        rows = list(visible_to(actor))
        assert len(rows) == len(set(rows))
        keys = {capability.pk: key for key, capability in self.capabilities.items()}
        return {keys[each.pk] for each in rows}


@pytest.fixture
def world(db: None) -> World:
    suppliers = {state: make_organization(verified=False, **AT_NANSHA) for state in SUPPLIERS}
    capabilities = {}
    for supplier_state, supplier in suppliers.items():
        for state in CapabilityState.values:
            capability = make_capability(supplier, published=False)
            Capability.objects.filter(pk=capability.pk).update(state=state)
            capabilities[supplier_state, state] = capability
    for state in ("verified", "suspended"):
        verify_organization(organization=suppliers[state], actor=SYSTEM)
    suspend_organization(organization=suppliers["suspended"], reason="核查", actor=SYSTEM)
    return World(suppliers, capabilities)


def make_product(organization: Organization) -> Product:
    return create_product(
        organization=organization,
        facts=ProductFacts(name="机器人", kind="product"),
        actor=make_member(organization),
    )


def test_visitors_and_strangers_see_what_verified_suppliers_published(world: World) -> None:
    assert world.seen(VISITOR) == EVERYBODY
    for role in ("viewer", "editor", "owner"):
        assert world.seen(make_member(make_organization(), role)) == EVERYBODY


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_members_see_everything_of_their_supplier(world: World, supplier: str, role: str) -> None:
    own = {(supplier, state) for state in CapabilityState.values}

    assert world.seen(make_member(world.suppliers[supplier], role)) == EVERYBODY | own


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_those_in_charge_see_everything_and_others_what_everybody_sees(
    world: World, role: str
) -> None:
    everything = set(world.capabilities)

    assert world.seen(make_role(role)) == (everything if role in OVERSEERS else EVERYBODY)
    assert world.seen(SYSTEM) == everything


def test_products_not_on_show_are_for_those_in_charge_and_for_who_curates_catalogues() -> None:
    """Catalogues take products of the whole province and beyond, whoever issues them."""
    hidden = make_product(make_organization(**AT_NANSHA))

    for role in ADMINISTRATORS:
        actor = make_role(role)
        sees = role in CURATORS | OVERSEERS.keys()
        assert visible_products(actor).contains(hidden) is sees, role
    assert visible_products(SYSTEM).contains(hidden)
    assert not visible_products(VISITOR).exists()


def test_suspension_takes_a_supplier_away_from_everybody_else_at_once(world: World) -> None:
    supplier = world.suppliers["verified"]
    member = make_member(supplier, "viewer")
    suspend_organization(organization=supplier, reason="核查", actor=SYSTEM)

    assert world.seen(VISITOR) == set()
    assert world.seen(make_member(make_organization())) == set()
    assert len(world.seen(member)) == len(CapabilityState.values)
    assert not open_for_matching().exists()


def test_removed_member_sees_no_more_than_everybody(world: World) -> None:
    actor = make_member(world.suppliers["verified"], "owner")
    Membership.objects.filter(user_id=actor.user_id).delete()

    assert world.seen(actor) == EVERYBODY


def test_whoever_may_do_something_to_a_capability_sees_it(world: World) -> None:
    stranger = make_member(make_organization(), "owner")
    members = [
        make_member(supplier, role)
        for supplier in world.suppliers.values()
        for role in ("viewer", "editor", "owner")
    ]
    administrators = map(make_role, ADMINISTRATORS)
    held = 0
    for actor in (VISITOR, SYSTEM, stranger, *administrators, *members):
        seen = world.seen(actor)
        for key, capability in world.capabilities.items():
            permissions = ("change", "publish", "withdraw")
            if any(may(f"capabilities.{each}", actor, capability) for each in permissions):
                held += 1
                assert key in seen, (actor, key)
    # The platform, those in charge, and an editor and an owner of each of the three suppliers.
    assert held == (1 + len(OVERSEERS) + 2) * len(world.capabilities)


def test_open_are_published_capabilities_of_verified_suppliers(world: World) -> None:
    assert list(open_for_matching()) == [world.capabilities["verified", "published"]]


def test_products_are_those_of_ones_own_organizations() -> None:
    first, second, foreign = (make_organization() for _ in range(3))
    mine = [make_product(first), make_product(second)]
    make_product(foreign)
    actor = make_member(first, "viewer")
    second.memberships.create(user_id=actor.user_id, role="owner")

    assert set(own_products(actor)) == set(mine)
    assert not own_products(VISITOR).exists()
    assert not own_products(SYSTEM).exists()
    assert not own_products(make_role("administrator")).exists()


def test_details_of_thirty_take_the_queries_of_one() -> None:
    supplier = make_organization(city=GUANGZHOU)
    product = make_product(supplier)

    def make() -> None:
        make_capability(
            supplier,
            concepts=["gd-2024-embodied-robots"],
            cases=[{"title": "码头"}],
            cities_served=[GUANGZHOU],
            products=[product.public_id],
        )

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            for each in with_details(visible_to(VISITOR)):
                shown = [each.organization.city, *each.cities_served.all(), *each.products.all()]
                shown += [c.scheme for c in each.concepts.all()]
                shown += each.reference_cases.all()
                assert len(shown) == 5
                assert None not in shown
        return len(captured)

    make()
    once = queries()
    for _ in range(29):
        make()
    assert queries() == once


def test_stated_facts_are_what_was_stated_and_change_nothing() -> None:
    supplier = make_organization()
    editor = make_member(supplier)
    facts = ProductFacts(
        name="机器人", kind="product", model_number="R", summary="一\n二", price_max_fen=5
    )
    products = [create_product(organization=supplier, facts=facts, actor=editor) for _ in range(2)]
    stated = CapabilityFacts(
        name="巡检",
        reference="C-1",
        summary="一\n二",
        highlights=["乙", "甲"],
        concepts=["gd-2024-embodied-robots", "gd-2024-synthetic-biology"],
        readiness=7,
        price_min_fen=0,
        price_max_fen=5,
        qualifications=["乙", "甲"],
        patents=["ZL2", "ZL1"],
        cases=[{"title": "码头", "client": "某公司", "year": 2025}, {"title": "仓库"}],
        cities_served=[GUANGZHOU],
        products=[each.public_id for each in products],
    )
    capability = create_capability(organization=supplier, facts=stated, actor=editor)

    for rows in (Capability.objects.all(), with_details(visible_to(editor))):
        read = rows.get(pk=capability.pk)
        found = stated_facts(read)
        assert {*found.concepts} == {*stated.concepts}
        assert found.model_copy(update={"concepts": stated.concepts}) == stated
        change_capability(capability=read, facts=found, actor=editor)
    assert stated_facts(Capability.objects.get()) == found
    assert [stated_product_facts(each) for each in products] == [facts, facts]
    assert stated_facts(make_capability(name="甲")) == CapabilityFacts(name="甲")


def test_products_of_an_organization_are_its_own_alone() -> None:
    one, other = make_organization(), make_organization()
    facts = ProductFacts(name="机器人", kind="product")
    mine = create_product(organization=one, facts=facts, actor=make_member(one))
    create_product(organization=other, facts=facts, actor=make_member(other))

    assert list(products_of(one)) == [mine]
