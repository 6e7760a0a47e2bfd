"""Where a duty reaches: one table, and the condition for rows that agrees with it."""

from __future__ import annotations

from itertools import combinations

import pytest
from django.db.models import Q

from accounts.enums import Duty
from accounts.jurisdiction import (
    EVERYTHING,
    NOTHING,
    covers,
    is_province_wide,
    reaches,
    within,
)
from common.actor import Actor, ActorKind, Grant
from organizations.models import Organization
from scenarios.models import Scenario
from taxonomy.models import City, District
from tests.records import GUANGZHOU, SHENZHEN, SYSTEM, make_organization, make_scenario
from tests.roles import LIWAN, NANSHA, NANSHAN

PLACES = {
    "outside": (None, None),
    "guangzhou": (GUANGZHOU, None),
    "nansha": (GUANGZHOU, NANSHA),
    "liwan": (GUANGZHOU, LIWAN),
    "shenzhen": (SHENZHEN, None),
    "nanshan": (SHENZHEN, NANSHAN),
}
# What an authority in charge of the place named first reaches.
REACHED = {
    "province": set(PLACES),
    "guangzhou": {"guangzhou", "nansha", "liwan"},
    "nansha": {"nansha"},
    "liwan": {"liwan"},
    "shenzhen": {"shenzhen", "nanshan"},
    "nanshan": {"nanshan"},
}


def ids(place: str) -> tuple[int | None, int | None]:
    city, district = PLACES.get(place, (None, None))
    return (
        City.objects.get(code=city).pk if city else None,
        District.objects.get(code=district).pk if district else None,
    )


def grant(place: str, duty: Duty = Duty.CONTENT) -> Grant:
    city_id, district_id = ids(place)
    return Grant(duty, authority_id=1, city_id=city_id, district_id=district_id)


def somebody(*grants: Grant) -> Actor:
    return Actor(ActorKind.PERSON, user_id=1, grants=frozenset(grants))


@pytest.mark.django_db
@pytest.mark.parametrize("holder", REACHED)
def test_grant_covers_its_place_and_what_lies_in_it(holder: str) -> None:
    held = grant(holder)

    assert {place for place in PLACES if covers(held, *ids(place))} == REACHED[holder]


@pytest.mark.django_db
def test_only_the_province_reaches_everywhere() -> None:
    for holder in REACHED:
        actor = somebody(grant(holder))
        assert is_province_wide(actor, Duty.CONTENT) is (holder == "province"), holder
        assert not is_province_wide(actor, Duty.SYSTEM)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [0, 1, 2])
def test_condition_agrees_with_the_rule_for_all_rows_and_grants(number: int) -> None:
    organizations = {
        place: make_organization(city=city, district=district)
        for place, (city, district) in PLACES.items()
    }
    # Of each a scenario that states no place: found by way of its host.
    scenarios = {place: make_scenario(host) for place, host in organizations.items()}
    by_host = {"city": "organization__city", "district": "organization__district"}

    for held in combinations(REACHED, number):
        for duty in (Duty.CONTENT, Duty.SYSTEM):
            actor = somebody(*(grant(place) for place in held))
            expected = {place for place in PLACES if reaches(actor, duty, *ids(place))}
            theirs = set().union(*(REACHED[place] for place in held))
            assert expected == (theirs if duty == Duty.CONTENT else set()), held
            rows = Organization.objects.filter(within(actor, duty))
            assert set(rows) == {organizations[place] for place in expected}, held
            assert len(rows) == len(expected)
            hosted = Scenario.objects.filter(within(actor, duty, **by_host))
            assert set(hosted) == {scenarios[place] for place in expected}, held


@pytest.mark.django_db
def test_platform_reaches_everything_and_a_visitor_nothing() -> None:
    made = make_organization(city=GUANGZHOU)

    assert list(Organization.objects.filter(within(SYSTEM, Duty.AUDIT))) == [made]
    assert reaches(SYSTEM, Duty.AUDIT, None, None)
    visitor = Actor(ActorKind.VISITOR)
    assert not Organization.objects.filter(within(visitor, Duty.CONTENT)).exists()
    assert not reaches(visitor, Duty.CONTENT, None, None)


@pytest.mark.django_db
def test_everything_and_nothing_mean_the_same_on_either_side() -> None:
    one, other = make_organization(), make_organization()
    named = Q(pk=one.pk)

    def found(condition: Q) -> set[Organization]:
        return set(Organization.objects.filter(condition))

    assert found(named | EVERYTHING) == found(EVERYTHING | named) == {one, other}
    assert found(named | NOTHING) == found(NOTHING | named) == {one}
    assert found(NOTHING) == set()
