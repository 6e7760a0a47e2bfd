"""Reads catalogues, their items and editions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from uuid import UUID

from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.fields import DurationField
from django.db.models.functions import Now, TruncDate

from accounts.enums import Duty
from accounts.jurisdiction import EVERYTHING
from accounts.rules import is_catalogue_administrator
from capabilities.models import Product
from catalogue.editions import Changes, Entry, compare, fingerprint
from catalogue.enums import LIVE, PUBLIC, ItemState
from catalogue.models import Catalogue, CatalogueEdition, CatalogueItem, EditionItem
from catalogue.rules import issues
from common.actor import Actor
from common.clock import BEIJING
from organizations.enums import OrganizationState
from organizations.queries import own_organizations, seen_of_organization
from policy.models import PolicyClause, ResponsibleBody
from policy.queries import clauses, current
from taxonomy.services import pinyin


def catalogues() -> QuerySet[Catalogue]:
    """With issuer, basis and editions; ``notice_count`` and ``listed_count`` as visitors see."""
    verified = Q(items__product__organization__state=OrganizationState.VERIFIED)
    return _described().annotate(
        notice_count=_count(verified, ItemState.UNDER_NOTICE),
        listed_count=_count(verified, ItemState.LISTED),
    )


def catalogues_curated_by(actor: Actor) -> QuerySet[Catalogue]:
    """Those of the actor's authorities, to work on."""
    return _described().filter(_issued_for(actor, "issuer"))


def catalogues_under_curation(actor: Actor) -> QuerySet[Catalogue]:
    """With counts of every state that still asks for a decision, hidden suppliers included."""
    return catalogues_curated_by(actor).annotate(
        candidate_count=_count(Q(), ItemState.CANDIDATE),
        notice_count=_count(Q(), ItemState.UNDER_NOTICE),
        listed_count=_count(Q(), ItemState.LISTED),
    )


def _described() -> QuerySet[Catalogue]:
    rows = Catalogue.objects.select_related("issuer", "basis__document")
    return rows.prefetch_related(Prefetch("editions", editions())).order_by("code")


def _count(condition: Q, state: ItemState) -> Count:
    return Count("items", filter=condition & Q(items__state=state), distinct=True)


def issuers() -> QuerySet[ResponsibleBody]:
    return current(ResponsibleBody)


def issuers_for(actor: Actor) -> QuerySet[ResponsibleBody]:
    """In whose name the actor may create a catalogue."""
    if actor.is_system:
        return issuers()
    return issuers().filter(pk__in=[key for key in _bodies_of(actor) if key is not None])


def bases() -> list[PolicyClause]:
    """Clauses that a catalogue may rest on: those that speak of first purchase come first."""
    speaking = Q(heading__contains="首购") | Q(summary__contains="首购")
    found = clauses()
    return [*found.filter(speaking), *found.exclude(speaking)]


def visible_to(actor: Actor) -> QuerySet[CatalogueItem]:
    """Items that the actor may see: public ones of verified suppliers, and one's own."""
    seen = seen_of_organization(
        actor,
        public=Q(state__in=PUBLIC),
        administered=_issued_for(actor, "catalogue__issuer"),
        path="product__organization",
    )
    return CatalogueItem.objects.filter(seen)


def with_listings(products: QuerySet[Product], actor: Actor) -> QuerySet[Product]:
    """With ``listings``: where each product stands in which catalogue, as the actor may see it."""
    listings = visible_to(actor).select_related("catalogue")
    return products.prefetch_related(Prefetch("catalogue_items", listings, to_attr="listings"))


def sees_reasons(item: CatalogueItem, actor: Actor) -> bool:
    """Whether the actor may read what was decided and why: the supplier and administrators."""
    return bool(issues(actor, item.catalogue)) or own_organizations(actor).contains(
        item.organization
    )


def _issued_for(actor: Actor, issuer: str) -> Q:
    """The rule ``issues`` as a condition; ``issuer`` is the path to the responsible body."""
    if actor.is_system:
        return EVERYTHING
    bodies = _bodies_of(actor)
    named = Q(**{f"{issuer}__in": bodies - {None}})
    return named | Q(**{issuer: None}) if None in bodies else named


def _bodies_of(actor: Actor) -> set[int | None]:
    return {grant.body_id for grant in actor.grants_of(Duty.CATALOGUE)}


def with_details(items: QuerySet[CatalogueItem]) -> QuerySet[CatalogueItem]:
    """Everything that a row shows, in a fixed number of queries.

    ``notice_ahead`` and ``notice_left``: until the notice begins and until its last day, in whole
    Beijing days by the database clock.
    """
    today = TruncDate(Now(), tzinfo=BEIJING)
    return items.annotate(
        notice_ahead=_days(F("notice_from") - today), notice_left=_days(F("notice_to") - today)
    ).select_related("catalogue", "product__organization__city")


def _days(between: CombinedExpression) -> ExpressionWrapper[CombinedExpression]:
    return ExpressionWrapper(between, output_field=DurationField())


def under_notice(items: QuerySet[CatalogueItem]) -> QuerySet[CatalogueItem]:
    """The notices that end first come first."""
    rows = items.filter(state=ItemState.UNDER_NOTICE)
    return rows.order_by("notice_to", "notice_from", "pk")


def curated_by(catalogue: Catalogue, actor: Actor) -> QuerySet[CatalogueItem]:
    """Every item; ``is_own`` where the actor belongs to the supplier and so does not decide."""
    return with_details(catalogue.items.all()).annotate(
        is_own=_is_own(actor, "product__organization")
    )


def nominable(catalogue: Catalogue, actor: Actor) -> QuerySet[Product]:
    """Products of verified suppliers that are not under way in the catalogue; with ``is_own``.

    Invented ones for an invented catalogue, and no others.
    """
    under_way = catalogue.items.filter(state__in=LIVE, product=OuterRef("pk"))
    return (
        Product.objects.filter(
            ~Exists(under_way),
            organization__state=OrganizationState.VERIFIED,
            organization__is_demonstration=catalogue.is_demonstration,
        )
        .annotate(is_own=_is_own(actor, "organization"))
        .select_related("organization__city")
    )


def product_for(actor: Actor, public_id: UUID) -> Product | None:
    """Any product, for an administrator who names it by its id."""
    if not is_catalogue_administrator(actor):
        return None
    return Product.objects.select_related("organization").filter(public_id=public_id).first()


def _is_own(actor: Actor, path: str) -> Exists:
    return Exists(own_organizations(actor).filter(pk=OuterRef(path)))


def editions() -> QuerySet[CatalogueEdition]:
    """Every edition, the newest first; all of them are public for good."""
    return CatalogueEdition.objects.select_related(
        "catalogue__issuer", "catalogue__basis__document"
    )


def current_editions() -> QuerySet[CatalogueEdition]:
    """The latest edition of each catalogue, the one published last before the others."""
    latest = CatalogueEdition.objects.order_by("catalogue_id", "-year", "-sequence")
    found = editions().filter(pk__in=latest.distinct("catalogue_id").values("pk"))
    return found.order_by("-published_at", "-pk")


def editions_with(item: CatalogueItem) -> QuerySet[CatalogueEdition]:
    return editions().filter(items__item=item)


def edition_before(edition: CatalogueEdition) -> CatalogueEdition | None:
    earlier = Q(year__lt=edition.year) | Q(year=edition.year, sequence__lt=edition.sequence)
    return editions().filter(earlier, catalogue=edition.catalogue_id).first()


def edition_items(edition: CatalogueEdition | None) -> QuerySet[EditionItem]:
    """What the edition lists, in its order; nothing without an edition."""
    found = edition.items.all() if edition else EditionItem.objects.none()
    return found.select_related("item")


def entries(edition: CatalogueEdition | None) -> list[Entry]:
    names = [field.name for field in fields(Entry)]
    return [Entry(**row) for row in edition_items(edition).values(*names)]


def changes_since(edition: CatalogueEdition | None, now: Sequence[Entry]) -> Changes:
    return compare(entries(edition), now)


@dataclass(frozen=True)
class NextEdition:
    """What an edition would hold now, what that changes, and what stands in its way.

    ``unverified``: suppliers of listed products that are not verified at present.
    """

    entries: tuple[Entry, ...]
    changes: Changes
    unverified: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.entries)


def next_edition(catalogue: Catalogue) -> NextEdition:
    """Sorted by supplier and product in pinyin, so that equal lists are equal in order too."""
    listed = (
        CatalogueItem.objects.filter(catalogue=catalogue, state=ItemState.LISTED)
        .select_related("product__organization")
        .order_by("pk")
    )
    rows = sorted(listed, key=lambda item: (pinyin(item.organization.name), pinyin(str(item))))
    found = tuple(_entry(item) for item in rows)
    latest = editions().filter(catalogue=catalogue).first()
    unverified = (
        item.organization.name
        for item in rows
        if item.organization.state != OrganizationState.VERIFIED
    )
    return NextEdition(found, compare(entries(latest), found), tuple(dict.fromkeys(unverified)))


def _entry(item: CatalogueItem) -> Entry:
    told, product, organization = item.told, item.product, item.organization
    assert item.notice_from is not None  # noqa: S101 (narrows the type; the database checks it)
    assert item.notice_to is not None  # noqa: S101
    return Entry(
        item_id=item.pk,
        product_name=told.name,
        kind=told.kind,
        model_number=told.model_number,
        summary=told.summary,
        price_min_fen=product.price_min_fen,
        price_max_fen=product.price_max_fen,
        organization_name=organization.name,
        identifier_scheme=organization.identifier_scheme,
        identifier=organization.identifier,
        is_demonstration=organization.is_demonstration,
        notice_from=item.notice_from,
        notice_to=item.notice_to,
        grounds=item.grounds,
    )


def current_listings(products: Iterable[Product]) -> list[EditionItem]:
    """Where the products stand in the latest edition of a catalogue and are still listed."""
    return list(
        EditionItem.objects.filter(
            edition__in=current_editions(),
            item__product__in=[product.pk for product in products],
            item__state=ItemState.LISTED,
        )
        .select_related("item", "edition__catalogue")
        .order_by("edition__catalogue__code")
    )
