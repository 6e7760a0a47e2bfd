"""Two administrators at once: one does it, the other is told (THREATS F10)."""

from audit.models import AuditEvent
from capabilities.facts import ProductFacts
from capabilities.services import change_product
from catalogue.facts import CandidateFacts, EditionFacts, NoticeFacts
from catalogue.models import Catalogue, CatalogueEdition, CatalogueItem, EditionItem
from catalogue.services import (
    CHANGED_SINCE,
    add_candidate,
    begin_notice,
    drop_item,
    list_item,
    publish_edition,
)
from common.actor import Actor
from common.errors import Conflict
from tests.catalogues import day, make_catalogue, make_item, make_product
from tests.races import at_once, queued_behind
from tests.records import make_administrator, make_member

WHY = CandidateFacts(grounds="国内首创")


def test_two_administrators_publish_at_once_and_one_is_told(committed_db: str) -> None:
    """THREATS F10."""
    catalogue = make_catalogue()
    for _ in range(3):
        make_item(catalogue, "listed")
    administrators = [make_administrator() for _ in range(2)]

    def publish_as(actor: Actor) -> str:
        try:
            return publish_edition(
                catalogue=Catalogue.objects.get(pk=catalogue.pk), facts=EditionFacts(), actor=actor
            ).number
        except Conflict as error:
            return error.message

    done = at_once(*(lambda actor=actor: publish_as(actor) for actor in administrators))

    edition = CatalogueEdition.objects.get()
    assert sorted(done) == sorted([edition.number, "与最近一期完全相同，不用再发布。"])
    assert EditionItem.objects.count() == 3
    assert AuditEvent.objects.filter(verb="catalogue.catalogueedition.publish").count() == 1


def test_two_administrators_propose_at_once_and_one_is_told(committed_db: str) -> None:
    catalogue, product = make_catalogue(), make_product()
    administrators = [make_administrator() for _ in range(2)]

    def propose_as(actor: Actor) -> str:
        try:
            add_candidate(catalogue=catalogue, product=product, facts=WHY, actor=actor)
        except Conflict as error:
            return error.message
        return "done"

    done = at_once(*(lambda actor=actor: propose_as(actor) for actor in administrators))

    assert sorted(each[:5] for each in done) == ["done", "这个产品已"]
    assert CatalogueItem.objects.count() == 1


def test_two_administrators_decide_at_once_and_one_is_told(committed_db: str) -> None:
    item = make_item(make_catalogue(), "under_notice")
    one, other = make_administrator(), make_administrator()

    def decide(name: str, actor: Actor) -> str:
        mine = CatalogueItem.objects.get(pk=item.pk)
        try:
            if name == "list":
                list_item(item=mine, actor=actor)
            else:
                drop_item(item=mine, reason="有异议", actor=actor)
        except Conflict:
            return "told"
        return "done"

    done = at_once(lambda: decide("list", one), lambda: decide("drop", other))

    assert sorted(done) == ["done", "told"]
    assert CatalogueItem.objects.get().state in {"listed", "dropped"}


def test_product_that_changes_while_it_is_announced_is_not_announced(committed_db: str) -> None:
    """What the supplier is just writing counts: the announcement waits for it and is told."""
    product = make_product(name="甲")
    item, editor = make_item(make_catalogue(), product=product), make_member(product.organization)
    administrator, seen = make_administrator(), item.told.fingerprint
    days = NoticeFacts(notice_from=day(0), notice_to=day(6))
    other = ProductFacts(name="乙", kind="product")

    def begin() -> str:
        mine = CatalogueItem.objects.get(pk=item.pk)
        try:
            begin_notice(item=mine, facts=days, actor=administrator, previewed=seen)
        except Conflict as error:
            return error.message
        return "done"

    told = queued_behind(lambda: change_product(product=product, facts=other, actor=editor), begin)

    assert told == CHANGED_SINCE
    assert CatalogueItem.objects.get().state == "candidate"
