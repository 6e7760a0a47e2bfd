"""Two owners at once: an organization that has an owner keeps one."""

from collections.abc import Callable

import pytest

from accounts.models import User
from common.actor import Actor
from common.errors import Forbidden
from organizations.enums import MemberRole
from organizations.models import Membership, Organization
from organizations.services import change_role, remove_member
from tests.races import at_once
from tests.records import make_member, make_organization, user_of


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
