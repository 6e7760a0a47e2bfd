"""Reads experts and their interests."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, CharField, Count, Prefetch, Q, QuerySet, Value

from accounts.enums import Duty
from common.actor import Actor, ActorKind
from organizations.enums import IdentifierScheme
from organizations.models import Membership, Organization
from reviews.enums import EXPERT, InterestKind
from reviews.facts import InterestFacts
from reviews.models import ExpertProfile, Interest
from taxonomy.models import Concept


def visible_to(actor: Actor) -> QuerySet[ExpertProfile]:
    """Oneself, and everybody for those who appoint experts; programs see none."""
    if actor.holds(Duty.CONTENT) or actor.holds(Duty.SYSTEM):
        return ExpertProfile.objects.all()
    if actor.kind is not ActorKind.PERSON or actor.user_id is None:
        return ExpertProfile.objects.none()
    return ExpertProfile.objects.filter(user_id=actor.user_id)


def interests_visible_to(actor: Actor) -> QuerySet[Interest]:
    """One's own, and all for content administrators, who assign reviews."""
    if actor.holds(Duty.CONTENT):
        return Interest.objects.all()
    if actor.kind is not ActorKind.PERSON or actor.user_id is None:
        return Interest.objects.none()
    return Interest.objects.filter(expert__user_id=actor.user_id)


def expert_of(actor: Actor) -> ExpertProfile | None:
    """The active expert whom the actor is."""
    if actor.kind is not ActorKind.PERSON or actor.user_id is None:
        return None
    active = ExpertProfile.objects.filter(user_id=actor.user_id, is_active=True)
    return with_expertise(active).select_related("organization", "user").first()


def owes_declaration(actor: Actor) -> bool:
    """An expert who has stated no expertise, or no interest: everybody has at least an employer."""
    active = ExpertProfile.objects.filter(user=actor.user_id, is_active=True)
    return active.filter(Q(concepts=None) | Q(interests=None)).exists()


def with_expertise(experts: QuerySet[ExpertProfile]) -> QuerySet[ExpertProfile]:
    concepts = Concept.objects.select_related("scheme").order_by("scheme__position", "position")
    return experts.prefetch_related(Prefetch("concepts", concepts))


def listed(actor: Actor) -> QuerySet[ExpertProfile]:
    """For the administrators' list: active ones first, ``declared`` counts present interests."""
    return (
        with_expertise(visible_to(actor))
        .select_related("user", "organization")
        .annotate(declared=Count("interests", filter=Q(interests__until=None)))
        .order_by("-is_active", "-appointed_at", "-pk")
    )


def known_interests(expert: ExpertProfile) -> list[InterestFacts]:
    """For ``conflicts``: what the expert has declared, and what the platform knows by itself.

    That is the employer and the organizations of which the expert is a member here.
    """
    declared = [stated_interest(each) for each in expert.interests.order_by("pk")]
    member = Membership.objects.filter(user=expert.user_id).values("organization")
    at_work = Organization.objects.filter(Q(pk__in=member) | Q(pk=expert.organization_id))
    known = [
        InterestFacts.model_construct(
            kind=InterestKind.EMPLOYER,
            name=each.name,
            scheme=IdentifierScheme(each.identifier_scheme),
            identifier=each.identifier,
        )
        for each in at_work.order_by("pk")
    ]
    if expert.employer and expert.organization_id is None:
        known.append(
            InterestFacts.model_construct(kind=InterestKind.EMPLOYER, name=expert.employer)
        )
    return declared + known


def stated_interest(interest: Interest) -> InterestFacts:
    values = {name: getattr(interest, name) for name in InterestFacts.model_fields}
    kind, scheme = InterestKind(interest.kind), IdentifierScheme(interest.scheme)
    return InterestFacts.model_construct(**{**values, "kind": kind, "scheme": scheme})


def expert_grants(user_id: int) -> QuerySet[Any, Any]:
    """The row of ``accounts.grants`` of an active expert: no authority, no jurisdiction."""
    nowhere = {
        name: Value(None, output_field=BigIntegerField())
        for name in ("authority", "body", "city", "district")
    }
    duty = Value(EXPERT, output_field=CharField())
    active = ExpertProfile.objects.filter(user_id=user_id, is_active=True)
    return active.annotate(duty=duty, **nowhere).values_list("duty", *nowhere)
