"""Experts for tests, appointed and declaring by the verbs that people use."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from common.actor import Actor
from reviews.facts import ExpertFacts, ExpertiseFacts, InterestFacts
from reviews.models import ExpertProfile, Interest
from reviews.services import appoint_expert, declare_interest
from tests.records import (
    SYSTEM,
    give_second_factor,
    make_member,
    make_organization,
    user_of,
)

ROBOTS = "gd-2024-embodied-robots"


def make_expert(
    actor: Actor | None = None, *, person: User | None = None, **facts: str
) -> ExpertProfile:
    if person is None:
        person = user_of(make_member(make_organization()))
        give_second_factor(person)
    return appoint_expert(
        person=person,
        facts=ExpertFacts(**facts),
        expertise=ExpertiseFacts(concepts=[ROBOTS]),
        actor=actor or SYSTEM,
    )


def self_of(expert: ExpertProfile) -> Actor:
    return Actor.of(User.objects.get(pk=expert.user_id))


def declared(expert: ExpertProfile, **stated: Any) -> Interest:
    values = {"kind": "directorship", "name": "广州甲公司", **stated}
    facts = InterestFacts.model_validate(values)
    return declare_interest(expert=expert, facts=facts, actor=self_of(expert))
