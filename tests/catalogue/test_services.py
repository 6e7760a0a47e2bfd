"""Making catalogues, proposing products, publishing editions: kept, told and refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from pydantic import ValidationError

from audit.models import AuditEvent
from capabilities.models import Product
from catalogue.editions import Entry, fingerprint
from catalogue.enums import ItemState
from catalogue.facts import (
    CandidateFacts,
    CatalogueChange,
    CatalogueFacts,
    DemonstrationCatalogueFacts,
    EditionFacts,
    NoticeFacts,
)
from catalogue.models import Catalogue, CatalogueEdition, CatalogueItem, EditionItem
from catalogue.queries import entries, next_edition, nominable
from catalogue.services import (
    add_candidate,
    begin_notice,
    change_catalogue,
    create_catalogue,
    create_demonstration_catalogue,
    delist_item,
    list_item,
    publish_edition,
)
from common.actor import Actor, ActorKind
from common.clock import beijing_today
from common.errors import Conflict, Forbidden, InvalidInput
from common.models import database_now
from organizations.models import Organization
from organizations.services import suspend_organization
from outbox.models import Message
from tests.catalogues import (
    BASIS,
    ISSUER,
    day,
    make_catalogue,
    make_item,
    make_notice,
    make_product,
    publish,
)
from tests.records import SYSTEM, make_administrator, make_member, make_organization
from tests.roles import ADMINISTRATORS, ISSUERS, make_role, with_role

pytestmark = pytest.mark.django_db

VISITOR = Actor(ActorKind.VISITOR)
FACTS: dict[str, Any] = {
    "name": "深圳市未来产业创新产品首购目录",
    "code": "SZSG",
    "issuer": ISSUER,
    "basis": BASIS,
    "introduction": "列入目录的产品可按规定首购。",
}
WHY = CandidateFacts(grounds="国内首创")


LATE = """
    INSERT INTO catalogue_editionitem (edition_id, position, item_id, product_name, kind,
        model_number, summary, organization_name, identifier_scheme, identifier, notice_from,
        notice_to, grounds)
    SELECT edition_id, position + 1, {other}, product_name, kind, model_number, summary,
        organization_name, identifier_scheme, identifier, notice_from, notice_to, grounds
    FROM catalogue_editionitem
"""


def written() -> tuple[int, ...]:
    """Rows of everything that the verbs write."""
    models = (Catalogue, CatalogueItem, CatalogueEdition, EditionItem, AuditEvent, Message)
    return tuple(model._default_manager.count() for model in models)


def refused_to(*actors: Actor, by: Callable[[Actor], Any]) -> None:
    """Each actor is refused, and nothing is written."""
    before = written()
    for actor in actors:
        with pytest.raises(Forbidden):
            by(actor)
    with pytest.raises(Forbidden):
        by(None)  # type: ignore[arg-type]
    assert written() == before


@pytest.fixture
def outsiders(db: None) -> list[Actor]:
    """Also who works for another authority, and who does something else for the issuer."""
    others = [make_role(role) for role in ADMINISTRATORS if role not in ISSUERS]
    return [VISITOR, make_member(make_organization(), "owner"), *others]


@pytest.fixture
def administrator(db: None) -> Actor:
    return make_administrator()


def test_create_keeps_and_tells(administrator: Actor) -> None:
    catalogue = create_catalogue(facts=CatalogueFacts(**FACTS), actor=administrator)

    kept = Catalogue.objects.get(pk=catalogue.pk)
    assert {
        "name": kept.name,
        "code": kept.code,
        "issuer": kept.issuer.code,
        "basis": kept.basis.code,
        "introduction": kept.introduction,
    } == FACTS
    event, message = AuditEvent.objects.latest("id"), Message.objects.latest("id")
    assert event.verb == message.topic == "catalogue.catalogue.create"
    assert event.actor_user_id == administrator.user_id


INVENTED = DemonstrationCatalogueFacts(name="演示目录", code="YSML", basis=BASIS)


def test_invented_catalogue_names_no_issuer() -> None:
    catalogue = create_demonstration_catalogue(facts=INVENTED, actor=SYSTEM)

    kept = Catalogue.objects.get(pk=catalogue.pk)
    assert (kept.is_demonstration, kept.issuer, kept.issuer_name) == (
        True,
        None,
        "演示发布机构（虚构）",
    )


def test_only_the_platform_invents_a_catalogue(
    outsiders: list[Actor], administrator: Actor
) -> None:
    refused_to(
        *outsiders,
        administrator,
        by=lambda actor: create_demonstration_catalogue(facts=INVENTED, actor=actor),
    )


def test_real_catalogue_has_an_issuer_and_an_invented_one_has_none() -> None:
    catalogue = make_catalogue("SZSG")
    for values in ({"issuer": None}, {"is_demonstration": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Catalogue.objects.filter(pk=catalogue.pk).update(**values)


@pytest.mark.parametrize("is_invented", [False, True], ids=["real", "invented"])
def test_catalogue_lists_products_of_its_own_world_alone(is_invented: bool) -> None:
    catalogue = (
        create_demonstration_catalogue(facts=INVENTED, actor=SYSTEM)
        if is_invented
        else make_catalogue("SZSG")
    )
    own = make_product(make_organization("甲公司", is_demonstration=is_invented), name="甲机")
    other = make_product(make_organization("乙公司", is_demonstration=not is_invented))
    make_item(catalogue, "listed", own)
    administrator = make_administrator(body=None if is_invented else ISSUER)
    before = written()

    with pytest.raises(Conflict, match="演示产品只列入演示目录"):
        add_candidate(catalogue=catalogue, product=other, facts=WHY, actor=administrator)

    assert written() == before
    assert not nominable(catalogue, SYSTEM).exists()
    edition = publish(catalogue)
    assert [(each.supplier, each.is_demonstration) for each in entries(edition)] == [
        ("甲公司（演示）" if is_invented else "甲公司", is_invented)
    ]


@pytest.mark.parametrize("field", ["issuer", "basis"])
def test_unknown_codes_are_refused_by_field(administrator: Actor, field: str) -> None:
    before = written()

    facts = CatalogueFacts(**{**FACTS, field: "nobody"})
    with pytest.raises(InvalidInput) as fault:
        create_catalogue(facts=facts, actor=administrator)

    assert list(fault.value.fields) == [field]
    assert written() == before


def test_code_is_used_once(administrator: Actor) -> None:
    make_catalogue("SZSG")
    before = written()

    with pytest.raises(Conflict, match="代码已用于"):
        create_catalogue(facts=CatalogueFacts(**FACTS), actor=administrator)

    assert written() == before


@pytest.mark.parametrize(
    "code", ["S", "SZSGSZSGX", "szsg", "SZ1", "SZ-G", "ＳＺ", "", "S Z", "ÄB", "SZ\n"]
)
def test_code_is_two_to_eight_capitals(code: str) -> None:
    if code == "SZ\n":
        assert CatalogueFacts(**{**FACTS, "code": code}).code == "SZ"
        return
    with pytest.raises(ValidationError):
        CatalogueFacts(**{**FACTS, "code": code})


def test_database_refuses_a_code_that_no_address_takes() -> None:
    catalogue = make_catalogue()
    with pytest.raises(DatabaseError), transaction.atomic():
        Catalogue.objects.filter(pk=catalogue.pk).update(code="sz")


def test_change_replaces_name_and_introduction_alone(administrator: Actor) -> None:
    catalogue = create_catalogue(facts=CatalogueFacts(**FACTS), actor=SYSTEM)

    facts = CatalogueChange(name="新名称", introduction="新说明")
    change_catalogue(catalogue=catalogue, facts=facts, actor=administrator)

    kept = Catalogue.objects.get(pk=catalogue.pk)
    assert (kept.name, kept.introduction) == ("新名称", "新说明")
    assert (kept.code, kept.issuer.code, kept.basis.code) == ("SZSG", ISSUER, BASIS)


def test_change_of_what_somebody_changed_meanwhile_is_refused(administrator: Actor) -> None:
    catalogue = make_catalogue()
    seen = catalogue.updated_at
    change_catalogue(catalogue=catalogue, facts=CatalogueChange(name="甲"), actor=administrator)

    with pytest.raises(Conflict, match="别人"):
        change_catalogue(
            catalogue=catalogue,
            facts=CatalogueChange(name="乙"),
            actor=administrator,
            unchanged_since=seen,
        )
    assert Catalogue.objects.get(pk=catalogue.pk).name == "甲"


def test_only_administrators_create_change_and_publish(outsiders: list[Actor]) -> None:
    item = make_item(make_catalogue(), "listed")
    supplier = make_member(item.organization, "owner")
    for verb in (
        lambda actor: create_catalogue(facts=CatalogueFacts(**FACTS), actor=actor),
        lambda actor: change_catalogue(
            catalogue=item.catalogue, facts=CatalogueChange(name="甲"), actor=actor
        ),
        lambda actor: publish_edition(catalogue=item.catalogue, facts=EditionFacts(), actor=actor),
    ):
        refused_to(*outsiders, supplier, by=verb)


def test_candidate_keeps_and_tells(administrator: Actor) -> None:
    catalogue, product = make_catalogue(), make_product()

    item = add_candidate(catalogue=catalogue, product=product, facts=WHY, actor=administrator)

    kept = CatalogueItem.objects.get(pk=item.pk)
    assert (kept.catalogue, kept.product, kept.state) == (catalogue, product, "candidate")
    assert (kept.grounds, kept.notice_from, kept.announced) == ("国内首创", None, None)
    event, message = AuditEvent.objects.latest("id"), Message.objects.latest("id")
    assert event.verb == message.topic == "catalogue.catalogueitem.create"


def test_grounds_are_needed_and_cleaned() -> None:
    assert CandidateFacts(grounds=" 甲\u200b ").grounds == "甲"
    for grounds in (" ", "", "甲" * 2001, "甲\u202e"):
        with pytest.raises(ValidationError):
            CandidateFacts(grounds=grounds)


def test_whoever_belongs_to_the_supplier_proposes_nothing(outsiders: list[Actor]) -> None:
    catalogue, product = make_catalogue(), make_product()
    insider = make_member(product.organization, "viewer")
    own = with_role(insider, "administrator")

    refused_to(
        *outsiders,
        insider,
        own,
        by=lambda actor: add_candidate(
            catalogue=catalogue, product=product, facts=WHY, actor=actor
        ),
    )


def test_supplier_must_be_verified(administrator: Actor) -> None:
    catalogue, product = make_catalogue(), make_product()
    suspend_organization(organization=product.organization, reason="核查", actor=SYSTEM)
    fresh = Product.objects.get(pk=product.pk)
    before = written()

    with pytest.raises(Conflict, match="已核验"):
        add_candidate(catalogue=catalogue, product=fresh, facts=WHY, actor=administrator)

    assert written() == before


@pytest.mark.parametrize("state", ItemState)
def test_product_is_under_way_once_in_a_catalogue(administrator: Actor, state: ItemState) -> None:
    catalogue, other = make_catalogue(), make_catalogue()
    item = make_item(catalogue, state)

    def propose(where: Catalogue) -> CatalogueItem:
        return add_candidate(catalogue=where, product=item.product, facts=WHY, actor=administrator)

    if state in {"dropped", "delisted"}:
        assert propose(catalogue).state == "candidate"
    else:
        before = written()
        with pytest.raises(Conflict, match="不用重复推荐"):
            propose(catalogue)
        assert written() == before
    assert propose(other).state == "candidate"


def test_notice_freezes_what_it_tells() -> None:
    """Nobody can object to what is put in afterwards."""
    catalogue = make_catalogue()
    product = make_product(name="甲", model_number="M-1", summary="一", price_max_fen=100)
    item = make_item(catalogue, product=product)
    assert item.told.name == "甲"
    days = NoticeFacts(notice_from=day(0), notice_to=day(6))
    begin_notice(item=item, facts=days, actor=SYSTEM)
    Product.objects.filter(pk=product.pk).update(
        name="乙", model_number="M-2", summary="二", kind="service", price_max_fen=200
    )

    CatalogueItem.objects.filter(pk=item.pk).update(notice_from=day(-9), notice_to=day(-1))
    kept = CatalogueItem.objects.get(pk=item.pk)
    assert (kept.told.name, kept.told.model_number) == ("甲", "M-1")
    list_item(item=kept, actor=SYSTEM)
    edition = publish(catalogue)

    row = EditionItem.objects.get(edition=edition)
    assert (row.product_name, row.model_number, row.summary, row.kind) == (
        *("甲", "M-1", "一"),
        "product",
    )
    assert row.price_max_fen == 200


def test_notice_announces_the_product_that_is_stored_not_the_one_in_hand() -> None:
    item = make_item(make_catalogue(), product=make_product(name="甲"))
    assert item.product.name == "甲"
    Product.objects.filter(pk=item.product_id).update(name="乙")

    days = NoticeFacts(notice_from=day(0), notice_to=day(6))
    assert begin_notice(item=item, facts=days, actor=SYSTEM).told.name == "乙"


def test_database_keeps_notices_in_order_and_complete() -> None:
    item = make_notice(make_catalogue())
    for broken in (
        {"notice_to": day(-1)},
        {"notice_from": None},
        {"announced": None},
        {"notice_from": None, "notice_to": None},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            CatalogueItem.objects.filter(pk=item.pk).update(**broken)


def listing(catalogue: Catalogue, supplier: str, **product: Any) -> CatalogueItem:
    organization = Organization.objects.filter(name=supplier).first()
    return make_item(
        catalogue, "listed", make_product(organization or make_organization(supplier), **product)
    )


def test_edition_keeps_what_is_listed_in_pinyin_order(administrator: Actor) -> None:
    catalogue = make_catalogue("SZSG", name="首购目录")
    first = listing(
        catalogue,
        "珠江机器人",
        name="乙机",
        kind="technology",
        model_number="Z-9",
        summary="搬运",
        price_min_fen=1,
        price_max_fen=2,
    )
    listing(catalogue, "宝安材料", name="膜")
    listing(catalogue, "珠江机器人", name="阿机")
    for state in ItemState:
        if state != "listed":
            make_item(catalogue, state)
    make_item(make_catalogue("OTHER"), "listed")

    edition = publish_edition(
        catalogue=catalogue, facts=EditionFacts(note="首期"), actor=administrator
    )

    year = beijing_today().year
    kept = CatalogueEdition.objects.get(pk=edition.pk)
    assert (kept.number, kept.year, kept.sequence) == (f"SZSG-{year}-0001", year, 1)
    assert (kept.title, kept.note, kept.item_count) == ("首购目录", "首期", 3)
    assert database_now() - kept.published_at < timedelta(seconds=10)
    rows = list(EditionItem.objects.filter(edition=edition))
    assert [(row.position, row.product_name) for row in rows] == [
        (1, "膜"),
        (2, "阿机"),
        (3, "乙机"),
    ]
    assert entries(edition)[2] == Entry(
        item_id=first.pk,
        product_name="乙机",
        kind="technology",
        model_number="Z-9",
        summary="搬运",
        price_min_fen=1,
        price_max_fen=2,
        organization_name="珠江机器人",
        identifier_scheme="credit_code",
        identifier=first.organization.identifier,
        is_demonstration=False,
        notice_from=day(-8),
        notice_to=day(-1),
        grounds="国内首创",
    )


def test_edition_tells_of_itself_once(administrator: Actor) -> None:
    catalogue = make_catalogue()
    make_item(catalogue, "listed")
    before = written()

    edition = publish_edition(catalogue=catalogue, facts=EditionFacts(), actor=administrator)

    assert written() == (
        *before[:2],
        before[2] + 1,
        before[3] + 1,
        before[4] + 1,
        before[5] + 1,
    )
    event, message = AuditEvent.objects.latest("id"), Message.objects.latest("id")
    assert event.verb == message.topic == "catalogue.catalogueedition.publish"
    assert (event.actor_user_id, event.object_id) == (administrator.user_id, str(edition.pk))
    assert event.details == {
        "number": edition.number,
        "items": 1,
        "digest": fingerprint(entries(edition)),
    }
    assert message.payload == {"id": edition.pk, "number": edition.number}


def refused(catalogue: Catalogue, words: str, previewed: str | None = None) -> None:
    before = written()
    with pytest.raises(Conflict, match=words):
        publish_edition(
            catalogue=catalogue, facts=EditionFacts(), actor=SYSTEM, previewed=previewed
        )
    assert written() == before


def test_nothing_listed_is_no_edition() -> None:
    catalogue = make_catalogue()
    make_item(catalogue, "under_notice")
    refused(catalogue, "没有已列入的产品")


def test_nothing_new_is_no_edition() -> None:
    catalogue = make_catalogue()
    item = make_item(catalogue, "listed")
    publish(catalogue)
    # What the edition froze may change; a candidate changes nothing either.
    Product.objects.filter(pk=item.product_id).update(name="新名")
    make_item(catalogue)

    refused(catalogue, "完全相同")

    Product.objects.filter(pk=item.product_id).update(price_max_fen=5)
    assert publish(catalogue).sequence == 2


def test_supplier_that_is_not_verified_is_named() -> None:
    catalogue = make_catalogue()
    make_item(catalogue, "listed")
    item = listing(catalogue, "可疑公司")
    suspend_organization(organization=item.organization, reason="核查", actor=SYSTEM)

    refused(catalogue, "可疑公司")

    delist_item(item=item, reason="供给单位已暂停", actor=SYSTEM)
    assert publish(catalogue).item_count == 1


def test_what_was_previewed_is_what_is_published() -> None:
    catalogue = make_catalogue()
    make_item(catalogue, "listed")
    previewed = next_edition(catalogue).fingerprint
    make_item(catalogue, "listed")

    refused(catalogue, "预览之后有变化", previewed=previewed)

    edition = publish_edition(
        catalogue=catalogue,
        facts=EditionFacts(),
        actor=SYSTEM,
        previewed=next_edition(catalogue).fingerprint,
    )
    assert edition.item_count == 2


def test_numbers_have_no_gaps_per_catalogue_and_year() -> None:
    one, other = make_catalogue("AA"), make_catalogue("BB")
    year = beijing_today().year
    numbers = []
    for catalogue in (one, other, one, one):
        make_item(catalogue, "listed")
        with pytest.raises(Conflict):  # a refusal takes no number
            publish_edition(
                catalogue=catalogue, facts=EditionFacts(), actor=SYSTEM, previewed="other"
            )
        numbers.append(publish(catalogue).number)
    assert numbers == [
        f"AA-{year}-0001",
        f"BB-{year}-0001",
        f"AA-{year}-0002",
        f"AA-{year}-0003",
    ]


def test_numbers_begin_anew_each_year() -> None:
    catalogue = make_catalogue("AA")
    year = beijing_today().year
    CatalogueEdition.objects.create(
        catalogue=catalogue,
        year=year - 1,
        sequence=7,
        number=f"AA-{year - 1}-0007",
        title="去年",
        item_count=0,
        published_at=database_now(),
    )
    make_item(catalogue, "listed")
    assert publish(catalogue).number == f"AA-{year}-0001"


def test_later_changes_leave_an_edition_as_it_was() -> None:
    catalogue = make_catalogue()
    item = listing(catalogue, "甲公司", name="甲机", summary="一", price_max_fen=1)
    edition = publish(catalogue, note="首期")
    before = entries(edition)

    Product.objects.filter(pk=item.product_id).update(
        name="乙机", summary="二", price_max_fen=9, kind="service"
    )
    Organization.objects.filter(pk=item.organization.pk).update(name="乙公司")
    CatalogueItem.objects.filter(pk=item.pk).update(grounds="另有理由", announced={})
    change_catalogue(catalogue=catalogue, facts=CatalogueChange(name="改名的目录"), actor=SYSTEM)
    delist_item(item=CatalogueItem.objects.get(pk=item.pk), reason="停产", actor=SYSTEM)

    kept = CatalogueEdition.objects.get(pk=edition.pk)
    assert entries(kept) == before
    assert (kept.title, kept.note) == ("创新产品首购目录", "首期")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE catalogue_catalogueedition SET title = 'x'",
        "UPDATE catalogue_catalogueedition SET item_count = 2",
        "UPDATE catalogue_editionitem SET price_max_fen = 1",
        "DELETE FROM catalogue_editionitem",
        "DELETE FROM catalogue_catalogueedition",
        "TRUNCATE catalogue_editionitem",
        "TRUNCATE catalogue_catalogueedition CASCADE",
        LATE,
    ],
)
def test_database_refuses_to_touch_an_edition(statement: str) -> None:
    """THREATS A9: raw SQL too."""
    catalogue = make_catalogue()
    make_item(catalogue, "listed")
    edition = publish(catalogue)
    other = make_item(catalogue, "listed")

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE waits for none
        refused = pytest.raises(DatabaseError, match=r"final|permission denied")
        with refused, transaction.atomic():
            cursor.execute(statement.format(other=other.pk))

    assert CatalogueEdition.objects.get().title == edition.title
    assert len(entries(edition)) == 1
