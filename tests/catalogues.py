"""Catalogues, items in every state and editions for tests, made by the services."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from capabilities.facts import ProductFacts
from capabilities.models import Product
from capabilities.services import create_product
from catalogue.facts import CandidateFacts, CatalogueFacts, EditionFacts, NoticeFacts
from catalogue.models import Catalogue, CatalogueEdition, CatalogueItem
from catalogue.services import (
    add_candidate,
    begin_notice,
    create_catalogue,
    delist_item,
    drop_item,
    list_item,
    publish_edition,
    take_over_notice,
)
from common.clock import beijing_today
from organizations.models import Organization
from tests.records import SYSTEM, make_member, make_organization

BASIS = "sz-2023-12"
ISSUER = "sz-stic"
STATES = ("candidate", "under_notice", "listed", "dropped", "delisted")
_numbers = count(1)


def day(from_today: int) -> date:
    return beijing_today() + timedelta(days=from_today)


def make_catalogue(code: str = "", **facts: Any) -> Catalogue:
    letters = chr(65 + next(_numbers) % 26) + chr(65 + next(_numbers) % 26)
    values = {"name": "创新产品首购目录", "code": code or f"T{letters}", **facts}
    stated = CatalogueFacts(**{"issuer": ISSUER, "basis": BASIS, **values})
    return create_catalogue(facts=stated, actor=SYSTEM)


def make_product(organization: Organization | None = None, **facts: Any) -> Product:
    organization = organization or make_organization()
    values = {"name": f"测试产品{next(_numbers)}", "kind": "product", **facts}
    return create_product(
        organization=organization, facts=ProductFacts(**values), actor=make_member(organization)
    )


def make_item(
    catalogue: Catalogue,
    state: str = "candidate",
    product: Product | None = None,
    *,
    grounds: str = "国内首创",
) -> CatalogueItem:
    """An item that went its way to ``state``; its notice ended yesterday."""
    item = add_candidate(
        catalogue=catalogue,
        product=product or make_product(),
        facts=CandidateFacts(grounds=grounds),
        actor=SYSTEM,
    )
    if state == "dropped":
        return drop_item(item=item, reason="尚未量产", actor=SYSTEM)
    if state != "candidate":
        held = NoticeFacts(notice_from=day(-8), notice_to=day(-1))
        take_over_notice(item=item, facts=held, actor=SYSTEM)
    if state in {"listed", "delisted"}:
        list_item(item=item, actor=SYSTEM)
    if state == "delisted":
        delist_item(item=item, reason="停产", actor=SYSTEM)
    return item


def make_notice(
    catalogue: Catalogue, product: Product | None = None, *, first: int = 0, last: int = 9
) -> CatalogueItem:
    """An item whose notice runs between days from today on."""
    item = make_item(catalogue, product=product)
    days = NoticeFacts(notice_from=day(first), notice_to=day(last))
    return begin_notice(item=item, facts=days, actor=SYSTEM)


def publish(catalogue: Catalogue, note: str = "") -> CatalogueEdition:
    return publish_edition(catalogue=catalogue, facts=EditionFacts(note=note), actor=SYSTEM)
