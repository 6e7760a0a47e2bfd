"""Who sees which applications: the parties alone, and of drafts the supplier alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from applications import queries
from applications.enums import ApplicationState
from applications.facts import ApplicationFacts
from applications.filters import ApplicationFilter
from applications.models import Application
from applications.services import (
    STEPS,
    change_application,
    decline_application,
    discard_application,
    shortlist_application,
    submit_application,
    withdraw_application,
)
from capabilities.services import withdraw_capability
from common.actor import Actor, ActorKind
from common.permissions import may
from organizations.models import Membership
from organizations.services import suspend_organization
from scenarios.models import Scenario
from scenarios.services import close_scenario
from tests.records import (
    SYSTEM,
    make_administrator,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
    user_of,
)
from tests.roles import ADMINISTRATORS, make_role

pytestmark = pytest.mark.django_db

VISITOR = Actor(ActorKind.VISITOR)
SECRET = "不可外传"
# What only the supplier sees, and what the publisher sees too.
PRIVATE = {"draft", "discarded"}
SHARED = set(ApplicationState.values) - PRIVATE
PERMISSIONS = [f"applications.{each}" for each in ("change", "submit", "withdraw", "decide")]


def one_in_each_state(scenario: Scenario, **facts: Any) -> dict[str, Application]:
    """Each by a supplier of its own."""
    made = {state: make_application(scenario, **facts) for state in ApplicationState.values}
    for state, application in made.items():
        Application.objects.filter(pk=application.pk).update(state=state)
        application.refresh_from_db()
    return made


def states(applications: Any) -> set[str]:
    return {each.state for each in applications}


def both_sides(host: Any, supplier: Any) -> Actor:
    member = make_member(host, "viewer")
    Membership.objects.create(organization=supplier, user_id=member.user_id, role="viewer")
    return member


def test_each_is_seen_by_the_parties_alone() -> None:
    partner = make_organization()
    scenario = make_scenario(co_publishers=[partner.identifier])
    made = one_in_each_state(scenario)
    make_application()
    nobody = [
        VISITOR,
        *map(make_role, ADMINISTRATORS),
        make_member(make_organization(), "owner"),
        make_member(partner, "owner"),
    ]

    for role in ("viewer", "editor", "owner"):
        host = make_member(scenario.organization, role)
        assert states(queries.visible_to(host)) == SHARED
        assert states(queries.received_by(host)) == SHARED
        assert not queries.sent_by(host).exists()
        for application in made.values():
            supplier = make_member(application.organization, role)
            assert list(queries.visible_to(supplier)) == [application]
            assert list(queries.sent_by(supplier)) == [application]
            assert not queries.received_by(supplier).exists()
    for actor in nobody:
        assert not queries.visible_to(actor).exists()
        assert not queries.sent_by(actor).exists()
        assert not queries.received_by(actor).exists()
    assert queries.visible_to(SYSTEM).count() == len(made) + 1


def test_who_belongs_to_both_sides_sees_each_once() -> None:
    scenario, supplier = make_scenario(), make_organization()
    capabilities = [make_capability(supplier) for _ in range(2)]
    draft = make_application(scenario, capabilities[0], submitted=False)
    sent = make_application(scenario, capabilities[1])
    actor = both_sides(scenario.organization, supplier)

    assert list(queries.visible_to(actor).order_by("pk")) == [draft, sent]
    assert list(queries.received_by(actor)) == [sent]


def test_members_of_several_organizations_see_all_of_theirs() -> None:
    suppliers = [make_organization() for _ in range(2)]
    made = [make_application(capability=make_capability(each)) for each in suppliers]
    received = make_application(make_scenario(suppliers[0]))
    make_application()

    actor = both_sides(*suppliers)

    assert set(queries.visible_to(actor)) == {*made, received}


def test_membership_that_ended_shows_nothing_more() -> None:
    application = make_application()
    actor = make_member(application.organization)
    assert queries.visible_to(actor).exists()

    Membership.objects.filter(user_id=actor.user_id).delete()

    assert not queries.visible_to(actor).exists()


def test_suspension_of_either_side_hides_nothing_from_the_parties() -> None:
    application = make_application()
    host, supplier = application.scenario.organization, application.organization
    for organization in (host, supplier):
        suspend_organization(organization=organization, reason="核查", actor=SYSTEM)

    for organization in (host, supplier):
        seen = queries.with_details(queries.visible_to(make_member(organization)))
        assert list(seen) == [application]


def test_visibility_agrees_with_the_rules() -> None:
    """Whoever may do something sees it, in every state in which the step is open."""
    partner = make_organization()
    scenario = make_scenario(co_publishers=[partner.identifier])
    made = one_in_each_state(scenario)
    actors = [VISITOR, make_administrator(), make_member(partner, "owner")]
    for role in ("viewer", "editor", "owner"):
        actors += [make_member(scenario.organization, role)]
        actors += [make_member(each.organization, role) for each in made.values()]
    may_something = 0

    for actor in actors:
        seen = set(queries.visible_to(actor))
        for application in made.values():
            if STEPS.open_to(application, actor):
                may_something += 1
                assert application in seen
            if application not in seen and application.state not in PRIVATE:
                assert not any(may(name, actor, application) for name in PERMISSIONS)
    # Editors and owners of each supplier with an open step, and of the host for what waits or
    # was selected.
    assert may_something == 2 * (3 + 3)


def shown(actor: Actor, **parameters: str) -> list[Application]:
    """What a list shows under a filter."""
    request = RequestFactory().get("/applications/")
    request.user = user_of(actor)
    query = QueryDict(mutable=True)
    query.update(parameters)
    filtered = ApplicationFilter(query, queries.visible_to(actor), request=request)
    assert filtered.is_valid(), filtered.errors
    return list(filtered.qs)


def test_no_filter_shows_drafts_to_the_publisher() -> None:
    """THREATS A3: neither filters nor search nor order tell of what is hidden."""
    supplier = make_organization(SECRET)
    scenario = make_scenario()
    for state in PRIVATE:
        hidden = make_application(scenario, make_capability(supplier, name=SECRET))
        Application.objects.filter(pk=hidden.pk).update(state=state)
    host = make_member(scenario.organization)

    for parameters in (
        {},
        {"state": "draft"},
        {"state": "discarded"},
        {"side": "sent"},
        {"side": "received"},
        {"side": "received", "state": "draft"},
        {"q": SECRET},
        {"q": scenario.name},
        {"scenario": str(scenario.public_id)},
        {"scenario": str(scenario.public_id), "state": "draft", "q": SECRET},
        {"sort": "submitted"},
    ):
        assert shown(host, **parameters) == [], parameters
    assert [each.state for each in shown(make_member(supplier), q=SECRET, state="draft")] == [
        "draft"
    ]


def test_search_tells_nothing_of_what_others_have_sent() -> None:
    scenario = make_scenario(name="岸电巡检")
    mine = make_application(scenario)
    make_application(scenario, make_capability(make_organization(SECRET), name=SECRET))
    rival = make_member(mine.organization)

    assert shown(rival, q=SECRET) == []
    assert shown(rival, q="岸电") == [mine]
    assert shown(rival, scenario=str(scenario.public_id)) == [mine]
    assert shown(rival, side="received") == []
    for stranger in (make_administrator(), make_member(make_organization(), "owner")):
        for parameters in ({}, {"q": SECRET}, {"q": "岸电"}, {"side": "sent"}):
            assert shown(stranger, **parameters) == []


def test_filters_find_by_side_state_scenario_and_every_name() -> None:
    host, supplier = make_organization("甲港口"), make_organization("乙科技")
    scenario = make_scenario(host, name="岸电巡检")
    one = make_application(scenario, make_capability(supplier, name="水下机器人"))
    other = make_application(make_scenario(name="搬运"), make_capability(supplier, name="机械臂"))
    received = make_application(make_scenario(supplier, name="充电"), make_capability(host))
    draft = make_application(make_scenario(), make_capability(supplier), submitted=False)
    actor = make_member(supplier)

    assert shown(actor) == [draft, received, other, one]
    assert shown(actor, side="sent") == [draft, other, one]
    assert shown(actor, side="received") == [received]
    assert shown(actor, state="draft") == [draft]
    assert shown(actor, scenario=str(scenario.public_id)) == [one]
    assert shown(actor, q="岸电") == [one]
    assert shown(actor, q="机械臂") == [other]
    assert shown(actor, q="甲港口") == [received, one]
    assert shown(actor, q="甲港口 水下") == [one]
    assert shown(actor, q="甲港口 机械臂") == []
    # What is not submitted yet stands last.
    assert shown(actor, sort="submitted") == [one, other, received, draft]


CONTACT = {"contact_name": "陈工", "contact_phone": "020-1", "contact_email": "chen@example.com"}


@pytest.mark.parametrize("state", ApplicationState.values)
def test_contact_is_for_the_two_parties_once_they_are_connected(state: str) -> None:
    partner = make_organization()
    scenario = make_scenario(co_publishers=[partner.identifier], **CONTACT)
    application, rival = make_application(scenario), make_application(scenario)
    Application.objects.filter(pk=application.pk).update(state=state)
    application.refresh_from_db()
    parties = [
        make_member(organization, role)
        for organization in (scenario.organization, application.organization)
        for role in ("viewer", "editor", "owner")
    ]
    others = [
        VISITOR,
        SYSTEM,
        make_administrator(),
        make_member(make_organization(), "owner"),
        make_member(rival.organization, "owner"),
        make_member(partner, "owner"),
    ]

    shown = queries.Contact("陈工", "020-1", "chen@example.com") if state == "connected" else None
    masked = shown and queries.Contact("陈工", "020-****", "c***@example.com", is_masked=True)
    for_each = [shown] * 3 + [masked] * 3  # the publisher knows it, the supplier has to ask
    assert [queries.contact_for(application, each) for each in parties] == for_each
    assert [queries.stated_contact(application, each) for each in parties] == [shown] * 6
    for contact_of in (queries.contact_for, queries.stated_contact):
        assert [contact_of(application, each) for each in others] == [None] * 6
    # Whom the others are connected with is no business of the rival, nor is the contact.
    for each in (*parties[:3], make_member(rival.organization)):
        assert queries.contact_for(rival, each) is None


def test_contact_is_told_as_it_is_now() -> None:
    application = make_application(make_scenario(**CONTACT))
    supplier = make_member(application.organization)
    Application.objects.filter(pk=application.pk).update(state="connected")
    application.refresh_from_db()
    Scenario.objects.filter(pk=application.scenario_id).update(contact_phone="020-2")

    contact = queries.stated_contact(application, supplier)
    assert contact is not None
    assert contact.phone == "020-2"
    Membership.objects.filter(user_id=supplier.user_id).delete()
    assert queries.contact_for(application, supplier) is None
    assert queries.stated_contact(application, supplier) is None


def hidden(application: Application, actor: Actor) -> tuple[str, str]:
    told = queries.hidden_from(
        actor, Application.objects.select_related("scenario", "capability").get(pk=application.pk)
    )
    return str(told.scenario), str(told.capability)


def test_what_the_reader_cannot_open_is_told_in_words() -> None:
    application = make_application()
    host = make_member(application.scenario.organization)
    supplier = make_member(application.organization)
    assert hidden(application, host) == hidden(application, supplier) == ("", "")

    suspend_organization(
        organization=application.scenario.organization, reason="核查", actor=SYSTEM
    )
    assert hidden(application, supplier) == ("暂不公开", "")
    assert hidden(application, host) == ("", "")
    suspend_organization(organization=application.organization, reason="核查", actor=SYSTEM)
    assert hidden(application, host) == ("", "暂不公开")
    withdraw_capability(capability=application.capability, actor=SYSTEM)
    assert hidden(application, host) == ("", "已下架")
    assert hidden(application, supplier) == ("暂不公开", "")


def said(application: Application, actor: Actor) -> list[str]:
    return [step.name for step in queries.history_for(application, actor)]


def test_drafting_is_the_suppliers_alone_in_the_history_too() -> None:
    application = make_application(submitted=False)
    editor = make_member(application.organization)
    for _ in range(2):
        change_application(
            application=application, facts=ApplicationFacts(proposal="方案"), actor=editor
        )
    publisher = make_member(application.scenario.organization)
    assert said(application, publisher) == []

    submit_application(application=application, actor=editor)
    shortlist_application(application=application, actor=publisher)
    decline_application(application=application, reason="预算不足", actor=publisher)

    everything = ["create", "change", "change", "submit", "shortlist", "decline"]
    assert said(application, editor) == said(application, SYSTEM) == everything
    assert said(application, publisher) == everything[3:]
    assert queries.history_for(application, editor)[-1].reason == "预算不足"
    both = both_sides(application.scenario.organization, application.organization)
    assert said(application, both) == everything


def test_discarded_draft_has_no_history_for_the_publisher() -> None:
    draft = make_application(submitted=False)
    discard_application(application=draft, actor=make_member(draft.organization))

    assert said(draft, make_member(draft.scenario.organization)) == []
    assert said(draft, make_member(draft.organization)) == ["create", "discard"]


def test_offered_are_own_published_capabilities_without_an_answer_under_way() -> None:
    host, partner, supplier, gone = (make_organization() for _ in range(4))
    scenario = make_scenario(host, co_publishers=[partner.identifier])
    free, answered, returned = (make_capability(supplier) for _ in range(3))
    make_capability(supplier, published=False)
    withdrawn = make_capability(supplier)
    make_capability()
    make_capability(gone)
    for own in (host, partner):
        make_capability(own)
    make_application(make_scenario(), free)
    make_application(scenario, answered, submitted=False)
    given_up = make_application(scenario, returned)
    withdraw_application(application=given_up, actor=make_member(supplier))
    withdraw_capability(capability=withdrawn, actor=SYSTEM)
    suspend_organization(organization=gone, reason="核查", actor=SYSTEM)
    actor = make_member(supplier)
    for other in (host, partner, gone):
        Membership.objects.create(organization=other, user_id=actor.user_id, role="owner")

    assert list(queries.offerable(scenario, actor).order_by("pk")) == [free, returned]
    for nobody in (
        VISITOR,
        SYSTEM,
        make_administrator(),
        make_member(supplier, "viewer"),
        make_member(host, "owner"),
        make_member(partner, "owner"),
    ):
        assert not queries.offerable(scenario, nobody).exists()


@pytest.mark.parametrize("state", ApplicationState.values)
def test_what_is_offered_can_be_answered_with_and_nothing_else(state: str) -> None:
    scenario, capability = make_scenario(), make_capability()
    application = make_application(scenario, capability)
    Application.objects.filter(pk=application.pk).update(state=state)
    actor = make_member(capability.organization)

    offered = queries.offerable(scenario, actor).exists()

    assert offered is (state in {"withdrawn", "discarded"})


def test_counts_are_of_what_was_received_and_of_what_waits() -> None:
    host = make_organization()
    scenario, other, empty = (make_scenario(host) for _ in range(3))
    one_in_each_state(scenario)
    make_application(scenario)
    make_application(other, submitted=False)
    make_application()

    counted = queries.with_counts(Scenario.objects.filter(organization=host).order_by("pk"))

    assert [(each, each.received_count, each.waiting_count) for each in counted] == [
        (scenario, 7, 3),
        (other, 0, 0),
        (empty, 0, 0),
    ]


def test_counts_do_not_multiply_with_other_joins() -> None:
    tags = ["gd-2024-embodied-robots", "gd-2024-quantum"]
    scenario = make_scenario(concepts=tags)
    for _ in range(3):
        make_application(scenario)

    joined = Scenario.objects.filter(concepts__code__in=tags)

    assert [each.received_count for each in queries.with_counts(joined)] == [3, 3]
    assert [each.waiting_count for each in queries.with_counts(joined.distinct())] == [3]


def test_waiting_and_unsent_split_by_state() -> None:
    one_in_each_state(make_scenario())

    assert states(queries.waiting(Application.objects.all())) == {"submitted", "shortlisted"}
    assert states(queries.unsent(Application.objects.all())) == {"draft"}


def test_time_left_is_told_of_the_scenario() -> None:
    application = make_application(make_scenario(deadline="2099-01-01T00:00:00+08:00"))
    ended = make_application()
    close_scenario(scenario=ended.scenario, actor=SYSTEM)

    seen = {each.pk: each for each in queries.with_details(Application.objects.all())}

    assert seen[application.pk].scenario.time_left.days > 10_000
    assert seen[ended.pk].scenario.time_left is None


def test_facts_are_given_as_they_were_stated() -> None:
    facts = {"proposal": "第一行\n第二行", "price_fen": 5, "schedule": "三个月"}
    application = make_application(**facts)

    assert queries.stated_facts(application) == ApplicationFacts(**facts)
    assert queries.stated_facts(make_application(submitted=False, proposal="")) == (
        ApplicationFacts()
    )


def shown_in_full(actor: Actor) -> list[Any]:
    """Everything that a row of a list says."""
    return [
        (
            each.scenario.organization.name,
            each.scenario.city,
            each.organization.city,
            [tag.scheme.code for tag in each.capability.concepts.all()],
        )
        for each in queries.with_details(queries.visible_to(actor))
    ]


READS: dict[str, tuple[Callable[[Actor], Any], int]] = {
    "details": (shown_in_full, 3),
    "counts": (lambda actor: list(queries.with_counts(Scenario.objects.all())), 1),
    "filtered": (lambda actor: shown(actor, q="测试", side="received", sort="submitted"), 3),
}


@pytest.mark.parametrize(("read", "cost"), READS.values(), ids=READS)
def test_reading_costs_the_same_at_1_and_30(
    read: Callable[[Actor], Any], cost: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    host = make_organization()
    tags = {"concepts": ["gd-2024-embodied-robots"]}
    actor = make_member(host)
    make_application(make_scenario(host), make_capability(**tags))
    with django_assert_num_queries(cost):
        assert len(read(actor)) == 1
    for _ in range(29):
        make_application(make_scenario(host), make_capability(**tags))

    with django_assert_num_queries(cost):
        assert len(read(actor)) == 30
