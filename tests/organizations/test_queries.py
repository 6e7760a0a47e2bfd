"""Memberships, and the condition that the visibility of every noun is built of."""

import pytest
from django.db.models import Q

from accounts.jurisdiction import EVERYTHING, NOTHING
from common.actor import Actor, ActorKind
from organizations.enums import MemberRole
from organizations.models import Membership, Organization
from organizations.queries import (
    by_credit_code,
    own_organizations,
    roles_in,
    seen_of_organization,
)
from organizations.services import suspend_organization
from scenarios.models import Scenario
from tests.records import SYSTEM, credit_code, make_member, make_organization, make_scenario

pytestmark = pytest.mark.django_db

VISITOR = Actor(ActorKind.VISITOR)


@pytest.mark.parametrize("role", MemberRole)
def test_member_has_the_role_in_that_organization_alone(role: MemberRole) -> None:
    own, other = make_organization(), make_organization()
    actor = make_member(own, role)

    assert roles_in(own, actor) == {role}
    assert roles_in(other, actor) == set()
    assert list(own_organizations(actor)) == [own]


def test_member_of_several_organizations_has_each() -> None:
    first, second, _ = (make_organization() for _ in range(3))
    actor = make_member(first, "viewer")
    Membership.objects.create(organization=second, user_id=actor.user_id, role="owner")

    assert set(own_organizations(actor)) == {first, second}
    assert roles_in(first, actor) == {MemberRole.VIEWER}
    assert roles_in(second, actor) == {MemberRole.OWNER}


def test_removed_member_is_a_stranger_at_once() -> None:
    organization = make_organization()
    actor = make_member(organization)
    Membership.objects.filter(user_id=actor.user_id).delete()

    assert roles_in(organization, actor) == set()
    assert not own_organizations(actor).exists()


@pytest.mark.parametrize("actor", [VISITOR, SYSTEM], ids=["visitor", "system"])
def test_who_is_nobody_in_particular_belongs_nowhere(actor: Actor) -> None:
    organization = make_organization()
    make_member(organization)

    assert roles_in(organization, actor) == set()
    assert not own_organizations(actor).exists()


def test_codes_find_their_organizations_and_nothing_else() -> None:
    found, other = make_organization(), make_organization()
    code = found.identifier
    make_organization(identifier=code, identifier_scheme="foreign")

    assert by_credit_code({code, credit_code(999_999)}) == {code: found}
    assert by_credit_code(set()) == {}
    assert set(by_credit_code({code, other.identifier}).values()) == {found, other}


def test_what_is_seen_of_an_organization() -> None:
    verified, suspended, unverified = (
        make_organization(),
        make_organization(),
        make_organization(verified=False),
    )
    for host in (verified, suspended, unverified):
        make_scenario(host, published=False, name="公开")
        make_scenario(host, published=False, name="内部")
    suspend_organization(organization=suspended, reason="核查", actor=SYSTEM)

    def seen(actor: Actor, *, administrator: bool = False) -> set[tuple[Organization, str]]:
        administered = EVERYTHING if administrator else NOTHING
        condition = seen_of_organization(actor, public=Q(name="公开"), administered=administered)
        return {(each.organization, each.name) for each in Scenario.objects.filter(condition)}

    def everything_of(host: Organization) -> set[tuple[Organization, str]]:
        return {(host, "公开"), (host, "内部")}

    everybody = {(verified, "公开")}
    assert seen(VISITOR) == everybody
    assert seen(make_member(make_organization(), "owner")) == everybody
    for host in (verified, suspended, unverified):
        for role in MemberRole:
            assert seen(make_member(host, role)) == everybody | everything_of(host)
    assert seen(VISITOR, administrator=True) == set().union(
        *map(everything_of, (verified, suspended, unverified))
    )


def test_member_of_several_hosts_sees_each_record_once() -> None:
    host = make_organization()
    actor = make_member(host)
    make_member(host)
    Membership.objects.create(
        organization=make_organization(), user_id=actor.user_id, role="viewer"
    )
    scenario = make_scenario(host)

    condition = seen_of_organization(actor, public=EVERYTHING, administered=NOTHING)
    assert list(Scenario.objects.filter(condition)) == [scenario]
