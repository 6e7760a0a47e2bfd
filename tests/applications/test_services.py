"""What suppliers and publishers do, every refusal, and that a refusal writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from applications.enums import ApplicationState
from applications.facts import ApplicationFacts
from applications.models import Application
from applications.queries import stated_facts
from applications.services import (
    STEPS,
    change_application,
    connect_application,
    create_application,
    decline_application,
    discard_application,
    select_application,
    shortlist_application,
    submit_application,
    withdraw_application,
)
from audit.models import AuditEvent
from capabilities.models import Capability
from capabilities.services import withdraw_capability
from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden, InvalidInput, NotFound
from common.models import database_now
from organizations.models import Membership, Organization
from organizations.services import restore_organization, suspend_organization
from outbox.models import Message
from scenarios.models import Scenario
from scenarios.queries import stated_facts as scenario_facts
from scenarios.services import change_scenario, close_scenario, submit_scenario
from tests.records import (
    SYSTEM,
    make_administrator,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)

pytestmark = pytest.mark.django_db

FACTS = ApplicationFacts(proposal="每天三次巡检", price_fen=120_000_000, schedule="三个月")
OTHER = ApplicationFacts(proposal="每天四次巡检")


@contextmanager
def refused(
    error: type[Exception], match: str | None = None
) -> Iterator[pytest.ExceptionInfo[Any]]:
    """The verb raises ``error``, and neither row nor audit event nor message is written."""

    def rows() -> list[Any]:
        news = [AuditEvent.objects.count(), Message.objects.count()]
        return [*Application.objects.order_by("pk").values(), *news]

    before = rows()
    with pytest.raises(error, match=match) as raised:
        yield raised
    assert rows() == before


def news_of(application: Application) -> list[str]:
    """The verbs in the audit log, which are the topics of the outbox too."""
    events = AuditEvent.objects.filter(
        object_type="applications.application", object_id=str(application.pk)
    ).order_by("pk")
    messages = Message.objects.filter(key=f"applications.application:{application.pk}")
    verbs = [event.verb for event in events]
    assert [message.topic for message in messages.order_by("pk")] == verbs
    return [verb.removeprefix("applications.application.") for verb in verbs]


def stored(application: Application) -> Application:
    return Application.objects.get(pk=application.pk)


def test_answer_begins_as_a_draft_that_says_what_was_said() -> None:
    scenario, capability = make_scenario(), make_capability()

    made = create_application(
        scenario=scenario,
        capability=capability,
        facts=FACTS,
        actor=make_member(capability.organization),
    )

    kept = stored(made)
    assert (kept.scenario, kept.capability, kept.state) == (scenario, capability, "draft")
    assert stated_facts(kept) == FACTS
    assert kept.submitted_at is None
    assert kept.public_id.version == 7
    assert news_of(made) == ["create"]
    assert Message.objects.latest("id").payload == {"id": made.pk}


@pytest.mark.parametrize(
    "wrong",
    [
        {"price_fen": -1},
        {"price_fen": 2**63},
        {"schedule": "字" * 121},
        {"proposal": "字" * 8001},
        {"proposal": "方案\u202e"},
        {"state": "selected"},
        {"submitted_at": "2026-01-01T00:00:00Z"},
        {"capability": 1},
    ],
    ids=str,
)
def test_facts_refuse(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ApplicationFacts(**{"proposal": "方案", **wrong})


def people(answered: Any, scenario: Scenario) -> dict[str, Actor | None]:
    """Everybody who does not write for the supplier."""
    supplier: Organization = answered.organization
    return {
        "nobody": None,
        "visitor": Actor(ActorKind.VISITOR),
        "system": SYSTEM,
        "administrator": make_administrator(),
        "stranger": make_member(make_organization(), "owner"),
        "supplier's viewer": make_member(supplier, "viewer"),
        "host's owner": make_member(scenario.organization, "owner"),
    }


def test_only_who_writes_for_the_supplier_answers() -> None:
    scenario, capability = make_scenario(), make_capability()

    for actor in people(capability, scenario).values():
        with refused(Forbidden):
            create_application(
                scenario=scenario,
                capability=capability,
                facts=FACTS,
                actor=actor,  # type: ignore[arg-type]
            )


def test_only_who_writes_for_the_supplier_changes_and_submits() -> None:
    scenario = make_scenario()
    draft = make_application(scenario, submitted=False)

    for actor in people(draft, scenario).values():
        given: Any = {"application": draft, "actor": actor}
        with refused(Forbidden):
            change_application(facts=OTHER, **given)
        with refused(Forbidden):
            submit_application(**given)
        with refused(Forbidden):
            discard_application(**given)


# What may stand in the way of an answer: who brings it about, and what the supplier is told.
OBSTACLES: dict[str, tuple[Callable[[Scenario, Capability], object], str]] = {
    "closed": (
        lambda scenario, _: close_scenario(scenario=scenario, actor=SYSTEM),
        "场景“已结束”，目前不接受申请",
    ),
    "past the deadline": (
        lambda scenario, _: Scenario.objects.filter(pk=scenario.pk).update(
            deadline=database_now() - timedelta(milliseconds=1)
        ),
        "对接截止时间已过",
    ),
    "host suspended": (
        lambda scenario, _: suspend_organization(
            organization=Organization.objects.get(pk=scenario.organization_id),
            reason="核查",
            actor=SYSTEM,
        ),
        "发布单位目前未处于已核验状态",
    ),
    "supplier is a partner": (
        lambda scenario, capability: scenario.co_publishers.add(capability.organization),
        "不能申请自己的场景",
    ),
    "supplier suspended": (
        lambda _, capability: suspend_organization(
            organization=Organization.objects.get(pk=capability.organization_id),
            reason="核查",
            actor=SYSTEM,
        ),
        "贵单位尚未通过核验",
    ),
    "capability withdrawn": (
        lambda _, capability: withdraw_capability(
            capability=Capability.objects.get(pk=capability.pk), actor=SYSTEM
        ),
        "所选能力尚未发布",
    ),
}


@pytest.mark.parametrize(("obstruct", "told"), OBSTACLES.values(), ids=OBSTACLES)
def test_answer_is_not_begun_against_an_obstacle(
    obstruct: Callable[[Scenario, Capability], object], told: str
) -> None:
    scenario, capability = make_scenario(), make_capability()
    obstruct(scenario, capability)

    with refused(Conflict, told):
        create_application(
            scenario=Scenario.objects.get(pk=scenario.pk),
            capability=Capability.objects.get(pk=capability.pk),
            facts=FACTS,
            actor=make_member(capability.organization),
        )


@pytest.mark.parametrize(("obstruct", "told"), OBSTACLES.values(), ids=OBSTACLES)
def test_draft_is_not_submitted_against_an_obstacle_that_came_later(
    obstruct: Callable[[Scenario, Capability], object], told: str
) -> None:
    """Judged by what is stored: the records in hand still show the call as open."""
    scenario, capability = make_scenario(), make_capability()
    editor = make_member(capability.organization)
    draft = create_application(scenario=scenario, capability=capability, facts=FACTS, actor=editor)
    obstruct(Scenario.objects.get(pk=scenario.pk), Capability.objects.get(pk=capability.pk))
    assert (draft.scenario.state, draft.capability.state) == ("published", "published")

    with refused(Conflict, told):
        submit_application(application=draft, actor=editor)
    assert (draft.state, draft.submitted_at) == ("draft", None)
    # The work is not lost: it can still be edited, and given up.
    change_application(application=draft, facts=OTHER, actor=editor)
    assert discard_application(application=draft, actor=editor).state == "discarded"


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_scenario_that_is_not_published_takes_no_answer(state: str) -> None:
    capability = make_capability()
    scenario = make_scenario(published=False)
    if state != "draft":
        submit_scenario(scenario=scenario, actor=make_member(scenario.organization))
    Scenario.objects.filter(pk=scenario.pk).update(state=state)

    with refused(Conflict, "目前不接受申请"):
        create_application(
            scenario=scenario,
            capability=capability,
            facts=FACTS,
            actor=make_member(capability.organization),
        )


def test_own_scenario_and_own_draft_capability_are_refused() -> None:
    host = make_organization()
    editor = make_member(host)
    own = make_capability(host)
    draft = make_capability(host, published=False)

    own_scenario, other = make_scenario(host), make_scenario()
    with refused(Conflict, "不能申请自己的场景"):
        create_application(scenario=own_scenario, capability=own, facts=FACTS, actor=editor)
    with refused(Conflict, "所选能力尚未发布"):
        create_application(scenario=other, capability=draft, facts=FACTS, actor=editor)


def test_supplier_that_waits_for_verification_is_told_so() -> None:
    capability = make_capability(make_organization(verified=False), published=False)
    scenario, editor = make_scenario(), make_member(capability.organization)

    with refused(Conflict, "核验通过后才能申请"):
        create_application(scenario=scenario, capability=capability, facts=FACTS, actor=editor)


def test_one_answer_is_under_way_for_a_scenario_and_a_capability() -> None:
    scenario, capability = make_scenario(), make_capability()
    first = make_application(scenario, capability, submitted=False)
    editor = make_member(capability.organization)

    def answer() -> Application:
        return create_application(
            scenario=scenario, capability=capability, facts=OTHER, actor=editor
        )

    for state in ApplicationState.values:
        Application.objects.filter(pk=first.pk).update(state=state)
        if state in {"withdrawn", "discarded"}:
            again = answer()
            assert again.pk != first.pk
            assert again.state == "draft"
            discard_application(application=again, actor=editor)
        else:
            with refused(Conflict, "已经申请过这个场景"):
                answer()
    make_application(scenario, make_capability(capability.organization))
    make_application(make_scenario(), capability)


def test_withdrawn_answer_keeps_its_place_beside_the_new_one() -> None:
    scenario, capability = make_scenario(), make_capability()
    first = make_application(scenario, capability)
    editor = make_member(capability.organization)

    withdraw_application(application=first, actor=editor)
    second = make_application(scenario, capability)

    assert [each.state for each in scenario.applications.order_by("pk")] == [
        "withdrawn",
        "submitted",
    ]
    with refused(Conflict, "已撤回"):
        withdraw_application(application=first, actor=editor)
    with refused(Conflict, "已撤回"):
        submit_application(application=first, actor=editor)
    assert stored(second).state == "submitted"


def test_draft_is_changed_as_a_whole() -> None:
    draft = make_application(submitted=False, proposal="旧", price_fen=1, schedule="旧")
    editor = make_member(draft.organization)

    changed = change_application(application=draft, facts=OTHER, actor=editor)

    kept = stored(draft)
    assert (kept.proposal, kept.price_fen, kept.schedule) == ("每天四次巡检", None, "")
    assert kept.updated_at == changed.updated_at > draft.updated_at
    assert (kept.state, kept.submitted_at) == ("draft", None)
    assert news_of(draft) == ["create", "change"]


@pytest.mark.parametrize("state", sorted(set(ApplicationState.values) - {"draft"}))
def test_only_drafts_are_changed(state: str) -> None:
    application = make_application(submitted=False)
    Application.objects.filter(pk=application.pk).update(state=state)

    with refused(Conflict, "不能修改"):
        change_application(
            application=application, facts=OTHER, actor=make_member(application.organization)
        )


def test_change_on_top_of_an_older_version_is_refused() -> None:
    draft = make_application(submitted=False)
    one, other = (make_member(draft.organization) for _ in range(2))
    seen = draft.updated_at

    change_application(application=draft, facts=FACTS, actor=one, unchanged_since=seen)
    with refused(Conflict, "别人在您编辑期间修改过"):
        change_application(application=draft, facts=OTHER, actor=other, unchanged_since=seen)

    now = stored(draft)
    change_application(application=draft, facts=OTHER, actor=other, unchanged_since=now.updated_at)
    assert stored(draft).proposal == OTHER.proposal


def test_what_is_gone_is_not_found() -> None:
    draft = make_application(submitted=False)
    editor = make_member(draft.organization)
    Application.objects.filter(pk=draft.pk).delete()

    with refused(NotFound):
        change_application(application=draft, facts=OTHER, actor=editor)
    with refused(NotFound):
        submit_application(application=draft, actor=editor)


def test_submission_is_stamped_by_the_database_clock() -> None:
    draft = make_application(submitted=False)
    before = database_now()

    submitted = submit_application(application=draft, actor=make_member(draft.organization))

    kept = stored(draft)
    assert (submitted.state, submitted.submitted_at) == (kept.state, kept.submitted_at)
    assert kept.state == "submitted"
    assert kept.submitted_at is not None
    assert before < kept.submitted_at < database_now()
    assert news_of(draft) == ["create", "submit"]


@pytest.mark.parametrize("proposal", ["", "  \n "])
def test_nothing_is_submitted_without_a_proposal(proposal: str) -> None:
    draft = make_application(submitted=False, proposal=proposal)

    editor = make_member(draft.organization)
    with refused(InvalidInput) as told:
        submit_application(application=draft, actor=editor)
    assert told.value.fields == {"proposal": ["提交前请填写方案说明。"]}
    assert draft.state == "draft"


def test_submission_on_the_last_second_counts() -> None:
    draft = make_application(submitted=False)
    Scenario.objects.filter(pk=draft.scenario_id).update(
        deadline=database_now() + timedelta(seconds=20)
    )

    submit_application(application=draft, actor=make_member(draft.organization))

    assert stored(draft).state == "submitted"


def test_publisher_shortlists_selects_and_declines_with_a_reason() -> None:
    scenario = make_scenario()
    one, other = make_application(scenario), make_application(scenario)
    publisher = make_member(scenario.organization)

    assert shortlist_application(application=one, actor=publisher).state == "shortlisted"
    assert select_application(application=one, actor=publisher).state == "selected"
    declined = decline_application(application=other, reason=" 预算不足 ", actor=publisher)

    assert declined.state == stored(other).state == "declined"
    assert news_of(one) == ["create", "submit", "shortlist", "select"]
    assert news_of(other) == ["create", "submit", "decline"]
    event = AuditEvent.objects.latest("id")
    assert event.details["details"] == {"reason": "预算不足"}
    assert Message.objects.latest("id").payload["details"] == {"reason": "预算不足"}


@pytest.mark.parametrize("reason", ["", " \n", "字" * 2001, "理由\0"])
def test_declining_wants_a_reason_that_can_be_read(reason: str) -> None:
    application = make_application()

    with refused(InvalidInput):
        decline_application(
            application=application,
            reason=reason,
            actor=make_member(application.scenario.organization),
        )


def decisions(application: Application, actor: Actor) -> dict[str, Callable[[], object]]:
    return {
        "shortlist": lambda: shortlist_application(application=application, actor=actor),
        "select": lambda: select_application(application=application, actor=actor),
        "connect": lambda: connect_application(application=application, actor=actor),
        "decline": lambda: decline_application(
            application=application, reason="预算不足", actor=actor
        ),
    }


def test_host_that_is_suspended_decides_nothing_until_it_is_verified_again() -> None:
    host = make_organization()
    application = make_application(make_scenario(host))
    suspend_organization(organization=host, reason="核查", actor=SYSTEM)

    for name in ("shortlist", "select", "decline"):
        with refused(Conflict, "不能处理申请"):
            decisions(application, make_member(host))[name]()

    restore_organization(organization=host, reason="已查清", actor=SYSTEM)
    decisions(application, make_member(host))["select"]()
    assert stored(application).state == "selected"


def selected(**facts: Any) -> Application:
    application = make_application(make_scenario(**facts))
    publisher = make_member(application.scenario.organization)
    return select_application(application=application, actor=publisher)


@pytest.mark.parametrize("stated", [{}, {"contact_name": "陈工"}])
def test_connecting_wants_a_contact(stated: dict[str, str]) -> None:
    application = selected(**stated)
    publisher = make_member(application.scenario.organization)

    with refused(Conflict, "请先在场景里填写联系电话或邮箱"):
        connect_application(application=application, actor=publisher)

    facts = scenario_facts(application.scenario).model_copy(update={"contact_phone": "020-1"})
    change_scenario(scenario=application.scenario, facts=facts, actor=publisher)
    connect_application(application=stored(application), actor=publisher)
    assert stored(application).state == "connected"


@pytest.mark.parametrize("stated", [{"contact_phone": "020-1"}, {"contact_email": "c@example.com"}])
def test_either_contact_is_enough_and_nothing_of_it_is_in_the_news(stated: dict[str, str]) -> None:
    application = selected(**stated)

    publisher = make_member(application.scenario.organization)
    connect_application(application=application, actor=publisher)

    assert stored(application).state == "connected"
    assert news_of(application) == ["create", "submit", "select", "connect"]
    assert AuditEvent.objects.latest("id").details["details"] == {}
    for decide in decisions(application, publisher).values():
        with refused(Conflict, "已对接"):
            decide()


@pytest.mark.parametrize(
    ("side", "told"), [("host", "不能处理申请"), ("supplier", "供给方目前未处于已核验状态")]
)
def test_nobody_is_connected_while_a_side_is_suspended(side: str, told: str) -> None:
    application = selected(contact_phone="020-1")
    host = Organization.objects.get(pk=application.scenario.organization_id)
    supplier = Organization.objects.get(pk=application.organization.pk)
    suspend_organization(
        organization=host if side == "host" else supplier, reason="核查", actor=SYSTEM
    )

    with refused(Conflict, told):
        connect_application(application=stored(application), actor=make_member(host))


COMPETING = {"submitted", "shortlisted", "selected", "connected", "declined"}


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
@pytest.mark.parametrize("state", ApplicationState.values)
def test_who_belongs_to_a_rival_decides_on_nobody(state: str, role: str) -> None:
    scenario = make_scenario(contact_phone="020-1")
    application, rival = make_application(scenario), make_application(scenario)
    Application.objects.filter(pk=rival.pk).update(state=state)
    actor = make_member(scenario.organization)
    Membership.objects.create(organization=rival.organization, user_id=actor.user_id, role=role)
    colleague = make_member(scenario.organization)

    if state in COMPETING:
        assert STEPS.open_to(application, actor) == []
        for decide in decisions(application, actor).values():
            with refused(Forbidden):
                decide()
        select_application(application=application, actor=colleague)
        with refused(Forbidden):
            connect_application(application=application, actor=actor)
        connect_application(application=application, actor=colleague)
    else:
        select_application(application=application, actor=actor)
        connect_application(application=application, actor=actor)
    assert stored(application).state == "connected"


def test_stake_in_another_scenario_of_the_host_does_not_count() -> None:
    host = make_organization()
    application, elsewhere = (make_application(make_scenario(host)) for _ in range(2))
    actor = make_member(host)
    Membership.objects.create(
        organization=elsewhere.organization, user_id=actor.user_id, role="editor"
    )

    with refused(Forbidden):
        select_application(application=elsewhere, actor=actor)
    select_application(application=application, actor=actor)


def test_supplier_that_is_suspended_is_not_chosen_but_may_be_declined_or_leave() -> None:
    scenario, supplier = make_scenario(), make_organization()
    one, other = (make_application(scenario, make_capability(supplier)) for _ in range(2))
    publisher = make_member(scenario.organization)
    suspend_organization(organization=supplier, reason="核查", actor=SYSTEM)

    for name in ("shortlist", "select"):
        with refused(Conflict, "供给方目前未处于已核验状态"):
            decisions(one, publisher)[name]()
    decisions(one, publisher)["decline"]()
    withdraw_application(application=other, actor=make_member(supplier))

    assert [stored(each).state for each in (one, other)] == ["declined", "withdrawn"]


def test_decisions_are_still_open_after_the_call_has_ended() -> None:
    scenario = make_scenario()
    one, other = make_application(scenario), make_application(scenario)
    publisher = make_member(scenario.organization)
    close_scenario(scenario=scenario, actor=publisher)
    withdraw_capability(capability=one.capability, actor=SYSTEM)

    select_application(application=one, actor=publisher)
    withdraw_application(application=other, actor=make_member(other.organization))

    assert [stored(each).state for each in (one, other)] == ["selected", "withdrawn"]


def test_what_is_decided_is_neither_decided_again_nor_taken_back() -> None:
    application = make_application()
    publisher = make_member(application.scenario.organization)
    select_application(application=application, actor=publisher)

    for name in ("shortlist", "select", "decline"):
        with refused(Conflict, "已选定"):
            decisions(application, publisher)[name]()
    with refused(Conflict, "已选定"):
        withdraw_application(application=application, actor=make_member(application.organization))


def test_two_suppliers_hands_are_kept_apart() -> None:
    """A rival's editor does nothing to another's answer on the same scenario."""
    scenario = make_scenario()
    mine, theirs = make_application(scenario), make_application(scenario, submitted=False)
    rival = make_member(mine.organization)

    for verb in (submit_application, discard_application, withdraw_application):
        with refused(Forbidden):
            verb(application=theirs, actor=rival)
    with refused(Forbidden):
        change_application(application=theirs, facts=OTHER, actor=rival)
    for decide in decisions(mine, rival).values():
        with refused(Forbidden):
            decide()


def test_offered_capability_belongs_to_whoever_answers() -> None:
    """An editor of one supplier names the capability of another (THREATS A2)."""
    foreign, scenario = make_capability(), make_scenario()
    rival = make_member(make_capability().organization)

    with refused(Forbidden):
        create_application(scenario=scenario, capability=foreign, facts=FACTS, actor=rival)


@pytest.mark.parametrize("choose", [shortlist_application, select_application])
def test_supplier_that_became_a_partner_is_not_chosen(
    choose: Callable[..., Application],
) -> None:
    application = make_application()
    application.scenario.co_publishers.add(application.organization)
    editor = make_member(application.scenario.organization)

    with refused(Conflict, "已是这个场景的联合发布单位"):
        choose(application=application, actor=editor)
    decline_application(application=application, reason="已联合发布", actor=editor)
    assert application.state == "declined"
