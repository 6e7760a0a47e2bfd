"""Who decides who works for which authority: one table over authorities and actors."""

from __future__ import annotations

from typing import Any

import pytest

from authorities.queries import administered_by
from common.actor import Actor, ActorKind
from common.permissions import may
from tests.authorities.makers import make_authority
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    make_administrator,
    make_member,
    make_organization,
)
from tests.roles import AT_NANSHA, LIWAN

pytestmark = pytest.mark.django_db

AUTHORITIES: dict[str, dict[str, Any]] = {
    "province": {},
    "city": {"city": GUANGZHOU},
    "district": AT_NANSHA,
    "other district": {"city": GUANGZHOU, "district": LIWAN},
    "other city": {"city": SHENZHEN},
}
DECIDED = {
    "province": set(AUTHORITIES),
    "city": {"city", "district", "other district"},
    "district": {"district"},
    "other district": {"other district"},
    "other city": {"other city"},
}


@pytest.mark.parametrize("holder", DECIDED)
def test_system_administrators_decide_on_their_place_and_what_lies_in_it(holder: str) -> None:
    authorities = {name: make_authority(**place) for name, place in AUTHORITIES.items()}
    actor = make_administrator("system", **AUTHORITIES[holder])

    for permission in ("authorities.appoint", "authorities.delegate"):
        allowed = {name for name, each in authorities.items() if may(permission, actor, each)}
        assert allowed == DECIDED[holder], permission
    administered = set(administered_by(actor)) & set(authorities.values())
    assert administered == {authorities[name] for name in DECIDED[holder]}
    assert may("authorities.create", actor) is (holder == "province")


def test_nobody_else_decides() -> None:
    authority = make_authority(**AT_NANSHA)
    others = [
        Actor(ActorKind.VISITOR),
        make_member(make_organization(**AT_NANSHA), "owner"),
        *(make_administrator(duty) for duty in ("content", "catalogue", "audit")),
    ]

    for actor in others:
        assert not may("authorities.create", actor)
        assert not may("authorities.appoint", actor, authority)
        assert not may("authorities.delegate", actor, authority)
        assert not administered_by(actor).exists()


def test_platform_decides_on_all() -> None:
    authority = make_authority()

    assert may("authorities.create", SYSTEM)
    assert may("authorities.appoint", SYSTEM, authority)
    assert administered_by(SYSTEM).contains(authority)


@pytest.mark.parametrize("duty", ["system", "content", "catalogue", "audit"])
def test_log_is_searched_by_those_who_audit_alone(duty: str) -> None:
    assert may("audit.search", make_administrator(duty)) is (duty == "audit")
