"""Experts are appointed by administrators and declare their interests themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts import personal_data
from accounts.models import User
from audit.models import AuditEvent
from common.actor import Actor, Grant
from common.clock import beijing_today
from common.errors import Conflict, Forbidden, InvalidInput
from organizations.models import Membership
from reviews import queries, services
from reviews.facts import ExpertiseFacts, InterestFacts
from reviews.models import Interest
from tests.records import (
    SYSTEM,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)
from tests.reviews.makers import declared, make_expert, self_of
from tests.tokens.makers import make_token
from tokens.services import actor_of

pytestmark = pytest.mark.django_db


def test_an_expert_has_the_duty_from_the_appointment_to_its_end() -> None:
    expert = make_expert()

    assert self_of(expert).grants == {Grant("expert")}
    assert self_of(expert).holds("expert")
    services.end_expert(expert=expert, reason="任期届满", actor=SYSTEM)
    assert self_of(expert).grants == frozenset()
    again = make_expert(person=expert.user)
    assert again.pk == expert.pk
    assert self_of(expert).holds("expert")
    verbs = AuditEvent.objects.filter(
        object_type="reviews.expertprofile", object_id=str(expert.pk)
    ).order_by("pk")
    assert [each.verb.rpartition(".")[2] for each in verbs] == ["appoint", "end", "appoint"]


def test_duties_and_expertise_stand_beside_each_other() -> None:
    administrator = make_administrator("content")
    make_expert(person=user_of(administrator))

    grants = Actor.of(user_of(administrator)).grants
    assert {each.duty for each in grants} == {"content", "expert"}


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("system", True),
        ("content administrator", True),
        ("system administrator", True),
        ("catalogue administrator", False),
        ("audit administrator", False),
        ("expert", False),
        ("owner", False),
    ],
)
def test_who_appoints_and_ends(who: str, may: bool) -> None:
    makers: dict[str, Callable[[], Actor]] = {
        "system": lambda: SYSTEM,
        "expert": lambda: self_of(make_expert()),
        "owner": lambda: make_member(make_organization(), "owner"),
    }
    actor = makers[who]() if who in makers else make_administrator(who.split(maxsplit=1)[0])
    expert = make_expert()

    if may:
        make_expert(actor)
        services.end_expert(expert=expert, reason="甲", actor=actor)
        return
    with pytest.raises(Forbidden):
        make_expert(actor)
    with pytest.raises(Forbidden):
        services.end_expert(expert=expert, reason="甲", actor=actor)


def test_nobody_appoints_or_ends_oneself() -> None:
    administrator = make_administrator("content")
    person = user_of(administrator)

    with pytest.raises(Forbidden):
        make_expert(administrator, person=person)
    expert = make_expert(person=person)
    with pytest.raises(Forbidden):
        services.end_expert(expert=expert, reason="甲", actor=administrator)


def test_what_cannot_be_appointed_is_refused() -> None:
    expert = make_expert()

    with pytest.raises(Conflict):
        make_expert(person=expert.user)
    with pytest.raises(InvalidInput) as refused:
        make_expert(employer_code="91440000MA5000001")
    assert set(refused.value.fields) == {"employer_code"}
    person = user_of(make_member(make_organization()))
    User.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(Conflict):
        make_expert(person=person)
    with pytest.raises(InvalidInput):
        services.end_expert(expert=expert, reason=" ", actor=SYSTEM)
    services.end_expert(expert=expert, reason="甲", actor=SYSTEM)
    with pytest.raises(Conflict):
        services.end_expert(expert=expert, reason="甲", actor=SYSTEM)


@pytest.mark.parametrize("who", ["system", "content administrator", "colleague", "token", "ended"])
def test_nobody_else_declares_or_states_expertise(who: str) -> None:
    organization = make_organization()
    owner = make_member(organization, "owner")
    expert = make_expert(person=user_of(owner))
    interest = declared(expert)
    actors: dict[str, Callable[[], Actor]] = {
        "system": lambda: SYSTEM,
        "content administrator": lambda: make_administrator("content"),
        "colleague": lambda: self_of(make_expert()),
        "token": lambda: actor_of(make_token(organization, "scenarios", owner=owner)[0]),
        "ended": lambda: self_of(expert),
    }
    actor = actors[who]()
    if who == "ended":
        services.end_expert(expert=expert, reason="甲", actor=SYSTEM)
    facts = InterestFacts.model_validate({"kind": "employer", "name": "乙"})

    with pytest.raises(Forbidden):
        services.declare_interest(expert=expert, facts=facts, actor=actor)
    with pytest.raises(Forbidden):
        services.end_interest(interest=interest, until=beijing_today(), actor=actor)
    with pytest.raises(Forbidden):
        services.set_expertise(expert=expert, facts=ExpertiseFacts(), actor=actor)
    assert list(Interest.objects.all()) == [interest]


def test_interests_are_never_overwritten() -> None:
    expert = make_expert()
    first = declared(expert, kind="shareholding", share_percent="30", since="2020-01-01")
    with pytest.raises(Conflict):
        declared(expert, kind="shareholding", share_percent="30", since="2020-01-01")

    ended = services.end_interest(interest=first, until=date(2026, 1, 31), actor=self_of(expert))
    second = declared(expert, kind="shareholding", share_percent="10", since="2026-02-01")

    assert (ended.pk, ended.until) == (first.pk, date(2026, 1, 31))
    assert ended.ended_at is not None
    with pytest.raises(Conflict):
        services.end_interest(interest=first, until=date(2026, 3, 1), actor=self_of(expert))
    with pytest.raises(InvalidInput):
        services.end_interest(interest=second, until=date(2026, 1, 1), actor=self_of(expert))
    tomorrow = beijing_today() + timedelta(days=1)
    with pytest.raises(InvalidInput):
        services.end_interest(interest=second, until=tomorrow, actor=self_of(expert))
    with pytest.raises(InvalidInput):
        declared(expert, since=tomorrow)


def test_the_database_keeps_shares_to_shareholdings() -> None:
    interest = declared(make_expert())

    with pytest.raises(IntegrityError), transaction.atomic():
        Interest.objects.filter(pk=interest.pk).update(share_percent=5)


def test_who_sees_what() -> None:
    organization = make_organization()
    owner = make_member(organization, "owner")
    expert, other = make_expert(person=user_of(owner)), make_expert()
    interest, foreign = declared(expert), declared(other)
    everything = ({expert, other}, {interest, foreign})
    sees: list[tuple[Actor, tuple[set[Any], set[Any]]]] = [
        (owner, ({expert}, {interest})),
        (make_administrator("content"), everything),
        (make_administrator("system"), ({expert, other}, set())),
        (make_administrator("catalogue"), (set(), set())),
        (make_member(organization), (set(), set())),
        (actor_of(make_token(organization, "scenarios", owner=owner)[0]), (set(), set())),
        (SYSTEM, everything),
    ]

    for actor, (experts, interests) in sees:
        assert set(queries.visible_to(actor)) == experts, actor.label
        assert set(queries.interests_visible_to(actor)) == interests, actor.label


def test_expertise_is_stated_in_known_concepts() -> None:
    expert = make_expert()

    facts = ExpertiseFacts(concepts=["nothing"])

    with pytest.raises(InvalidInput):
        services.set_expertise(expert=expert, facts=facts, actor=self_of(expert))
    services.set_expertise(expert=expert, facts=ExpertiseFacts(), actor=self_of(expert))
    assert not expert.concepts.exists()


def test_conflicts_also_know_what_the_platform_knows() -> None:
    employer, own = make_organization(), make_organization()
    person = user_of(make_member(own))
    expert = make_expert(person=person, employer_code=employer.identifier)
    declared(expert, identifier="", name="乙公司")

    known = queries.known_interests(expert)

    assert [(each.kind, each.name) for each in known] == [
        ("directorship", "乙公司"),
        *(("employer", each.name) for each in sorted((employer, own), key=lambda o: o.pk)),
    ]
    Membership.objects.filter(user=person).delete()
    assert [each.name for each in queries.known_interests(expert)] == ["乙公司", employer.name]
    bare = make_expert(employer="某大学")
    Membership.objects.filter(user=bare.user).delete()
    assert [each.name for each in queries.known_interests(bare)] == ["某大学"]


def test_personal_data_of_an_expert() -> None:
    expert = make_expert(title="教授")
    declared(expert)

    part = personal_data.everything_of(expert.user)["expert"]
    assert (part["title"], part["interests"][0]["name"]) == ("教授", "广州甲公司")
    assert any("解聘" in each for each in personal_data.objections_to_closing(expert.user))
    services.end_expert(expert=expert, reason="甲", actor=SYSTEM)
    assert not any("解聘" in each for each in personal_data.objections_to_closing(expert.user))


def test_the_list_costs_the_same_for_one_and_for_many(django_assert_num_queries: Any) -> None:
    administrator = make_administrator("content")

    def rows() -> int:
        return len(
            [
                (str(each.user), each.declared, list(each.concepts.all()), each.organization)
                for each in queries.listed(administrator)
            ]
        )

    for count in (1, 29):
        for _ in range(count):
            make_expert()
        with django_assert_num_queries(2):
            assert rows() in {1, 30}
