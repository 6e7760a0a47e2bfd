"""Actors: deny by default."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from common.actor import Actor, ActorKind


def test_visitor_has_no_roles() -> None:
    assert Actor.of(AnonymousUser()) == Actor(ActorKind.VISITOR)


@pytest.mark.parametrize(("active", "kind"), [(True, ActorKind.PERSON), (False, ActorKind.VISITOR)])
def test_inactive_person_counts_as_visitor(active: bool, kind: ActorKind) -> None:
    assert Actor.of(User(pk=7, email="a@example.org", is_active=active)).kind is kind
