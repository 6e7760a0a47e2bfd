"""Reads tokens."""

from __future__ import annotations

from django.db.models import (
    Case,
    CharField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Now

from common.actor import Actor, ActorKind
from organizations.models import Membership, Organization
from organizations.queries import editable_organizations
from tokens.enums import Standing
from tokens.models import ApiToken


def visible_to(actor: Actor) -> QuerySet[ApiToken]:
    """Those of the organizations for which the person writes; programs see none."""
    if actor.kind is not ActorKind.PERSON:
        return ApiToken.objects.none()
    return ApiToken.objects.filter(organization__in=editable_organizations(actor))


def with_standing(tokens: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
    """``standing`` by the database clock, and whoever made and revoked each."""
    return tokens.select_related("user", "revoked_by").annotate(standing=_standing())


def _standing() -> Case:
    # Whoever left and came back has to make new ones: the membership must be older.
    member = Membership.objects.filter(
        organization=OuterRef("organization"),
        user=OuterRef("user"),
        created_at__lte=OuterRef("created_at"),
    )
    return Case(
        When(revoked_at__isnull=False, then=Value(Standing.REVOKED)),
        When(~Exists(member) | Q(user__is_active=False), then=Value(Standing.ORPHANED)),
        When(expires_at__lte=Now(), then=Value(Standing.EXPIRED)),
        default=Value(Standing.IN_FORCE),
        output_field=CharField(),
    )


def tokens_of(organization: Organization, actor: Actor) -> QuerySet[ApiToken]:
    """For the list: those in force first, then the newest."""
    own = with_standing(visible_to(actor).filter(organization=organization))
    over = Case(When(standing=Standing.IN_FORCE, then=Value(0)), default=Value(1))
    return own.order_by(over, "-pk")


def in_force(tokens: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
    """With whoever made each."""
    standing = tokens.select_related("user").annotate(standing=_standing())
    return standing.filter(standing=Standing.IN_FORCE)
