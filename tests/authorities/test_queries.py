"""What people hold at their next request, and who sees whose appointments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.enums import Duty
from accounts.grants import grants_of
from accounts.models import User
from authorities.facts import EndFacts
from authorities.models import Appointment, Delegation
from authorities.queries import (
    NO_ACCOUNT,
    NO_OPERATOR,
    administered_by,
    appointments_visible_to,
    delegations_visible_to,
    duties_of,
    held_by,
    operator_by_credit_code,
    person_to_appoint,
    standing,
    visible_to,
    with_people,
)
from authorities.services import end_appointment, end_delegation
from common.actor import Actor, ActorKind, Grant
from common.clock import beijing_today
from common.errors import InvalidInput
from organizations.models import Membership
from organizations.services import restore_organization, suspend_organization
from policy.models import ResponsibleBody
from tests.authorities.makers import (
    make_appointment,
    make_authority,
    make_delegation,
    make_operator,
    make_person,
)
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    credit_code,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)
from tests.roles import NANSHA

pytestmark = pytest.mark.django_db

VISITOR = Actor(ActorKind.VISITOR)
WHY = EndFacts(reason="调任")


def at_next_request(person: User) -> Actor:
    return Actor.of(User.objects.get(pk=person.pk))


def duties(person: User) -> set[str]:
    return {grant.duty for grant in at_next_request(person).grants}


def test_each_duty_of_each_authority_is_one_grant() -> None:
    body = ResponsibleBody.objects.get(code="gd-dst")
    one = make_authority(body="gd-dst", city=GUANGZHOU, district=NANSHA)
    other, person = make_authority(), make_person()
    make_appointment(one, person, "content", "catalogue")
    make_appointment(other, person, "catalogue")
    place = (one.city_id, one.district_id)

    assert at_next_request(person).grants == {
        Grant(Duty.CONTENT, one.pk, body.pk, *place),
        Grant(Duty.CATALOGUE, one.pk, body.pk, *place),
        Grant(Duty.CATALOGUE, other.pk),
    }
    assert at_next_request(make_person()).grants == frozenset()


def test_whatever_somebody_holds_comes_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    person, operator = make_person(), make_operator()
    Membership.objects.create(organization=operator, user=person, role="editor")
    for _ in range(3):
        make_appointment(None, person, "content", "catalogue")
        make_delegation(make_authority(), operator, "catalogue", ends_on=beijing_today())
    fresh = User.objects.get(pk=person.pk)

    with django_assert_num_queries(1):
        assert len(Actor.of(fresh).grants) == 9
    with django_assert_num_queries(0):
        assert Actor.of(fresh).holds("content")
        assert not Actor.of(fresh).holds("audit")


def test_grants_follow_what_was_decided_at_the_next_request() -> None:
    person, authority = make_person(), make_authority()
    assert duties(person) == set()

    make_appointment(authority, person, "content", "catalogue")
    assert duties(person) == {"content", "catalogue"}
    standing_now = make_appointment(authority, person, "system")
    assert duties(person) == {"system"}
    end_appointment(appointment=standing_now, facts=WHY, actor=SYSTEM)
    assert duties(person) == set()


def test_account_in_hand_learns_of_its_appointment_too() -> None:
    person = make_person()
    assert not Actor.of(person).grants

    make_appointment(None, person, "content")

    assert Actor.of(person).holds("content")


def test_closed_account_holds_nothing() -> None:
    person = make_person()
    make_appointment(None, person)
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert at_next_request(person) == VISITOR


@pytest.mark.parametrize(("left", "holds"), [(None, True), (0, True), (1, True), (-1, False)])
def test_terms_run_out_after_their_last_day_in_beijing(
    left: int | None, holds: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """THREATS F12: whatever the clock of the web server says."""
    today = beijing_today()
    person, operator = make_person(), make_operator()
    member = make_member(operator, "editor")
    made = make_appointment(None, person)
    delegated = make_delegation(make_authority(), operator, ends_on=today)
    last = None if left is None else today + timedelta(days=left)
    Appointment.objects.filter(pk=made.pk).update(ends_on=last)
    Delegation.objects.filter(pk=delegated.pk).update(ends_on=last or today)

    for year in (1980, 2080):
        monkeypatch.setattr(timezone, "now", lambda year=year: datetime(year, 1, 1, tzinfo=UTC))
        assert bool(grants_of(person.pk)) is holds
        assert bool(grants_of(user_of(member).pk)) is holds
        assert duties_of(person.pk) == ({Duty.CONTENT} if holds else set())
    # It still stands there, to be ended or renewed.
    rows = standing(Appointment.objects.filter(pk=made.pk))
    assert [bool(over) for over in rows.values_list("is_over", flat=True)] == [not holds]


@pytest.mark.parametrize(
    ("role", "holds"), [("owner", True), ("editor", True), ("viewer", False), (None, False)]
)
def test_delegated_duties_are_held_by_those_who_write_for_the_operator(
    role: str | None, holds: bool
) -> None:
    operator, authority = make_operator(), make_authority(body="gd-dst", city=GUANGZHOU)
    make_delegation(authority, operator, "content", "catalogue", ends_on=beijing_today())
    actor = make_member(operator if role else make_operator(), role or "owner")

    expected = {
        Grant(duty, authority.pk, authority.body_id, authority.city_id)
        for duty in ("content", "catalogue")
    }
    assert actor.grants == (expected if holds else frozenset())


def test_delegated_duties_go_with_the_membership() -> None:
    operator = make_operator()
    make_delegation(make_authority(), operator, ends_on=beijing_today())
    person = user_of(make_member(operator, "editor"))
    assert duties(person) == {"content"}

    Membership.objects.filter(user=person).update(role="viewer")
    assert duties(person) == set()
    Membership.objects.filter(user=person).update(role="owner")
    assert duties(person) == {"content"}
    Membership.objects.filter(user=person).delete()
    assert duties(person) == set()


def test_delegated_duties_rest_while_the_operator_is_not_verified() -> None:
    operator = make_operator()
    made = make_delegation(make_authority(), operator, ends_on=beijing_today())
    person = user_of(make_member(operator, "owner"))

    suspend_organization(organization=operator, reason="核查", actor=SYSTEM)
    assert duties(person) == set()
    restore_organization(organization=operator, reason="查清", actor=SYSTEM)
    assert duties(person) == {"content"}
    end_delegation(delegation=made, facts=WHY, actor=SYSTEM)
    assert duties(person) == set()


def test_everybody_sees_the_authorities_of_his_own_and_whose_people_he_administers() -> None:
    city, district = make_authority(city=GUANGZHOU), make_authority(city=GUANGZHOU, district=NANSHA)
    province, elsewhere = make_authority(), make_authority(city=SHENZHEN)
    made = {city, district, province, elsewhere}
    person = make_person()
    make_appointment(province, person, "content")
    operator = make_operator()
    make_delegation(elsewhere, operator, ends_on=beijing_today())

    for actor, seen in (
        (VISITOR, set()),
        (make_member(make_organization(), "owner"), set()),
        (make_administrator("audit"), set()),
        (make_administrator("system", city=GUANGZHOU), {city, district}),
        (make_administrator("system"), made),
        (at_next_request(person), {province}),
        (make_member(operator, "editor"), {elsewhere}),
        (SYSTEM, made),
    ):
        assert set(visible_to(actor)) & made == seen


def test_appointments_are_seen_by_who_decides_and_by_oneself() -> None:
    authority, person = make_authority(city=GUANGZHOU), make_person()
    mine = make_appointment(authority, person)
    colleague = make_appointment(authority, None, "catalogue")
    end_appointment(appointment=colleague, facts=WHY, actor=SYSTEM)
    both = {mine, colleague}

    for actor, seen in (
        (VISITOR, set()),
        (make_member(make_organization(), "owner"), set()),
        (make_administrator("content", city=GUANGZHOU), set()),
        (make_administrator("audit"), set()),
        (make_administrator("system", city=SHENZHEN), set()),
        (make_administrator("system", city=GUANGZHOU), both),
        (make_administrator("system"), both),
        (at_next_request(person), {mine}),
        (Actor.of(colleague.user), {colleague}),
        (SYSTEM, both),
    ):
        assert set(appointments_visible_to(actor)) & both == seen


def test_delegations_are_seen_by_who_decides_and_by_the_operator() -> None:
    operator = make_operator()
    made = make_delegation(make_authority(city=GUANGZHOU), operator, ends_on=beijing_today())

    for actor, sees in (
        (VISITOR, False),
        (make_member(make_operator(), "owner"), False),
        (make_administrator("system", city=SHENZHEN), False),
        (make_administrator("content", city=GUANGZHOU), False),
        (make_administrator("system", city=GUANGZHOU), True),
        (make_member(operator, "viewer"), True),
    ):
        assert delegations_visible_to(actor).contains(made) is sees


def test_people_of_thirty_authorities_take_the_queries_of_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    operator, last = make_operator(), beijing_today()

    def make() -> None:
        authority = make_authority(body="gd-dst", city=GUANGZHOU, district=NANSHA)
        make_appointment(authority)
        gone = make_appointment(authority)
        end_appointment(appointment=gone, facts=WHY, actor=SYSTEM)
        make_delegation(authority, operator, ends_on=last)

    for number in (1, 30):
        for _ in range(number - administered_by(SYSTEM).count()):
            make()
        with django_assert_num_queries(3):
            rows: list[Any] = list(with_people(administered_by(SYSTEM)))
            assert len(rows) == number
            for row in rows:
                assert row.jurisdiction == "广州市南沙区"
                assert row.body is not None
                assert [str(each.user) for each in row.people]
                assert [str(each.operator) for each in row.operators] == [operator.name]
                assert len(row.people) == 1


def test_account_to_appoint_is_found_in_any_capitals() -> None:
    person = make_person()

    assert person_to_appoint(f" {person.email.upper()} ") == person


def test_unknown_and_unsuitable_accounts_get_the_same_answer(settings: Settings) -> None:
    closed, unconfirmed, invented = (make_person() for _ in range(3))
    User.objects.filter(pk=closed.pk).update(is_active=False)
    EmailAddress.objects.filter(user=unconfirmed).update(verified=False)
    User.objects.filter(pk=invented.pk).update(is_demonstration=True)
    settings.DEMONSTRATION = False

    for email in ("nobody@example.org", "", closed.email, unconfirmed.email, invented.email):
        with pytest.raises(InvalidInput) as refused:
            person_to_appoint(email)
        assert refused.value.fields == {"email": [NO_ACCOUNT]}


def test_operator_is_found_by_its_code_where_the_reader_sees_it() -> None:
    operator, hidden = make_operator(), make_operator(verified=False, city=SHENZHEN)
    actor = make_administrator("system", city=GUANGZHOU)

    assert operator_by_credit_code(f" {operator.identifier.lower()} ", actor) == operator
    for code in (hidden.identifier, credit_code(800_001)):
        with pytest.raises(InvalidInput) as refused:
            operator_by_credit_code(code, actor)
        assert refused.value.fields == {"credit_code": [NO_OPERATOR]}
    assert operator_by_credit_code(hidden.identifier, SYSTEM) == hidden
    with pytest.raises(InvalidInput, match="18 位"):
        operator_by_credit_code("9144", actor)


@pytest.mark.parametrize(
    ("duty", "holds"),
    [
        ("system", {"system"}),
        ("audit", {"audit"}),
        ("catalogue", {"catalogue", "content"}),
    ],
)
def test_whose_duty_stands_alone_holds_nothing_by_way_of_an_operator(
    duty: str, holds: set[str]
) -> None:
    administrator = make_administrator(duty)
    operator = make_operator()
    make_delegation(make_authority(), operator, "content", ends_on=beijing_today())

    Membership.objects.create(organization=operator, user_id=administrator.user_id, role="owner")

    person = user_of(administrator)
    assert duties(person) == holds
    told = {each for row in held_by(Actor.of(person)) for each in row.duties}
    assert told == holds
    # The duties of the operator are theirs again once the other one has ended.
    end_appointment(
        appointment=Appointment.objects.get(user=person, ended_at=None), facts=WHY, actor=SYSTEM
    )
    assert duties(person) == {"content"}
