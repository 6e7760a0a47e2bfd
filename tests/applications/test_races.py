"""Two at once, and deadlines that pass meanwhile: one order or the other, never both."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from applications.facts import ApplicationFacts
from applications.models import Application
from applications.services import (
    change_application,
    create_application,
    decline_application,
    discard_application,
    select_application,
    shortlist_application,
    submit_application,
    withdraw_application,
)
from audit.models import AuditEvent
from common.errors import DomainError
from common.models import database_now
from organizations.models import Organization
from organizations.services import suspend_organization
from outbox.models import Message
from scenarios.models import Scenario
from scenarios.services import close_scenario
from tests.races import at_once, queued_behind
from tests.records import (
    SYSTEM,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)

pytestmark = pytest.mark.usefixtures("committed_db")

FACTS = ApplicationFacts(proposal="每天三次巡检")


def telling(verb: Callable[[], object]) -> Callable[[], str]:
    """``done``, or what the person is told instead."""

    def attempt() -> str:
        try:
            verb()
        except DomainError as error:
            return error.message
        return "done"

    return attempt


def fresh(application: Application) -> Application:
    return Application.objects.get(pk=application.pk)


def submitting(draft: Application) -> Callable[[], str]:
    editor = make_member(draft.organization)
    return telling(lambda: submit_application(application=fresh(draft), actor=editor))


def beginning(scenario: Scenario) -> Callable[[], str]:
    capability = make_capability()
    editor = make_member(capability.organization)
    return telling(
        lambda: create_application(
            scenario=scenario, capability=capability, facts=FACTS, actor=editor
        )
    )


def news() -> tuple[int, int]:
    return AuditEvent.objects.count(), Message.objects.count()


@pytest.mark.parametrize("verb", ["create", "submit"])
@pytest.mark.parametrize("passes", [True, False], ids=["too late", "in time"])
def test_deadline_is_judged_when_the_lock_is_held(verb: str, passes: bool) -> None:
    """THREATS F11: both begin before the deadline and wait; only one gets the lock in time."""
    scenario = make_scenario()
    draft = make_application(scenario, submitted=False)
    answer = submitting(draft) if verb == "submit" else beginning(scenario)
    deadline = database_now() + timedelta(seconds=2 if passes else 60)
    Scenario.objects.filter(pk=scenario.pk).update(deadline=deadline)
    before = news()

    def linger() -> None:
        assert database_now() < deadline
        while passes and database_now() <= deadline:
            time.sleep(0.05)

    told = queued_behind(
        lambda: Scenario.objects.select_for_update().get(pk=scenario.pk), answer, meanwhile=linger
    )

    if passes:
        assert told == "对接截止时间已过，不再接受申请。"
        assert news() == before
        assert [each.state for each in Application.objects.all()] == ["draft"]
        assert fresh(draft).submitted_at is None
    else:
        assert told == "done"
        assert news() == (before[0] + 1, before[1] + 1)


def test_deadline_that_moves_on_meanwhile_counts() -> None:
    scenario = make_scenario()
    draft = make_application(scenario, submitted=False)
    Scenario.objects.filter(pk=scenario.pk).update(deadline=database_now() - timedelta(hours=1))

    def extend() -> None:
        Scenario.objects.filter(pk=scenario.pk).update(deadline=database_now() + timedelta(hours=1))

    assert queued_behind(extend, submitting(draft)) == "done"


def test_submission_that_waits_for_the_closing_is_refused() -> None:
    scenario = make_scenario()
    draft = make_application(scenario, submitted=False)
    before = news()

    told = queued_behind(
        lambda: close_scenario(scenario=Scenario.objects.get(pk=scenario.pk), actor=SYSTEM),
        submitting(draft),
    )

    assert told == "场景“已结束”，目前不接受申请。"
    assert news() == (before[0] + 1, before[1] + 1)
    assert (fresh(draft).state, fresh(draft).submitted_at) == ("draft", None)


def test_closing_waits_for_a_submission_under_way() -> None:
    scenario = make_scenario()
    draft = make_application(scenario, submitted=False)
    editor = make_member(draft.organization)
    close = telling(
        lambda: close_scenario(scenario=Scenario.objects.get(pk=scenario.pk), actor=SYSTEM)
    )

    assert (
        queued_behind(lambda: submit_application(application=fresh(draft), actor=editor), close)
        == "done"
    )

    assert fresh(draft).state == "submitted"
    assert Scenario.objects.get(pk=scenario.pk).state == "closed"
    last = [event.verb for event in AuditEvent.objects.order_by("-pk")[:2]]
    assert last == ["scenarios.scenario.close", "applications.application.submit"]


def test_submitting_and_closing_at_once_come_in_one_order_or_the_other() -> None:
    for _ in range(8):
        scenario = make_scenario()
        draft = make_application(scenario, submitted=False)
        close = telling(lambda scenario=scenario: close_scenario(scenario=scenario, actor=SYSTEM))

        submitted, closed = at_once(submitting(draft), close)

        assert closed == "done"
        verbs = [event.verb.rpartition(".")[2] for event in AuditEvent.objects.order_by("-pk")[:2]]
        if submitted == "done":
            assert verbs == ["close", "submit"]
            assert fresh(draft).state == "submitted"
        else:
            assert submitted == "场景“已结束”，目前不接受申请。"
            assert verbs[0] == "close"
            assert fresh(draft).state == "draft"


def test_supplier_that_becomes_a_partner_meanwhile_is_refused() -> None:
    """No verb adds a partner to a published scenario; the guard does not rely on that."""
    scenario = make_scenario()
    draft = make_application(scenario, submitted=False)

    def hold_and_add() -> None:
        Scenario.objects.select_for_update().get(pk=scenario.pk)
        scenario.co_publishers.add(draft.organization)

    told = queued_behind(hold_and_add, submitting(draft))

    assert told == "发布单位和联合发布单位不能申请自己的场景。"
    assert fresh(draft).state == "draft"


def test_host_that_is_suspended_meanwhile_is_seen() -> None:
    scenario = make_scenario()
    draft = make_application(scenario, submitted=False)

    def hold_and_suspend() -> None:
        Scenario.objects.select_for_update().get(pk=scenario.pk)
        host = Organization.objects.get(pk=scenario.organization_id)
        suspend_organization(organization=host, reason="核查", actor=SYSTEM)

    told = queued_behind(hold_and_suspend, submitting(draft))

    assert told == "发布单位目前未处于已核验状态，场景暂不接受申请。"


def test_two_colleagues_answer_at_once_with_the_same_capability() -> None:
    scenario, supplier = make_scenario(), make_organization()
    capability = make_capability(supplier)
    editors = [make_member(supplier) for _ in range(3)]

    told = at_once(
        *(
            telling(
                lambda actor=actor: create_application(
                    scenario=scenario, capability=capability, facts=FACTS, actor=actor
                )
            )
            for actor in editors
        )
    )

    answered = "这项能力已经申请过这个场景，请到“对接申请”中查看进展。"
    assert sorted(told) == sorted(["done", answered, answered])
    assert Application.objects.count() == 1
    assert AuditEvent.objects.filter(verb="applications.application.create").count() == 1


def test_two_colleagues_submit_at_once() -> None:
    draft = make_application(submitted=False)

    told = at_once(submitting(draft), submitting(draft))

    assert sorted(told) == sorted(["done", "当前状态为“已提交”，不能“提交申请”。请刷新后再试。"])
    assert AuditEvent.objects.filter(verb="applications.application.submit").count() == 1


def deciding(application: Application, verb: Callable[..., object]) -> Callable[[], str]:
    publisher, mine = make_member(application.scenario.organization), fresh(application)
    return telling(lambda: verb(application=mine, actor=publisher))


def withdrawing(application: Application) -> Callable[[], str]:
    editor, mine = make_member(application.organization), fresh(application)
    return telling(lambda: withdraw_application(application=mine, actor=editor))


DECISIONS: dict[str, Callable[[Application], Callable[[], str]]] = {
    "shortlist": lambda each: deciding(each, shortlist_application),
    "select": lambda each: deciding(each, select_application),
    "decline": lambda each: deciding(
        each, lambda **given: decline_application(reason="预算不足", **given)
    ),
    "withdraw": withdrawing,
}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select", "decline"),
        ("select", "select"),
        ("decline", "decline"),
        ("shortlist", "shortlist"),
        ("select", "withdraw"),
        ("decline", "withdraw"),
    ],
)
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(one: str, other: str) -> None:
    """THREATS F10."""
    targets = {
        "shortlist": "shortlisted",
        "select": "selected",
        "decline": "declined",
        "withdraw": "withdrawn",
    }
    application = make_application()
    before = news()

    told = at_once(DECISIONS[one](application), DECISIONS[other](application))

    assert sorted(each == "done" for each in told) == [False, True]
    winner = (one, other)[told.index("done")]
    assert fresh(application).state == targets[winner]
    loser = told[1 - told.index("done")]
    assert loser.startswith(f"当前状态为“{fresh(application).get_state_display()}”，不能“")
    assert news() == (before[0] + 1, before[1] + 1)


def test_change_waits_for_a_submission_under_way_and_does_not_undo_it() -> None:
    draft = make_application(submitted=False, proposal="提交的方案")
    one, other = (make_member(draft.organization) for _ in range(2))

    told = queued_behind(
        lambda: submit_application(application=fresh(draft), actor=one),
        telling(lambda: change_application(application=draft, facts=FACTS, actor=other)),
    )

    assert told == "申请“已提交”，不能修改；可以撤回后重新申请。"
    assert (fresh(draft).state, fresh(draft).proposal) == ("submitted", "提交的方案")


def test_of_two_changes_on_the_same_version_the_later_is_refused() -> None:
    draft = make_application(submitted=False)
    one, other = (make_member(draft.organization) for _ in range(2))
    seen = draft.updated_at
    given = {"application": draft, "unchanged_since": seen}
    later = FACTS.model_copy(update={"proposal": "后来的"})

    told = queued_behind(
        lambda: change_application(facts=FACTS, actor=one, **given),
        telling(lambda: change_application(facts=later, actor=other, **given)),
    )

    assert told.startswith("别人在您编辑期间修改过这条记录")
    assert fresh(draft).proposal == FACTS.proposal


def test_new_answer_waits_until_the_old_one_is_given_up() -> None:
    scenario, supplier = make_scenario(), make_organization()
    capability = make_capability(supplier)
    draft = make_application(scenario, capability, submitted=False)
    one, other = (make_member(supplier) for _ in range(2))

    told = queued_behind(
        lambda: discard_application(application=fresh(draft), actor=one),
        telling(
            lambda: create_application(
                scenario=scenario, capability=capability, facts=FACTS, actor=other
            )
        ),
    )

    assert told == "done"
    states = scenario.applications.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["discarded", "draft"]
