"""Actors: deny by default, and no more than what they were granted."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from common.actor import Actor, ActorKind, Grant


def test_visitor_holds_nothing() -> None:
    visitor = Actor.of(AnonymousUser())

    assert visitor == Actor(ActorKind.VISITOR)
    assert not visitor.holds("content")


def test_platform_holds_every_duty_and_others_what_they_were_granted() -> None:
    grant = Grant("content", authority_id=1, city_id=2)
    person = Actor(ActorKind.PERSON, user_id=7, grants=frozenset({grant}))

    assert person.holds("content")
    assert not person.holds("system")
    assert (person.grants_of("content"), person.grants_of("system")) == ([grant], [])
    assert Actor.system("tests").holds("system")
    assert not Actor(ActorKind.PERSON, user_id=7).holds("content")


@pytest.mark.django_db
@pytest.mark.parametrize(("active", "kind"), [(True, ActorKind.PERSON), (False, ActorKind.VISITOR)])
def test_inactive_person_counts_as_visitor(active: bool, kind: ActorKind) -> None:
    assert Actor.of(User(pk=7, email="a@example.org", is_active=active)).kind is kind


@pytest.mark.django_db
def test_flags_of_django_grant_nothing() -> None:
    person = User.objects.create_superuser("root@example.org")

    assert Actor.of(person).grants == frozenset()
