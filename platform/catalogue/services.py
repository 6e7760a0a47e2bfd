"""Verbs on catalogues, their items and editions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.digests import digest_of
from capabilities.models import Product
from catalogue.editions import Announcement, fingerprint
from catalogue.facts import (
    CandidateFacts,
    CatalogueChange,
    CatalogueFacts,
    DemonstrationCatalogueFacts,
    EditionFacts,
    NoticeFacts,
)
from catalogue.models import Catalogue, CatalogueEdition, CatalogueItem, EditionItem
from catalogue.queries import bases, issuers, next_edition
from catalogue.transitions import supplier_is_verified
from common.actor import Actor, require_actor
from common.clock import beijing_day
from common.errors import Conflict, Forbidden, InvalidInput, NotFound
from common.models import database_now, refuse_duplicates, refuse_stale
from common.permissions import may
from lifecycle.news import announce
from lifecycle.services import advance
from lifecycle.steps import Steps

CODE_USED = "这个代码已用于另一个目录，请换一个。"
UNDER_WAY = "这个产品已在本目录中（候选、公示中或已列入），不用重复推荐。"
OTHER_WORLD = "演示产品只列入演示目录，演示目录也只收演示产品。"
CHANGED_SINCE = "产品在您打开之后改动过，请看过当前内容再公示。"


def create_catalogue(*, facts: CatalogueFacts, actor: Actor) -> Catalogue:
    """Raises Forbidden, InvalidInput (no such issuer or clause), Conflict (code already used)."""
    actor = require_actor(actor)
    if not may("catalogue.enter", actor):
        raise Forbidden("只有目录管理员可以建立首购目录。")
    issuer = issuers().filter(code=facts.issuer).first()
    if issuer is None:
        raise _unknown("issuer", f"没有代码为“{facts.issuer}”的发布机构。")
    if not may("catalogue.manage", actor, Catalogue(issuer=issuer)):
        raise Forbidden(f"您不是“{issuer}”的目录管理员，不能以它的名义建立目录。")
    return _create(facts, actor, issuer=issuer)


def create_demonstration_catalogue(
    *, facts: DemonstrationCatalogueFacts, actor: Actor
) -> Catalogue:
    """One that says of itself that it is invented; the platform itself alone may.

    Raises Forbidden, InvalidInput (no such clause), Conflict (code already used).
    """
    if not may("catalogue.take_over", require_actor(actor)):
        raise Forbidden("演示目录只能由系统命令建立。")
    return _create(facts, actor, is_demonstration=True)


def _create(facts: DemonstrationCatalogueFacts, actor: Actor, **values: Any) -> Catalogue:
    basis = next((each for each in bases() if each.code == facts.basis), None)
    if basis is None:
        raise _unknown("basis", f"没有代码为“{facts.basis}”的政策条款。")
    with transaction.atomic():
        with refuse_duplicates("catalogue_one_per_code", CODE_USED):
            catalogue = Catalogue.objects.create(
                code=facts.code,
                name=facts.name,
                introduction=facts.introduction,
                basis=basis,
                **values,
            )
        announce(catalogue, "create", actor)
    return catalogue


def change_catalogue(
    *,
    catalogue: Catalogue,
    facts: CatalogueChange,
    actor: Actor,
    unchanged_since: datetime | None = None,
) -> Catalogue:
    """Replace name and introduction; editions keep the title that they were published under.

    ``unchanged_since``: the ``updated_at`` that was edited. Raises NotFound, Forbidden, Conflict
    (changed since).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        locked = _lock(catalogue)
        if not may("catalogue.manage", actor, locked):
            raise Forbidden("只有发布机构的目录管理员可以修改首购目录。")
        refuse_stale(locked, unchanged_since)
        before = digest_of(locked)
        locked.name, locked.introduction = facts.name, facts.introduction
        locked.save(update_fields=["name", "introduction", "updated_at"])
        announce(locked, "change", actor, before=before)
    return locked


def add_candidate(
    *, catalogue: Catalogue, product: Product, facts: CandidateFacts, actor: Actor
) -> CatalogueItem:
    """Propose a product of a verified supplier; its supplier and administrators see it.

    Raises Forbidden (also for members of the supplier), Conflict (not verified, under way, or
    one of product and catalogue is invented).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        item = CatalogueItem(catalogue=catalogue, product=product, grounds=facts.grounds)
        if not may("catalogue.curate", actor, item):
            raise Forbidden("只有不属于供给单位的管理员可以推荐产品。")
        if product.organization.is_demonstration != catalogue.is_demonstration:
            raise Conflict(OTHER_WORLD)
        supplier_is_verified(item)
        with refuse_duplicates("catalogue_one_live_item", UNDER_WAY):
            item.save()
        announce(item, "create", actor)
    return item


def begin_notice(
    *, item: CatalogueItem, facts: NoticeFacts, actor: Actor, previewed: str | None = None
) -> CatalogueItem:
    """Put a candidate under public notice, from today or later.

    ``previewed``: the fingerprint of the announcement that the actor has seen and agreed to.
    Raises InvalidInput for days that cannot be, Conflict (supplier not verified, or the product
    is not what was previewed).
    """
    return _notice(item, "begin_notice", facts, actor, previewed)


def take_over_notice(*, item: CatalogueItem, facts: NoticeFacts, actor: Actor) -> CatalogueItem:
    """Record a notice that was held elsewhere before; the platform itself alone may."""
    return _notice(item, "take_over_notice", facts, actor)


def _notice(
    item: CatalogueItem, name: str, facts: NoticeFacts, actor: Actor, previewed: str | None = None
) -> CatalogueItem:
    with transaction.atomic():
        # Nobody changes the product between what is compared here and what is announced.
        product = Product.objects.select_for_update(no_key=True).get(pk=item.product_id)
        announced = Announcement.of(product)
        if previewed is not None and previewed != announced.fingerprint:
            raise Conflict(CHANGED_SINCE)
        values = {**facts.model_dump(), "announced": asdict(announced)}
        return advance(item, name, actor, values=values)


def list_item(*, item: CatalogueItem, actor: Actor) -> CatalogueItem:
    """Raises Conflict until the notice is over by the database clock."""
    return advance(item, "list", actor)


def drop_item(*, item: CatalogueItem, reason: str, actor: Actor) -> CatalogueItem:
    return advance(item, "drop", actor, reason=reason)


def delist_item(*, item: CatalogueItem, reason: str, actor: Actor) -> CatalogueItem:
    """The product leaves with the next edition; editions that hold it stay as they are."""
    return advance(item, "delist", actor, reason=reason)


# A notice needs its days: ``begin_notice`` has a form of its own.
STEPS = Steps("item", {"list": list_item, "drop": drop_item, "delist": delist_item})


def publish_edition(
    *, catalogue: Catalogue, facts: EditionFacts, actor: Actor, previewed: str | None = None
) -> CatalogueEdition:
    """Publish what is listed now as the next edition of this year, for good.

    ``previewed``: the fingerprint of the list that the actor has seen and agreed to. Of two
    people at once, one publishes and the other is told. Numbers have no gaps: they are given
    under the lock of the catalogue. Raises NotFound, Forbidden, Conflict (nothing listed, a
    supplier not verified, nothing new, or not what was previewed).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        locked = _lock(catalogue)
        if not may("catalogue.publish", actor, catalogue):
            raise Forbidden("只有管理员可以发布首购目录。")
        upcoming = next_edition(locked)
        if not upcoming.entries:
            raise Conflict("目录中没有已列入的产品，不能发布。")
        if upcoming.unverified:
            names = "、".join(upcoming.unverified)
            raise Conflict(f"供给单位“{names}”目前不是已核验状态，请先移出其产品或恢复核验。")
        if not upcoming.changes:
            raise Conflict("与最近一期完全相同，不用再发布。")
        digest = fingerprint(upcoming.entries)
        if previewed is not None and previewed != digest:
            raise Conflict("目录在您预览之后有变化，请核对最新的预览后再发布。")
        now = database_now()
        year = beijing_day(now).year
        sequence = locked.editions.filter(year=year).count() + 1
        edition = CatalogueEdition.objects.create(
            catalogue=locked,
            year=year,
            sequence=sequence,
            number=f"{locked.code}-{year}-{sequence:04d}",
            title=locked.name,
            note=facts.note,
            item_count=len(upcoming.entries),
            published_at=now,
        )
        EditionItem.objects.bulk_create(
            EditionItem(edition=edition, position=position, **asdict(entry))
            for position, entry in enumerate(upcoming.entries, 1)
        )
        announce(
            edition,
            "publish",
            actor,
            recorded={"number": edition.number, "items": edition.item_count, "digest": digest},
            told={"number": edition.number},
        )
    return edition


def _lock(catalogue: Catalogue) -> Catalogue:
    locked = Catalogue.objects.select_for_update(of=("self",)).filter(pk=catalogue.pk).first()
    if locked is None:
        raise NotFound("这个目录已不存在。")
    return locked


def _unknown(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, fields={field: [message]})
