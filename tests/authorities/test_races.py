"""Two decisions at once, on real connections."""

from __future__ import annotations

import pytest

from accounts.models import User
from authorities.facts import AppointmentFacts, DelegationFacts, EndFacts
from authorities.models import Appointment, Authority, Delegation
from authorities.services import appoint, delegate, end_appointment
from common.clock import beijing_today
from common.errors import Conflict, DomainError, InvalidInput
from organizations.models import Organization
from tests.authorities.makers import make_appointment, make_authority, make_operator, make_person
from tests.races import at_once, queued_behind
from tests.records import SYSTEM


def duties_at(authority: Authority, person: User, *duties: str) -> str:
    try:
        appoint(
            authority=Authority.objects.get(pk=authority.pk),
            person=User.objects.get(pk=person.pk),
            facts=AppointmentFacts(duties=[*duties]),
            actor=SYSTEM,
        )
    except DomainError as error:
        return type(error).__name__
    return "done"


@pytest.mark.parametrize("alone", ["system", "audit"])
def test_separated_duties_at_once_do_not_meet_in_one_person(committed_db: str, alone: str) -> None:
    one, other, person = make_authority(), make_authority(), make_person()

    done = at_once(
        lambda: duties_at(one, person, alone), lambda: duties_at(other, person, "content")
    )

    assert sorted(done) == [InvalidInput.__name__, "done"]
    assert Appointment.objects.get(user=person, ended_at=None).duties in ([alone], ["content"])


def test_second_appointment_sees_the_first_once_that_is_committed(committed_db: str) -> None:
    one, other, person = make_authority(), make_authority(), make_person()

    said = queued_behind(
        lambda: make_appointment(one, person, "audit"), lambda: duties_at(other, person, "system")
    )

    assert said == InvalidInput.__name__


def test_same_person_is_appointed_twice_at_once_and_stands_there_once(committed_db: str) -> None:
    authority, person = make_authority(), make_person()

    done = at_once(*(lambda: duties_at(authority, person, "content") for _ in range(2)))

    assert done == ["done", "done"]
    assert Appointment.objects.filter(user=person, ended_at=None).count() == 1


def test_two_end_an_appointment_at_once_and_one_is_told(committed_db: str) -> None:
    made = make_appointment()

    def end() -> str:
        mine = Appointment.objects.get(pk=made.pk)
        try:
            end_appointment(appointment=mine, facts=EndFacts(reason="调任"), actor=SYSTEM)
        except Conflict:
            return "told"
        return "done"

    assert sorted(at_once(end, end)) == ["done", "told"]


def test_operator_that_is_delegated_to_twice_at_once_has_it_once(committed_db: str) -> None:
    authority, operator, last = make_authority(), make_operator(), beijing_today()

    def entrust() -> None:
        delegate(
            authority=Authority.objects.get(pk=authority.pk),
            operator=Organization.objects.get(pk=operator.pk),
            facts=DelegationFacts(duties=["content"], ends_on=last),
            actor=SYSTEM,
        )

    at_once(entrust, entrust)

    assert Delegation.objects.filter(operator=operator, ended_at=None).count() == 1
