"""Authorities, appointments and delegations: what is kept, told and refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import AuditEvent
from authorities.facts import AppointmentFacts, AuthorityFacts, EndFacts
from authorities.models import Appointment, Authority, Delegation
from authorities.services import (
    appoint,
    create_authority,
    end_appointment,
    end_delegation,
)
from common.actor import Actor, ActorKind
from common.clock import beijing_today
from common.errors import Conflict, Forbidden, InvalidInput
from organizations.models import Membership
from organizations.services import suspend_organization
from outbox.models import Message
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
    make_administrator,
    make_member,
    make_organization,
    user_of,
)
from tests.roles import NANSHA

pytestmark = pytest.mark.django_db

VISITOR = Actor(ActorKind.VISITOR)
WHY = EndFacts(reason="调任")


def written() -> tuple[int, ...]:
    models = (Authority, Appointment, Delegation, AuditEvent, Message)
    return tuple(model._default_manager.count() for model in models)


def refused(
    verb: Callable[[], Any], error: type[Exception], match: str | None = None, field: str = ""
) -> None:
    """The verb is refused, and nothing is written."""
    before = written()
    with pytest.raises(error, match=match) as caught:
        verb()
    if field:
        assert isinstance(caught.value, InvalidInput)
        assert list(caught.value.fields) == [field]
    assert written() == before


def latest() -> tuple[AuditEvent, Message]:
    return AuditEvent.objects.latest("id"), Message.objects.latest("id")


def strangers(authority: Authority) -> list[Actor]:
    """Who may not decide on an authority of Nansha."""
    return [
        VISITOR,
        make_member(make_organization(), "owner"),
        make_administrator("system", city=SHENZHEN),
        *(make_administrator(duty) for duty in ("content", "catalogue", "audit")),
    ]


# Authorities


def test_authority_is_kept_and_told() -> None:
    administrator = make_administrator("system")
    facts = AuthorityFacts(
        code="gz-nansha", name="某区局", body="sz-stic", city=GUANGZHOU, district=NANSHA
    )

    made = create_authority(facts=facts, actor=administrator)

    kept = Authority.objects.get(pk=made.pk)
    assert (kept.code, kept.name, kept.is_demonstration) == ("gz-nansha", "某区局", False)
    assert kept.body is not None
    assert kept.city is not None
    assert kept.district is not None
    assert (kept.body.code, kept.city.code, kept.district.code) == ("sz-stic", GUANGZHOU, NANSHA)
    assert kept.jurisdiction == "广州市南沙区"
    event, message = latest()
    assert event.verb == message.topic == "authorities.authority.create"
    assert event.actor_user_id == administrator.user_id


def test_jurisdiction_in_words() -> None:
    assert make_authority().jurisdiction == "广东省"
    assert make_authority(city=GUANGZHOU).jurisdiction == "广州市"


def test_only_the_province_registers_authorities() -> None:
    facts = AuthorityFacts(code="a", name="某局", city=GUANGZHOU, district=NANSHA)
    others = [*strangers(make_authority()), make_administrator("system", city=GUANGZHOU)]

    for actor in [*others, None]:
        refused(partial(create_authority, facts=facts, actor=actor), Forbidden)


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"body": "nobody"}, "body"),
        ({"city": "999999"}, "city"),
        ({"city": SHENZHEN, "district": NANSHA}, "district"),
    ],
)
def test_unknown_codes_are_refused_by_field(stated: dict[str, str], field: str) -> None:
    facts = AuthorityFacts(code="a", name="某局", **stated)

    refused(lambda: create_authority(facts=facts, actor=SYSTEM), InvalidInput, field=field)


def test_code_is_used_once() -> None:
    facts = AuthorityFacts(code=make_authority().code, name="另一个局")

    refused(lambda: create_authority(facts=facts, actor=SYSTEM), Conflict, "另一个部门")


# Appointments


def test_appointment_is_kept_and_told() -> None:
    administrator, authority, person = make_administrator("system"), make_authority(), make_person()
    last = beijing_today() + timedelta(days=30)

    made = make_appointment(
        authority, person, "catalogue", "content", ends_on=last, actor=administrator
    )

    kept = Appointment.objects.get(pk=made.pk)
    assert (kept.authority, kept.user, kept.duties) == (authority, person, ["content", "catalogue"])
    assert (kept.ends_on, kept.ended_at) == (last, None)
    assert kept.duty_labels() == ["内容管理", "目录管理"]
    event, message = latest()
    assert event.verb == message.topic == "authorities.appointment.appoint"
    assert event.actor_user_id == administrator.user_id
    assert event.details == {
        "authority": authority.pk,
        "user": person.pk,
        "before": [],
        "after": ["content", "catalogue"],
        "ends_on": last.isoformat(),
    }
    assert message.payload == {"id": made.pk, "former": []}


def test_new_duties_stand_instead_of_the_former() -> None:
    authority, person = make_authority(), make_person()
    former = make_appointment(authority, person, "content", "catalogue")

    made = make_appointment(authority, person, "audit")

    former.refresh_from_db()
    assert former.ended_at is not None
    assert list(authority.appointments.filter(ended_at=None)) == [made]
    event, _ = latest()
    assert (event.details["before"], event.details["after"]) == (
        ["content", "catalogue"],
        ["audit"],
    )


def test_change_of_what_somebody_changed_meanwhile_is_refused() -> None:
    seen = make_appointment()
    facts = AppointmentFacts(duties=["catalogue"])
    make_appointment(seen.authority, seen.user, "system")

    def change() -> Appointment:
        return appoint(
            authority=seen.authority, person=seen.user, facts=facts, actor=SYSTEM, instead_of=seen
        )

    refused(change, Conflict, "刚刚变更过")
    end_appointment(
        appointment=Appointment.objects.get(user=seen.user, ended_at=None), facts=WHY, actor=SYSTEM
    )
    refused(change, Conflict, "刚刚变更过")


@pytest.mark.parametrize(
    "place", [{}, {"city": GUANGZHOU}, {"city": GUANGZHOU, "district": NANSHA}]
)
def test_only_system_administrators_of_the_place_appoint(place: dict[str, Any]) -> None:
    authority, person = make_authority(city=GUANGZHOU, district=NANSHA), make_person()
    standing, another = make_appointment(authority, person), make_person()

    for actor in [*strangers(authority), None]:
        refused(partial(make_appointment, authority, another, actor=actor), Forbidden)
        refused(
            partial(end_appointment, appointment=standing, facts=WHY, actor=actor),
            Forbidden,
        )
    actor = make_administrator("system", **place)
    assert make_appointment(authority, make_person(), actor=actor).pk
    assert end_appointment(appointment=standing, facts=WHY, actor=actor).ended_at


@pytest.mark.parametrize("above", [{}, {"city": SHENZHEN}])
def test_system_administrators_of_a_city_have_no_say_above_or_beside_it(
    above: dict[str, str],
) -> None:
    """They would appoint each other to more than they have."""
    authority = make_authority(**above)
    standing, person = make_appointment(authority), make_person()
    actor = make_administrator("system", city=GUANGZHOU)

    for duty in ("system", "content", "catalogue", "audit"):
        refused(partial(make_appointment, authority, person, duty, actor=actor), Forbidden)
    refused(lambda: end_appointment(appointment=standing, facts=WHY, actor=actor), Forbidden)
    assert make_appointment(make_authority(city=GUANGZHOU), make_person(), "system", actor=actor)


def test_nobody_appoints_himself() -> None:
    actor = make_administrator("system")

    for authority in (make_authority(), Authority.objects.get(appointments__user=actor.user_id)):
        refused(
            partial(make_appointment, authority, user_of(actor), "audit", actor=actor),
            Forbidden,
            "不能任命自己",
        )


def test_closed_account_is_not_appointed() -> None:
    person = make_person()
    seen = User.objects.get(pk=person.pk)
    User.objects.filter(pk=person.pk).update(is_active=False)

    authority = make_authority()
    refused(lambda: make_appointment(authority, seen), Conflict, "已停用")


def test_term_ends_today_at_the_earliest() -> None:
    today, authority, person = beijing_today(), make_authority(), make_person()
    yesterday = today - timedelta(days=1)

    refused(
        lambda: make_appointment(authority, person, ends_on=yesterday),
        InvalidInput,
        field="ends_on",
    )
    assert make_appointment(authority, ends_on=today).ends_on == today


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        *(("audit", "content"), ("catalogue", "audit"), ("system", "audit"), ("audit", "system")),
        *(("system", "content"), ("catalogue", "system")),
    ],
)
def test_duties_stand_alone_across_authorities(held: str, wanted: str) -> None:
    person = make_person()
    standing = make_appointment(None, person, held)
    elsewhere = make_authority()

    refused(lambda: make_appointment(elsewhere, person, wanted), InvalidInput, "单独承担", "duties")
    # In the same authority it replaces what stood there, and then nothing is in the way.
    replaced = make_appointment(standing.authority, person, wanted)
    refused(lambda: make_appointment(elsewhere, person, held), InvalidInput, field="duties")
    end_appointment(appointment=replaced, facts=WHY, actor=SYSTEM)
    assert make_appointment(elsewhere, person, held).duties == [held]


def test_term_that_has_run_out_keeps_nobody_from_auditing() -> None:
    person = make_person()
    former = make_appointment(None, person, "content", ends_on=beijing_today())
    Appointment.objects.filter(pk=former.pk).update(ends_on=beijing_today() - timedelta(days=1))

    assert make_appointment(None, person, "audit").duties == ["audit"]
    # And to renew it is too late.
    refused(
        lambda: make_appointment(former.authority, person, "content"), InvalidInput, field="duties"
    )


def test_same_person_has_several_duties_in_several_authorities() -> None:
    person = make_person()
    for duties in (("content", "catalogue"), ("catalogue",), ("content",)):
        make_appointment(None, person, *duties)
    alone = {duty: make_person() for duty in ("system", "audit")}
    for duty, each in alone.items():
        for _ in range(2):
            make_appointment(None, each, duty)

    standing = Appointment.objects.filter(ended_at=None)
    assert standing.filter(user=person).count() == 3
    assert [standing.filter(user=each).count() for each in alone.values()] == [2, 2]


def test_end_is_kept_and_told_once() -> None:
    administrator, standing = make_administrator("system"), make_appointment()

    end_appointment(appointment=standing, facts=WHY, actor=administrator)

    kept = Appointment.objects.get(pk=standing.pk)
    assert kept.ended_at is not None
    event, message = latest()
    assert event.verb == message.topic == "authorities.appointment.end"
    assert event.details == {"user": kept.user_id, "duties": ["content"], "reason": "调任"}
    refused(
        lambda: end_appointment(appointment=standing, facts=WHY, actor=administrator),
        Conflict,
        "任职已经结束",
    )


def test_table_refuses_what_no_verb_would_write() -> None:
    authority, person = make_authority(), make_person()
    make_appointment(authority, person)
    operator, last = make_operator(), beijing_today()
    for model, values in (
        (Appointment, {"user": person, "duties": ["content"]}),
        (Appointment, {"user": make_person(), "duties": ["audit", "content"]}),
        (Appointment, {"user": make_person(), "duties": ["system", "content"]}),
        (Appointment, {"user": make_person(), "duties": ["system", "catalogue"]}),
        (Appointment, {"user": make_person(), "duties": ["system", "system"]}),
        (Appointment, {"user": make_person(), "duties": []}),
        (Delegation, {"operator": operator, "duties": ["system"], "ends_on": last}),
        (Delegation, {"operator": operator, "duties": ["audit"], "ends_on": last}),
        (Delegation, {"operator": operator, "duties": [], "ends_on": last}),
        (Delegation, {"operator": operator, "duties": ["content"], "ends_on": None}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            model._default_manager.create(authority=authority, **values)


# Delegations


def test_delegation_is_kept_and_told() -> None:
    authority, operator = make_authority(city=GUANGZHOU), make_operator(city=SHENZHEN)
    administrator = make_administrator("system", city=GUANGZHOU)
    last = beijing_today() + timedelta(days=365)

    made = make_delegation(authority, operator, "content", ends_on=last, actor=administrator)

    kept = Delegation.objects.get(pk=made.pk)
    assert (kept.authority, kept.operator, kept.duties) == (authority, operator, ["content"])
    assert (kept.ends_on, kept.ended_at) == (last, None)
    event, message = latest()
    assert event.verb == message.topic == "authorities.delegation.delegate"
    assert event.details == {
        "authority": authority.pk,
        "operator": operator.pk,
        "duties": ["content"],
        "ends_on": last.isoformat(),
    }


def test_present_delegation_is_replaced() -> None:
    authority, operator, last = make_authority(), make_operator(), beijing_today()
    former = make_delegation(authority, operator, ends_on=last)

    made = make_delegation(authority, operator, "catalogue", ends_on=last)

    former.refresh_from_db()
    assert former.ended_at is not None
    assert list(authority.delegations.filter(ended_at=None)) == [made]


def test_only_system_administrators_of_the_place_delegate() -> None:
    authority, operator = make_authority(city=GUANGZHOU, district=NANSHA), make_operator()
    last = beijing_today()
    standing = make_delegation(authority, operator, ends_on=last)

    for actor in [*strangers(authority), make_member(operator, "owner"), None]:
        refused(
            partial(make_delegation, authority, operator, ends_on=last, actor=actor),
            Forbidden,
        )
        refused(
            partial(end_delegation, delegation=standing, facts=WHY, actor=actor),
            Forbidden,
        )


def test_operators_are_verified_and_serve() -> None:
    authority, last = make_authority(), beijing_today()
    submitted = make_operator(verified=False)
    supplier = make_organization(capacities=["supply", "publish"])
    suspended = make_operator()
    suspend_organization(organization=suspended, reason="核查", actor=SYSTEM)

    for operator, words in (
        (submitted, "尚未通过核验"),
        (suspended, "尚未通过核验"),
        (supplier, "提供服务"),
    ):
        refused(
            partial(make_delegation, authority, operator, ends_on=last),
            Conflict,
            words,
        )


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
def test_nobody_delegates_to_his_own_organization(role: str) -> None:
    operator, authority = make_operator(), make_authority()
    actor = make_administrator("system")
    Membership.objects.create(organization=operator, user=user_of(actor), role=role)

    refused(
        lambda: make_delegation(authority, operator, ends_on=beijing_today(), actor=actor),
        Forbidden,
        "自己所属的组织",
    )


def test_delegation_ends_today_at_the_earliest() -> None:
    yesterday = beijing_today() - timedelta(days=1)
    authority, operator = make_authority(), make_operator()

    refused(
        lambda: make_delegation(authority, operator, ends_on=yesterday),
        InvalidInput,
        field="ends_on",
    )


def test_end_of_a_delegation_is_told_once() -> None:
    made = make_delegation(make_authority(), make_operator(), ends_on=beijing_today())

    end_delegation(delegation=made, facts=WHY, actor=SYSTEM)

    event, message = latest()
    assert event.verb == message.topic == "authorities.delegation.end"
    assert event.details == {
        "operator": made.operator_id,
        "duties": ["content"],
        "reason": "调任",
    }
    refused(
        lambda: end_delegation(delegation=made, facts=WHY, actor=SYSTEM), Conflict, "委托已经结束"
    )
