"""Creating and changing capabilities and products: what is kept, told and refused."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from audit.models import AuditEvent
from capabilities.enums import CapabilityState
from capabilities.facts import CapabilityFacts, ProductFacts
from capabilities.models import Capability, Product, ReferenceCase
from capabilities.services import (
    change_capability,
    change_product,
    create_capability,
    create_product,
    publish_capability,
    withdraw_capability,
)
from common.actor import Actor, ActorKind
from common.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from common.money import MAX_FEN
from organizations.models import Organization
from outbox.models import Message
from tests.races import at_once, queued_behind
from tests.records import (
    FOSHAN,
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    make_capability,
    make_member,
    make_organization,
)
from tests.roles import ADMINISTRATORS, make_role

VISITOR = Actor(ActorKind.VISITOR)
NOBODYS = UUID(int=1)
FULL: dict[str, Any] = {
    "name": "港口设备巡检机器人",
    "reference": "C-001",
    "summary": "轮式底盘。\n搭载热成像与声纹传感器。",
    "highlights": ["续航 12 小时", "防护等级 IP67"],
    "concepts": ["gd-2024-embodied-robots", "gd-2024-unmanned-systems"],
    "readiness": 7,
    "price_min_fen": 0,
    "price_max_fen": MAX_FEN,
    "qualifications": ["防爆合格证"],
    "patents": ["ZL202410000001.X 巡检方法"],
    "cases": [{"title": "码头巡检", "client": "某港务公司", "year": 2025}, {"title": "仓库"}],
    "cities_served": [GUANGZHOU, SHENZHEN],
}
OTHER: dict[str, Any] = {
    "name": "另一件事",
    "concepts": ["gd-2024-deep-sea"],
    "cases": [{"title": "海底", "year": 2024}],
    "cities_served": [FOSHAN],
    "highlights": ["耐压"],
}


def said(capability: Capability) -> CapabilityFacts:
    """What the database holds, as the facts that would say it."""
    kept = Capability.objects.get(pk=capability.pk)
    columns = set(CapabilityFacts.model_fields) - {
        *("concepts", "cases", "cities_served", "products")
    }
    return CapabilityFacts(
        **{name: getattr(kept, name) for name in columns},
        concepts=sorted(kept.concepts.values_list("code", flat=True)),
        cities_served=sorted(kept.cities_served.values_list("code", flat=True)),
        products=sorted(kept.products.values_list("public_id", flat=True)),
        cases=list(kept.reference_cases.values("title", "client", "year")),
    )


def facts(values: dict[str, Any], **more: Any) -> CapabilityFacts:
    """With links, which have no order of their own, sorted as ``said`` has them."""
    stated = {**values, **more}
    for name in ("concepts", "cities_served", "products"):
        stated[name] = sorted(stated.get(name, []))
    return CapabilityFacts(**stated)


def written() -> tuple[int, ...]:
    """Rows of everything that the verbs write."""
    models = (Capability, Product, ReferenceCase, AuditEvent, Message)
    links = (Capability.concepts, Capability.cities_served, Capability.products)
    counted = (*models, *(link.through for link in links))
    return tuple(model._default_manager.count() for model in counted)


def news_of(record: Capability | Product) -> list[tuple[str, dict[str, Any], str, dict[str, Any]]]:
    """Verb, details, topic and payload of everything told of a record, oldest first."""
    label = record._meta.label_lower
    events = AuditEvent.objects.filter(object_type=label, object_id=record.pk)
    messages = Message.objects.filter(key=f"{label}:{record.pk}").order_by("id")
    pairs = zip(events.order_by("id"), messages, strict=True)
    return [(e.verb, e.details, m.topic, m.payload) for e, m in pairs]


def make_product(organization: Organization, name: str = "机器人") -> Product:
    return create_product(
        organization=organization,
        facts=ProductFacts(name=name, kind="product"),
        actor=make_member(organization),
    )


@pytest.fixture
def supplier(db: None) -> Organization:
    return make_organization()


@pytest.fixture
def editor(supplier: Organization) -> Actor:
    return make_member(supplier)


def test_create_keeps_everything_that_is_stated(supplier: Organization, editor: Actor) -> None:
    products = [make_product(supplier).public_id for _ in range(2)]
    stated = facts(FULL, products=products)

    made = create_capability(organization=supplier, facts=stated, actor=editor)

    assert said(made) == stated
    kept = Capability.objects.get(pk=made.pk)
    assert (kept.organization, kept.state, kept.imported_from) == (supplier, "draft", None)


def test_create_with_a_name_alone_states_nothing_else(
    supplier: Organization, editor: Actor
) -> None:
    stated = CapabilityFacts(name="甲")

    made = create_capability(organization=supplier, facts=stated, actor=editor)

    assert said(made) == stated


def test_create_tells_of_it_once(supplier: Organization, editor: Actor) -> None:
    before = written()

    made = create_capability(organization=supplier, facts=CapabilityFacts(name="甲"), actor=editor)

    verb = "capabilities.capability.create"
    assert news_of(made) == [(verb, {}, verb, {"id": made.pk})]
    assert written() == (before[0] + 1, *before[1:3], before[3] + 1, before[4] + 1, *before[5:])
    assert AuditEvent.objects.latest("id").actor_user_id == editor.user_id


def test_product_keeps_and_tells_what_is_stated(supplier: Organization, editor: Actor) -> None:
    stated = ProductFacts(
        name="巡检机器人",
        kind="technology",
        model_number="R-1",
        summary="轮式",
        price_min_fen=1,
        price_max_fen=MAX_FEN,
    )

    made = create_product(organization=supplier, facts=stated, actor=editor)

    kept = Product.objects.get(pk=made.pk)
    assert {name: getattr(kept, name) for name in ProductFacts.model_fields} == stated.model_dump()
    assert kept.organization == supplier
    verb = "capabilities.product.create"
    assert news_of(made) == [(verb, {}, verb, {"id": made.pk})]


def test_change_replaces_every_part_and_leaves_none_of_the_old(
    supplier: Organization, editor: Actor
) -> None:
    first, second = (make_product(supplier).public_id for _ in range(2))
    made = create_capability(
        organization=supplier, facts=facts(FULL, products=[first]), actor=editor
    )
    stated = facts(OTHER, products=[second])

    changed = change_capability(capability=made, facts=stated, actor=editor)

    assert changed.pk == made.pk
    assert said(made) == stated
    assert (ReferenceCase.objects.count(), written()[5:]) == (1, (1, 1, 1))
    verb = "capabilities.capability.change"
    assert news_of(made)[1:] == [(verb, {}, verb, {"id": made.pk})]


def test_change_to_a_name_alone_takes_everything_else_away(
    supplier: Organization, editor: Actor
) -> None:
    product = make_product(supplier)
    made = create_capability(
        organization=supplier, facts=facts(FULL, products=[product.public_id]), actor=editor
    )
    stated = CapabilityFacts(name="甲")

    change_capability(capability=made, facts=stated, actor=editor)

    assert said(made) == stated
    assert (ReferenceCase.objects.count(), written()[5:]) == (0, (0, 0, 0))
    assert Product.objects.filter(pk=product.pk).exists()


@pytest.mark.parametrize("state", CapabilityState)
def test_change_keeps_state_supplier_and_other_capabilities(
    supplier: Organization, editor: Actor, state: CapabilityState
) -> None:
    other = create_capability(organization=supplier, facts=facts(FULL), actor=editor)
    made = make_capability(supplier, published=False)
    Capability.objects.filter(pk=made.pk).update(state=state)

    change_capability(capability=made, facts=facts(OTHER), actor=editor)

    kept = Capability.objects.get(pk=made.pk)
    assert (kept.state, kept.organization) == (state, supplier)
    assert said(other) == facts(FULL)


def test_capability_deleted_meanwhile_is_told(supplier: Organization, editor: Actor) -> None:
    made = make_capability(supplier, published=False)
    Capability.objects.filter(pk=made.pk).delete()

    with pytest.raises(NotFound):
        change_capability(capability=made, facts=facts(OTHER), actor=editor)
    with pytest.raises(NotFound):
        publish_capability(capability=made, actor=editor)


def other_role(name: str, supplier: Organization) -> Actor:
    """People who may not write for ``supplier``."""
    if name == "viewer":
        return make_member(supplier, "viewer")
    if name in ADMINISTRATORS:
        return make_role(name)
    stranger = make_member(make_organization(), "owner")
    return {"visitor": VISITOR, "system": SYSTEM, "stranger": stranger}[name]


OTHER_ROLES = ("visitor", "stranger", "viewer", "system", *ADMINISTRATORS)


@pytest.mark.parametrize("role", OTHER_ROLES)
def test_nobody_else_writes_for_the_supplier(supplier: Organization, role: str) -> None:
    made = make_capability(supplier)
    actor = other_role(role, supplier)
    product = ProductFacts(name="甲", kind="product")
    before, old = written(), said(made)

    for act in (
        lambda: create_capability(organization=supplier, facts=facts(FULL), actor=actor),
        lambda: create_product(organization=supplier, facts=product, actor=actor),
        lambda: change_capability(capability=made, facts=facts(FULL), actor=actor),
    ):
        with pytest.raises(Forbidden):
            act()
    assert (written(), said(made)) == (before, old)


def test_supplier_is_read_from_the_database_not_from_the_hands_of_a_stranger(
    supplier: Organization,
) -> None:
    made = make_capability(supplier, published=False)
    thief = make_organization()
    stranger = make_member(thief, "owner")
    made.organization = thief

    with pytest.raises(Forbidden):
        change_capability(capability=made, facts=facts(OTHER), actor=stranger)
    with pytest.raises(Forbidden):
        publish_capability(capability=made, actor=stranger)
    assert Capability.objects.get(pk=made.pk).organization == supplier


VERBS: dict[str, Callable[[Capability, Any], Any]] = {
    "create": lambda c, a: create_capability(
        organization=c.organization, facts=CapabilityFacts(name="甲"), actor=a
    ),
    "create product": lambda c, a: create_product(
        organization=c.organization, facts=ProductFacts(name="甲", kind="service"), actor=a
    ),
    "change": lambda c, a: change_capability(
        capability=c, facts=CapabilityFacts(name="甲"), actor=a
    ),
    "publish": lambda c, a: publish_capability(capability=c, actor=a),
    "withdraw": lambda c, a: withdraw_capability(capability=c, actor=a),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("actor", [None, "admin"])
def test_every_verb_refuses_to_run_without_an_actor(
    supplier: Organization, verb: str, actor: Any
) -> None:
    made = make_capability(supplier, published=False)
    before = written()

    with pytest.raises(Forbidden, match="缺少身份信息"):
        VERBS[verb](made, actor)
    assert written() == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"concepts": ["gd-2024-deep-sea", "nowhere"]}, "concepts"),
        ({"cities_served": [GUANGZHOU, "430100"]}, "cities_served"),
        # A concept's code names no city.
        ({"cities_served": ["gd-2024-deep-sea"]}, "cities_served"),
        ({"products": [NOBODYS]}, "products"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_unknown_codes_are_refused_by_field_and_nothing_is_written(
    supplier: Organization, editor: Actor, wrong: dict[str, Any], field: str
) -> None:
    made = create_capability(organization=supplier, facts=facts(OTHER), actor=editor)
    before = written()

    for act in (
        lambda: create_capability(organization=supplier, facts=facts(FULL | wrong), actor=editor),
        lambda: change_capability(capability=made, facts=facts(FULL | wrong), actor=editor),
    ):
        with pytest.raises(InvalidInput) as refusal:
            act()
        assert refusal.value.fields == {field: [refusal.value.message]}
    assert written() == before
    assert said(made) == facts(OTHER)


def test_product_of_another_organization_is_refused_like_one_that_is_absent(
    supplier: Organization, editor: Actor
) -> None:
    own, foreign = make_product(supplier), make_product(make_organization(), "canary")
    made = create_capability(organization=supplier, facts=facts(OTHER), actor=editor)
    before, messages = written(), set()

    for stolen in (foreign.public_id, NOBODYS):
        stated = facts(FULL, products=[own.public_id, stolen])
        for act in (
            lambda stated=stated: create_capability(
                organization=supplier, facts=stated, actor=editor
            ),
            lambda stated=stated: change_capability(capability=made, facts=stated, actor=editor),
        ):
            with pytest.raises(InvalidInput) as refusal:
                act()
            assert set(refusal.value.fields) == {"products"}
            messages.add(refusal.value.message)
    assert messages == {"只能选用本组织登记的产品。"}
    assert written() == before


def test_member_of_two_suppliers_mixes_no_products(supplier: Organization) -> None:
    other = make_organization()
    actor = make_member(supplier, "owner")
    other.memberships.create(user_id=actor.user_id, role="owner")
    product = make_product(other)

    with pytest.raises(InvalidInput):
        create_capability(
            organization=supplier, facts=facts(FULL, products=[product.public_id]), actor=actor
        )
    create_capability(
        organization=other, facts=facts(FULL, products=[product.public_id]), actor=actor
    )


def test_own_number_is_used_once_by_a_supplier(supplier: Organization, editor: Actor) -> None:
    first = create_capability(organization=supplier, facts=facts(FULL), actor=editor)
    second = create_capability(organization=supplier, facts=facts(OTHER), actor=editor)
    before = written()

    with pytest.raises(Conflict, match="自有编号已用于另一项能力"):
        create_capability(organization=supplier, facts=facts(FULL), actor=editor)
    with pytest.raises(Conflict, match="自有编号已用于另一项能力"):
        change_capability(capability=second, facts=facts(FULL), actor=editor)
    assert written() == before
    assert said(second) == facts(OTHER)

    # Its own number is no duplicate; no number never is; other suppliers count for themselves.
    change_capability(capability=first, facts=facts(FULL, name="改名"), actor=editor)
    create_capability(organization=supplier, facts=facts(OTHER), actor=editor)
    make_capability(make_organization(), published=False, reference=FULL["reference"])


def test_of_two_who_use_one_number_at_once_one_is_told(committed_db: str) -> None:
    supplier = make_organization()
    editor = make_member(supplier)

    def create() -> str:
        try:
            create_capability(organization=supplier, facts=facts(FULL), actor=editor)
        except DomainError as error:
            return type(error).__name__
        return "won"

    assert sorted(at_once(create, create)) == ["Conflict", "won"]
    made = Capability.objects.get()
    assert said(made) == facts(FULL)
    assert len(news_of(made)) == 1
    assert AuditEvent.objects.filter(verb="capabilities.capability.create").count() == 1


def test_change_waits_for_a_withdrawal_under_way_and_does_not_undo_it(committed_db: str) -> None:
    supplier = make_organization()
    editor = make_member(supplier)
    made = make_capability(supplier)

    queued_behind(
        lambda: withdraw_capability(capability=Capability.objects.get(pk=made.pk), actor=editor),
        lambda: change_capability(capability=made, facts=facts(OTHER), actor=editor),
    )

    assert Capability.objects.get(pk=made.pk).state == "withdrawn"
    assert said(made) == facts(OTHER)


def test_change_of_an_older_version_is_refused(supplier: Organization, editor: Actor) -> None:
    capability = make_capability(supplier, name="甲")
    seen = capability.updated_at
    changed = change_capability(
        capability=capability, facts=facts(OTHER), actor=editor, unchanged_since=seen
    )
    before = written()

    with pytest.raises(Conflict, match="别人在您编辑期间修改过"):
        change_capability(
            capability=capability, facts=facts(FULL), actor=editor, unchanged_since=seen
        )

    assert (written(), said(capability)) == (before, facts(OTHER))
    newest = changed.updated_at
    change_capability(
        capability=capability, facts=facts(FULL), actor=editor, unchanged_since=newest
    )
    assert said(capability) == facts(FULL)


NEW_PRODUCT = ProductFacts(
    name="机器人二代",
    kind="technology",
    model_number="R-2",
    summary="一\n二",
    price_min_fen=0,
    price_max_fen=MAX_FEN,
)


def product_said(product: Product) -> ProductFacts:
    kept = Product.objects.get(pk=product.pk)
    return ProductFacts(**{name: getattr(kept, name) for name in ProductFacts.model_fields})


def test_changed_product_says_what_is_stated_and_is_told(
    supplier: Organization, editor: Actor
) -> None:
    product, other = make_product(supplier), make_product(supplier, "别的")
    before = written()

    changed = change_product(product=product, facts=NEW_PRODUCT, actor=editor)

    assert changed.pk == product.pk
    assert product_said(product) == NEW_PRODUCT
    assert product_said(other) == ProductFacts(name="别的", kind="product")
    assert news_of(product)[1:] == [
        ("capabilities.product.change", {}, "capabilities.product.change", {"id": product.pk})
    ]
    assert written() == (*before[:3], before[3] + 1, before[4] + 1, *before[5:])
    bare = ProductFacts(name="甲", kind="service")
    change_product(product=product, facts=bare, actor=editor)
    assert product_said(product) == bare


def test_product_of_an_older_version_is_refused(supplier: Organization, editor: Actor) -> None:
    product = make_product(supplier)
    seen = product.updated_at
    change_product(product=product, facts=NEW_PRODUCT, actor=editor, unchanged_since=seen)
    before = written()

    with pytest.raises(Conflict, match="别人在您编辑期间修改过"):
        change_product(
            product=product,
            facts=ProductFacts(name="甲", kind="service"),
            actor=editor,
            unchanged_since=seen,
        )
    assert (written(), product_said(product)) == (before, NEW_PRODUCT)


@pytest.mark.parametrize("role", OTHER_ROLES)
def test_nobody_else_changes_a_product(supplier: Organization, role: str) -> None:
    product = make_product(supplier)
    thief = make_organization()
    actor = make_member(thief, "owner") if role == "stranger" else other_role(role, supplier)
    before = written()
    product.organization = thief  # what is in the hands of the caller is not asked

    with pytest.raises(Forbidden):
        change_product(product=product, facts=NEW_PRODUCT, actor=actor)
    assert (written(), product_said(product).name) == (before, "机器人")


def test_product_deleted_meanwhile_is_told(supplier: Organization, editor: Actor) -> None:
    product = make_product(supplier)
    Product.objects.filter(pk=product.pk).delete()

    with pytest.raises(NotFound):
        change_product(product=product, facts=NEW_PRODUCT, actor=editor)


@pytest.mark.parametrize("actor", [None, "admin"])
def test_change_of_a_product_needs_an_actor(supplier: Organization, actor: Any) -> None:
    with pytest.raises(Forbidden, match="缺少身份信息"):
        change_product(product=make_product(supplier), facts=NEW_PRODUCT, actor=actor)
