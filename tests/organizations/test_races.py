"""Two at once: an organization that has an owner keeps one, and nobody joins twice."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from audit.queries import events_of
from common.actor import Actor
from common.errors import Conflict, DomainError, Forbidden
from organizations import joining
from organizations.enums import MemberRole
from organizations.models import Invitation, JoinRequest, Membership, Organization
from organizations.services import STEPS, change_role, leave, remove_member
from organizations.transitions import LIFECYCLE
from tests.people import ask, invited, make_person
from tests.races import at_once
from tests.records import make_administrator, make_member, make_organization, user_of


def demote(organization: Organization, person: User, actor: Actor) -> None:
    change_role(organization=organization, person=person, role=MemberRole.VIEWER, actor=actor)


def remove(organization: Organization, person: User, actor: Actor) -> None:
    remove_member(organization=organization, person=person, actor=actor)


@pytest.mark.parametrize("end", [demote, remove])
def test_two_owners_who_end_each_other_leave_one(
    committed_db: str, end: Callable[[Organization, User, Actor], None]
) -> None:
    organization = make_organization()
    first, second = (make_member(organization, "owner") for _ in range(2))
    persons = {actor: user_of(actor) for actor in (first, second)}

    def try_to_end(other: Actor, actor: Actor) -> str:
        try:
            end(organization, persons[other], actor)
        except Forbidden:
            return "told"
        return "done"

    done = at_once(lambda: try_to_end(second, first), lambda: try_to_end(first, second))

    assert sorted(done) == ["done", "told"]
    assert Membership.objects.filter(organization=organization, role="owner").count() == 1


def outcome(act: Any) -> str:
    try:
        act()
    except DomainError:
        return "told"
    return "done"


def test_two_owners_who_leave_at_once_leave_one(committed_db: str) -> None:
    organization = make_organization()
    owners = [make_member(organization, "owner") for _ in range(2)]

    done = at_once(
        *(
            lambda actor=actor: outcome(lambda: leave(organization=organization, actor=actor))
            for actor in owners
        )
    )

    assert sorted(done) == ["done", "told"]
    assert Membership.objects.filter(organization=organization, role="owner").count() == 1


def test_two_requests_at_once_are_one(committed_db: str) -> None:
    organization, actor = make_organization(), make_person()

    done = at_once(*(lambda: outcome(lambda: ask(organization, actor)) for _ in range(2)))

    assert sorted(done) == ["done", "told"]
    assert JoinRequest.objects.count() == 1


def test_two_owners_who_accept_at_once_let_in_once(committed_db: str) -> None:
    organization, actor = make_organization(), make_person()
    asked = ask(organization, actor)
    owners = [make_member(organization, "owner") for _ in range(2)]

    def accept(owner: Actor) -> str:
        mine = JoinRequest.objects.select_related("organization").get(pk=asked.pk)
        return outcome(lambda: joining.accept_join_request(request=mine, actor=owner))

    done = at_once(*(lambda owner=owner: accept(owner) for owner in owners))

    assert sorted(done) == ["done", "told"]
    assert Membership.objects.filter(user_id=actor.user_id).count() == 1


def test_invitation_accepted_twice_at_once_counts_once(committed_db: str) -> None:
    invitation, actor = invited(make_organization()), make_person()

    def accept() -> str:
        mine = Invitation.objects.select_related("organization").get(pk=invitation.pk)
        return outcome(lambda: joining.accept_invitation(invitation=mine, actor=actor))

    assert sorted(at_once(accept, accept)) == ["done", "told"]
    assert Membership.objects.filter(user_id=actor.user_id).count() == 1


def test_request_and_invitation_accepted_at_once_let_in_once(committed_db: str) -> None:
    organization, actor = make_organization(), make_person()
    asked, invitation = ask(organization, actor), invited(organization)
    owner = make_member(organization, "owner")

    done = at_once(
        lambda: outcome(lambda: joining.accept_join_request(request=asked, actor=owner)),
        lambda: outcome(lambda: joining.accept_invitation(invitation=invitation, actor=actor)),
    )

    assert sorted(done) == ["done", "told"]
    assert Membership.objects.filter(user_id=actor.user_id).count() == 1


@pytest.mark.parametrize("other", ["verify", "return", "reject"])
def test_of_two_administrators_who_decide_at_once_one_wins_and_the_other_is_told(
    committed_db: str, other: str
) -> None:
    organization = make_organization(verified=False)
    first, second = make_administrator("content"), make_administrator("content")

    def decide(name: str, actor: Actor) -> str:
        seen = Organization.objects.get(pk=organization.pk)
        try:
            STEPS.take(name, seen, actor, reason="材料不全")
        except Conflict as error:
            return error.message
        return "done"

    done = at_once(lambda: decide("verify", first), lambda: decide(other, second))

    assert sorted(each == "done" for each in done) == [False, True]
    assert any("当前状态为" in each for each in done)
    organization.refresh_from_db()
    won = ("verify", other)[done.index("done")]
    assert organization.state == LIFECYCLE.get(won).target
    decided = events_of(organization).filter(verb__endswith=f".{won}")
    assert decided.count() == 1
