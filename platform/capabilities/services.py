"""Verbs on capabilities and products."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from audit.digests import digest_of
from capabilities.enums import CapabilityState
from capabilities.facts import COLUMNS, CapabilityFacts, ProductFacts
from capabilities.models import Capability, Product, ReferenceCase
from common.actor import Actor, require_actor
from common.errors import Forbidden, InvalidInput, NotFound
from common.models import BATCH, link, refuse_duplicates, refuse_stale
from common.permissions import may
from imports.models import ImportedFile
from lifecycle.news import announce
from lifecycle.services import advance
from lifecycle.steps import Steps
from organizations.models import Organization
from taxonomy.vocabulary import Vocabulary

REFERENCE_USED = "这个自有编号已用于另一项能力，同一组织内编号不能重复。"


def create_product(*, organization: Organization, facts: ProductFacts, actor: Actor) -> Product:
    """Raises Forbidden."""
    actor = require_actor(actor)
    if not may("capabilities.create", actor, organization):
        raise Forbidden("您不能以这个组织的名义登记产品。")
    with transaction.atomic():
        product = Product.objects.create(organization=organization, **facts.model_dump())
        announce(product, "create", actor)
    return product


def change_product(
    *,
    product: Product,
    facts: ProductFacts,
    actor: Actor,
    unchanged_since: datetime | None = None,
) -> Product:
    """Replace what the product says.

    ``unchanged_since``: the ``updated_at`` of the version that was edited, where one was.
    Raises NotFound, Forbidden, Conflict (changed meanwhile).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        locked = Product.objects.select_for_update(of=("self",)).filter(pk=product.pk).first()
        if locked is None:
            raise NotFound("这个产品已不存在。")
        if not may("capabilities.change", actor, locked):
            raise Forbidden("您不能修改这个产品。")
        refuse_stale(locked, unchanged_since)
        before = digest_of(locked)
        for name, value in facts.model_dump().items():
            setattr(locked, name, value)
        locked.save()
        announce(locked, "change", actor, before=before)
    return locked


def create_capability(
    *, organization: Organization, facts: CapabilityFacts, actor: Actor
) -> Capability:
    """Begin a draft. Raises Forbidden, InvalidInput, Conflict (own number already used)."""
    actor = require_actor(actor)
    if not may("capabilities.create", actor, organization):
        raise Forbidden("您不能以这个组织的名义登记能力。")
    with transaction.atomic():
        (capability,) = _insert([(organization, facts)], state=CapabilityState.DRAFT)
        announce(capability, "create", actor)
    return capability


def change_capability(
    *,
    capability: Capability,
    facts: CapabilityFacts,
    actor: Actor,
    unchanged_since: datetime | None = None,
) -> Capability:
    """Replace what the capability says; a published one is ranked anew.

    ``unchanged_since``: the ``updated_at`` of the version that was edited, where one was.
    Raises NotFound, Forbidden, InvalidInput, Conflict (changed meanwhile, own number used).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        locked = Capability.objects.select_for_update(of=("self",)).filter(pk=capability.pk).first()
        if locked is None:
            raise NotFound("这项能力已不存在。")
        if not may("capabilities.change", actor, locked):
            raise Forbidden("您不能修改这项能力。")
        refuse_stale(locked, unchanged_since)
        before = digest_of(locked)
        for name, value in facts.model_dump(include=COLUMNS).items():
            setattr(locked, name, value)
        with refuse_duplicates("capabilities_one_per_reference", REFERENCE_USED):
            locked.save()
        locked.reference_cases.all().delete()
        for linked in (locked.concepts, locked.cities_served, locked.products):
            linked.clear()
        _insert_parts([(locked, facts)], Vocabulary.load())
        announce(locked, "change", actor, before=before)
    return locked


def import_capabilities(
    *, rows: Sequence[tuple[Organization, CapabilityFacts]], source: ImportedFile, publish: bool
) -> int:
    """Take over the rows of a file; returns how many.

    Called by ``imports.services`` alone, which checks the permission and writes the one audit
    event and the one message of the file, in the same transaction. ``publish``: the rows are
    published at once, which needs verified suppliers; else they are drafts.
    """
    state = CapabilityState.PUBLISHED if publish else CapabilityState.DRAFT
    return len(_insert(rows, state=state, imported_from=source))


def publish_capability(*, capability: Capability, actor: Actor) -> Capability:
    return advance(capability, "publish", actor)


def withdraw_capability(*, capability: Capability, actor: Actor) -> Capability:
    return advance(capability, "withdraw", actor)


STEPS = Steps("capability", {"publish": publish_capability, "withdraw": withdraw_capability})


def _insert(
    rows: Sequence[tuple[Organization, CapabilityFacts]],
    *,
    state: CapabilityState,
    imported_from: ImportedFile | None = None,
) -> list[Capability]:
    with refuse_duplicates("capabilities_one_per_reference", REFERENCE_USED):
        capabilities = Capability.objects.bulk_create(
            [
                Capability(
                    organization=organization,
                    state=state,
                    imported_from=imported_from,
                    **facts.model_dump(include=COLUMNS),
                )
                for organization, facts in rows
            ],
            batch_size=BATCH,
        )
    pairs = [(each, facts) for each, (_, facts) in zip(capabilities, rows, strict=True)]
    _insert_parts(pairs, Vocabulary.load())
    return capabilities


def _insert_parts(
    pairs: Sequence[tuple[Capability, CapabilityFacts]], vocabulary: Vocabulary
) -> None:
    """Cases, tags, cities and products of capabilities that have none."""
    ReferenceCase.objects.bulk_create(
        (
            ReferenceCase(capability=capability, position=position, **case.model_dump())
            for capability, facts in pairs
            for position, case in enumerate(facts.cases)
        ),
        batch_size=BATCH,
    )
    link(
        Capability.concepts,
        ((each.pk, vocabulary.concept_ids(facts.concepts)) for each, facts in pairs),
    )
    link(
        Capability.cities_served,
        (
            (each.pk, vocabulary.city_ids(facts.cities_served, "cities_served"))
            for each, facts in pairs
        ),
    )
    for capability, facts in pairs:
        if facts.products:
            capability.products.set(_own_products(capability, facts))


def _own_products(capability: Capability, facts: CapabilityFacts) -> list[Product]:
    found = Product.objects.filter(
        organization=capability.organization, public_id__in=facts.products
    )
    if len(found) < len(facts.products):
        message = "只能选用本组织登记的产品。"
        raise InvalidInput(message, fields={"products": [message]})
    return list(found)
