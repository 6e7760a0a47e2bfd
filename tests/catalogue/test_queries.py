"""Who sees which items, and what an edition would hold."""

import dataclasses

import pytest

from capabilities.models import Product
from catalogue.enums import ItemState
from catalogue.facts import DemonstrationCatalogueFacts
from catalogue.models import CatalogueItem
from catalogue.queries import (
    bases,
    catalogues,
    catalogues_curated_by,
    catalogues_under_curation,
    current_editions,
    current_listings,
    edition_before,
    issuers,
    next_edition,
    nominable,
    product_for,
    sees_reasons,
    under_notice,
    visible_to,
    with_details,
)
from catalogue.services import create_demonstration_catalogue, delist_item
from catalogue.workbench import workbench
from common.actor import Actor, ActorKind
from common.permissions import may
from lifecycle.services import available
from organizations.models import Membership, Organization
from organizations.services import suspend_organization
from tests.catalogues import (
    BASIS,
    day,
    make_catalogue,
    make_item,
    make_notice,
    make_product,
    publish,
)
from tests.records import SYSTEM, make_administrator, make_member, make_organization, user_of
from tests.roles import ADMINISTRATORS, ANOTHER_ISSUER, ISSUERS, make_role

pytestmark = pytest.mark.django_db

VISITOR = Actor(ActorKind.VISITOR)
SUPPLIERS = ("submitted", "verified", "suspended")
INVENTED = DemonstrationCatalogueFacts(name="演示目录", code="YSML", basis=BASIS)
EVERYBODY = {("verified", state) for state in ("under_notice", "listed", "delisted")}


@dataclasses.dataclass
class World:
    """An item of each state with a supplier of each state."""

    suppliers: dict[str, Organization]
    items: dict[tuple[str, str], CatalogueItem]

    def seen(self, actor: Actor) -> set[tuple[str, str]]:
        rows = list(visible_to(actor))
        assert len(rows) == len(set(rows))
        keys = {item.pk: key for key, item in self.items.items()}
        return {keys[each.pk] for each in rows}


@pytest.fixture
def world(db: None) -> World:
    suppliers = {state: make_organization() for state in SUPPLIERS}
    catalogue = make_catalogue()
    items = {
        (supplier_state, state): make_item(catalogue, state, make_product(supplier))
        for supplier_state, supplier in suppliers.items()
        for state in ItemState.values
    }
    for state, supplier in suppliers.items():
        Organization.objects.filter(pk=supplier.pk).update(state=state)
    return World(suppliers, items)


def test_visitors_and_strangers_see_what_is_public_of_verified_suppliers(world: World) -> None:
    assert world.seen(VISITOR) == EVERYBODY
    for role in ("viewer", "editor", "owner"):
        assert world.seen(make_member(make_organization(), role)) == EVERYBODY


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_members_see_everything_of_their_supplier(world: World, supplier: str, role: str) -> None:
    own = {(supplier, state) for state in ItemState.values}
    assert world.seen(make_member(world.suppliers[supplier], role)) == EVERYBODY | own


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_those_who_issue_a_catalogue_see_all_of_it_and_others_what_everybody_sees(
    world: World, role: str
) -> None:
    assert world.seen(make_role(role)) == (set(world.items) if role in ISSUERS else EVERYBODY)
    assert world.seen(SYSTEM) == set(world.items)


def test_invented_catalogue_without_issuer_is_of_authorities_that_issue_for_no_body() -> None:
    catalogue = create_demonstration_catalogue(facts=INVENTED, actor=SYSTEM)
    item = make_item(catalogue, product=make_product(make_organization(is_demonstration=True)))

    for role in ADMINISTRATORS:
        actor, theirs = make_role(role), role == "catalogue administrator of no issuer"
        assert visible_to(actor).contains(item) is theirs, role
        assert catalogues_curated_by(actor).contains(catalogue) is theirs, role
        assert may("catalogue.manage", actor, catalogue) is theirs, role


def test_rule_and_condition_agree_on_who_issues() -> None:
    mine, another = make_catalogue(), make_catalogue(issuer=ANOTHER_ISSUER)
    seen = {
        **{role: set() for role in ADMINISTRATORS},
        "administrator": {mine},
        "catalogue administrator": {mine},
        "administrator of another city": {another},
        "catalogue administrator of another issuer": {another},
    }

    for role, theirs in seen.items():
        actor = make_role(role)
        assert set(catalogues_curated_by(actor)) == theirs, role
        assert set(catalogues_under_curation(actor)) == theirs, role
        assert {c for c in (mine, another) if may("catalogue.manage", actor, c)} == theirs, role
    assert set(catalogues_curated_by(SYSTEM)) == {mine, another}
    assert not catalogues_curated_by(VISITOR).exists()


def test_removed_member_sees_no_more_than_everybody(world: World) -> None:
    actor = make_member(world.suppliers["verified"], "owner")
    Membership.objects.filter(user_id=actor.user_id).delete()
    assert world.seen(actor) == EVERYBODY


def test_whoever_may_curate_an_item_sees_it(world: World) -> None:
    own = make_administrator()
    supplier = world.suppliers["verified"]
    Membership.objects.create(organization=supplier, user=user_of(own), role="viewer")
    others = [make_role(role) for role in ADMINISTRATORS]
    actors = [VISITOR, SYSTEM, own, make_member(supplier, "owner"), *others]
    held = 0
    for actor in actors:
        seen = world.seen(actor)
        for key, item in world.items.items():
            if may("catalogue.curate", actor, item) or available(item, actor):
                held += 1
                assert key in seen, (actor, key)
    # The platform and those who issue it may everything, one all but the own supplier's.
    assert held == (1 + len(ISSUERS)) * len(world.items) + len(world.items) * 2 // 3


def test_reasons_are_for_the_supplier_and_administrators() -> None:
    item = make_item(make_catalogue(), "delisted")
    for actor in (SYSTEM, make_administrator(), make_member(item.organization, "viewer")):
        assert sees_reasons(item, actor)
    others = [make_role(role) for role in ADMINISTRATORS if role not in ISSUERS]
    for actor in (VISITOR, make_member(make_organization(), "owner"), *others):
        assert not sees_reasons(item, actor)


def test_notices_that_end_first_come_first() -> None:
    catalogue = make_catalogue()
    late, soon = make_notice(catalogue, last=20), make_notice(catalogue, last=9)
    make_item(catalogue)
    assert list(under_notice(catalogue.items.all())) == [soon, late]


@pytest.mark.parametrize(("first", "last"), [(0, 9), (3, 12), (-9, -1)])
def test_days_of_a_notice_are_counted_by_the_database(first: int, last: int) -> None:
    item = make_notice(make_catalogue())
    CatalogueItem.objects.filter(pk=item.pk).update(notice_from=day(first), notice_to=day(last))

    row = with_details(CatalogueItem.objects.all()).get()

    assert (row.notice_ahead.days, row.notice_left.days) == (first, last)


def test_counts_of_catalogues_are_of_what_visitors_see() -> None:
    catalogue, gone = make_catalogue(), make_organization()
    for supplier in (make_organization(), gone):
        for state in ItemState.values:
            make_item(catalogue, state, make_product(supplier))
    publish(catalogue)
    suspend_organization(organization=gone, reason="核查", actor=SYSTEM)

    row = catalogues().get()

    assert (row.notice_count, row.listed_count) == (1, 1)
    assert row.latest_edition is not None
    assert row.latest_edition.item_count == 2


def test_next_edition_holds_what_is_listed_and_says_what_changed() -> None:
    catalogue = make_catalogue()
    assert next_edition(catalogue).entries == ()
    stays = make_item(catalogue, "listed", make_product(name="留"))
    leaves = make_item(catalogue, "listed", make_product(name="走"))
    publish(catalogue)
    assert not next_edition(catalogue).changes

    delist_item(item=leaves, reason="停产", actor=SYSTEM)
    comes = make_item(catalogue, "listed", make_product(name="来"))
    Product.objects.filter(pk=stays.product_id).update(price_min_fen=100)
    for state in ("candidate", "under_notice", "dropped"):
        make_item(catalogue, state)

    upcoming = next_edition(catalogue)
    assert {entry.item_id for entry in upcoming.entries} == {stays.pk, comes.pk}
    assert [entry.product_name for entry in upcoming.changes.added] == ["来"]
    assert [entry.product_name for entry in upcoming.changes.removed] == ["走"]
    assert [each.entry.product_name for each in upcoming.changes.changed] == ["留"]
    assert upcoming.unverified == ()
    suspend_organization(organization=comes.organization, reason="核查", actor=SYSTEM)
    assert next_edition(catalogue).unverified == (comes.organization.name,)


def test_edition_before_is_the_one_before_of_the_same_catalogue() -> None:
    one, other = make_catalogue("AA"), make_catalogue("BB")
    published = []
    for catalogue in (one, other, one):
        make_item(catalogue, "listed")
        published.append(publish(catalogue))

    assert [edition_before(each) for each in published] == [None, None, published[0]]


def test_listings_are_of_latest_editions_and_of_what_is_still_listed() -> None:
    one, other = make_catalogue("AA"), make_catalogue("BB")
    product = make_product()
    first = make_item(one, "listed", product)
    make_item(other, "listed", product)
    make_item(other, "listed")
    assert current_listings([product]) == []
    publish(one)
    make_item(one, "listed")
    newest = publish(one)
    in_other = publish(other)

    assert [row.edition for row in current_listings([product])] == [newest, in_other]
    assert current_listings([make_product()]) == []
    assert current_listings([]) == []
    delist_item(item=first, reason="停产", actor=SYSTEM)
    assert [row.edition for row in current_listings([product])] == [in_other]


def test_current_editions_are_the_latest_of_each_catalogue() -> None:
    first, second, unpublished = make_catalogue("AA"), make_catalogue("BB"), make_catalogue("CC")
    for catalogue in (first, second, unpublished):
        make_item(catalogue, "listed")
    publish(second)
    first_edition = publish(first)
    make_item(second, "listed")
    second_edition = publish(second)

    assert list(current_editions()) == [second_edition, first_edition]


def test_bases_begin_with_clauses_about_first_purchase() -> None:
    found = bases()
    assert {each.code for each in found[:2]} == {"gz-2025-5-5", "sz-2023-12"}
    assert len(found) == len({each.code for each in found}) > 100
    assert issuers().filter(code="sz-stic").exists()


def test_only_administrators_look_products_up_by_id() -> None:
    product = make_product()
    assert product_for(make_administrator(), product.public_id) == product
    for actor in (VISITOR, make_member(product.organization, "owner")):
        assert product_for(actor, product.public_id) is None


def test_nominable_marks_what_is_ones_own() -> None:
    catalogue, actor = make_catalogue(), make_administrator()
    own, other = make_product(), make_product()
    Membership.objects.create(organization=own.organization, user=user_of(actor), role="viewer")

    rows = {product.pk: product.is_own for product in nominable(catalogue, actor)}

    assert rows == {own.pk: True, other.pk: False}


def test_workbench_offers_what_the_rules_allow() -> None:
    """The rows' steps are worked out for all at once; each must be what ``available`` says."""
    catalogue, actor = make_catalogue(), make_administrator()
    own = make_organization()
    Membership.objects.create(organization=own, user=user_of(actor), role="viewer")
    for supplier in (own, make_organization()):
        for state in ItemState.values:
            make_item(catalogue, state, make_product(supplier))
        make_notice(catalogue, make_product(supplier))

    bench = workbench(catalogue, actor)

    sections = (bench.candidates, bench.ripe, bench.noticed, bench.listed, bench.ended)
    works = [work for section in sections for work in section.works]
    assert [section.total for section in sections] == [2, 2, 2, 2, 4]
    assert len(works) == 2 * 6 == CatalogueItem.objects.count()
    for work in works:
        offered = {step.name for step in work.steps}
        allowed = {step.name for step in available(work.item, actor)}
        # Before its notice is over nothing can be listed.
        assert offered == allowed - ({"list"} if work in bench.noticed.works else set())
        assert work.is_own is (work.item.organization == own)
    states = [[work.item.state for work in part.works] for part in (bench.ripe, bench.noticed)]
    assert states == [["under_notice"] * 2] * 2


def test_candidate_shows_the_product_as_it_is_now() -> None:
    item = make_item(make_catalogue(), product=make_product(name="甲"))
    Product.objects.filter(pk=item.product_id).update(name="乙")
    assert CatalogueItem.objects.get().told.name == "乙"
