"""Authorities and people for the tests of this app."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from accounts.models import User
from authorities.facts import AppointmentFacts, AuthorityFacts, DelegationFacts
from authorities.models import Appointment, Authority, Delegation
from authorities.services import appoint, create_authority, delegate
from common.actor import Actor
from organizations.models import Organization
from tests.records import SYSTEM, give_second_factor, make_organization

_numbers = count(1)


def make_authority(**facts: Any) -> Authority:
    number = next(_numbers)
    values = {"code": f"department-{number}", "name": f"某部门{number}", **facts}
    return create_authority(facts=AuthorityFacts(**values), actor=SYSTEM)


def make_person(name: str = "") -> User:
    person = User.objects.create_user(f"official{next(_numbers)}@example.org", name=name)
    give_second_factor(person)
    return person


def make_operator(**facts: Any) -> Organization:
    return make_organization(**{"capacities": ["serve"], **facts})


def make_appointment(
    authority: Authority | None = None,
    person: User | None = None,
    *duties: str,
    ends_on: date | None = None,
    actor: Actor = SYSTEM,
) -> Appointment:
    return appoint(
        authority=authority or make_authority(),
        person=person or make_person(),
        facts=AppointmentFacts(duties=[*(duties or ("content",))], ends_on=ends_on),
        actor=actor,
    )


def make_delegation(
    authority: Authority, operator: Organization, *duties: str, ends_on: date, actor: Actor = SYSTEM
) -> Delegation:
    facts = DelegationFacts(duties=[*(duties or ("content",))], ends_on=ends_on)
    return delegate(authority=authority, operator=operator, facts=facts, actor=actor)
