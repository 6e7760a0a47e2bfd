"""Creating, changing and returning scenarios: what is kept, told and refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from common.money import MAX_FEN
from organizations.models import Organization
from outbox.models import Message
from scenarios.enums import ScenarioState
from scenarios.facts import ScenarioFacts
from scenarios.models import Scenario, ScenarioGoal, TechnicalNeed
from scenarios.services import (
    change_scenario,
    close_scenario,
    create_scenario,
    publish_scenario,
    recall_scenario,
    return_scenario,
    submit_scenario,
)
from tests.races import at_once, queued_behind
from tests.records import (
    FOSHAN,
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    credit_code,
    make_administrator,
    make_member,
    make_organization,
    make_scenario,
)
from tests.roles import ADMINISTRATORS, make_role

VISITOR = Actor(ActorKind.VISITOR)
ROBOTS, OCEAN, BIOLOGY = (
    "gd-2024-embodied-robots",
    "gd-2024-deep-sea",
    "gd-2024-synthetic-biology",
)
FULL: dict[str, Any] = {
    "name": "港口岸电设备智能巡检",
    "reference": "2026-001",
    "kind": "first_trial",
    "demand_kind": "project",
    "concepts": [ROBOTS, BIOLOGY],
    "city": GUANGZHOU,
    "district": "guangzhou-nansha",
    "site": "南沙港区四期码头",
    "problem": "人工巡检频次低。\n高温天气存在安全隐患。",
    "goals": [{"indicator": "漏检率", "target": "不高于 1%"}, {"indicator": "用时"}],
    "needs": [
        {"strength": "must", "text": "可全天候作业", "concept": ROBOTS},
        {"strength": "wish", "text": "支持国产操作系统"},
    ],
    "conditions": ["site", "first_purchase"],
    "conditions_note": "提供一个泊位",
    "budget_min_fen": 0,
    "budget_max_fen": MAX_FEN,
    "readiness_min": 6,
    "readiness_max": 9,
    "readiness_is_must": True,
    "required_qualifications": ["防爆合格证", "ISO 9001"],
    "call_mode": "challenge",
    "deadline": "2027-03-31T18:00:00+08:00",
    "contact_name": "陈工",
    "contact_phone": "020-00000000",
    "contact_email": "chen@example.com",
}
OTHER: dict[str, Any] = {
    "name": "另一件事",
    "concepts": [OCEAN],
    "city": SHENZHEN,
    "goals": [{"indicator": "深度", "target": "3000 米"}],
    "needs": [{"strength": "must", "text": "耐压", "concept": OCEAN}],
    "conditions": ["data"],
    "required_qualifications": ["潜水证"],
}


def said(scenario: Scenario) -> ScenarioFacts:
    """What the database holds, as the facts that would say it."""
    kept = Scenario.objects.get(pk=scenario.pk)
    columns = set(ScenarioFacts.model_fields) - {
        *("concepts", "city", "district", "goals", "needs", "co_publishers")
    }
    return ScenarioFacts(
        **{name: getattr(kept, name) for name in columns},
        city=kept.city and kept.city.code,
        district=kept.district and kept.district.code,
        concepts=sorted(kept.concepts.values_list("code", flat=True)),
        goals=list(kept.goals.values("indicator", "target")),
        needs=[
            {
                "strength": need.strength,
                "text": need.text,
                "concept": need.concept and need.concept.code,
            }
            for need in kept.technical_needs.all()
        ],
        co_publishers=sorted(kept.co_publishers.values_list("identifier", flat=True)),
    )


def facts(values: dict[str, Any], **more: Any) -> ScenarioFacts:
    """With links, which have no order of their own, sorted as ``said`` has them."""
    stated = {**values, **more}
    for name in ("concepts", "co_publishers"):
        stated[name] = sorted(stated.get(name, []))
    return ScenarioFacts(**stated)


def written() -> tuple[int, ...]:
    """Rows of everything that the verbs write."""
    models = (Scenario, ScenarioGoal, TechnicalNeed, AuditEvent, Message)
    links = (Scenario.concepts.through, Scenario.co_publishers.through)
    return tuple(model._default_manager.count() for model in (*models, *links))


def news_of(scenario: Scenario) -> list[tuple[str, dict[str, Any], str, dict[str, Any]]]:
    """Verb, details, topic and payload of everything told of a scenario, oldest first."""
    key = f"scenarios.scenario:{scenario.pk}"
    events = AuditEvent.objects.filter(object_type="scenarios.scenario", object_id=scenario.pk)
    messages = Message.objects.filter(key=key).order_by("id")
    pairs = zip(events.order_by("id"), messages, strict=True)
    return [(e.verb, e.details, m.topic, m.payload) for e, m in pairs]


@pytest.fixture
def host(db: None) -> Organization:
    return make_organization()


@pytest.fixture
def editor(host: Organization) -> Actor:
    return make_member(host)


def test_create_keeps_everything_that_is_stated(host: Organization, editor: Actor) -> None:
    partners = sorted(make_organization().identifier for _ in range(2))
    stated = facts(FULL, co_publishers=partners)

    scenario = create_scenario(organization=host, facts=stated, actor=editor)

    assert said(scenario) == stated
    kept = Scenario.objects.get(pk=scenario.pk)
    assert (kept.organization, kept.state, kept.imported_from) == (host, "draft", None)
    assert kept.public_id == scenario.public_id


def test_create_with_a_name_alone_states_nothing_else(host: Organization, editor: Actor) -> None:
    stated = ScenarioFacts(name="甲")

    scenario = create_scenario(organization=host, facts=stated, actor=editor)

    assert said(scenario) == stated
    kept = Scenario.objects.get(pk=scenario.pk)
    assert (kept.kind, kept.demand_kind, kept.call_mode) == ("", "", "")


def test_create_tells_of_it_once(host: Organization, editor: Actor) -> None:
    before = written()

    scenario = create_scenario(organization=host, facts=ScenarioFacts(name="甲"), actor=editor)

    assert news_of(scenario) == [
        ("scenarios.scenario.create", {}, "scenarios.scenario.create", {"id": scenario.pk})
    ]
    assert written() == (before[0] + 1, *before[1:3], before[3] + 1, before[4] + 1, *before[5:])
    event = AuditEvent.objects.latest("id")
    assert (event.actor_user_id, event.actor_label) == (editor.user_id, editor.label)


def test_change_replaces_every_part_and_leaves_none_of_the_old(
    host: Organization, editor: Actor
) -> None:
    first, second = (make_organization().identifier for _ in range(2))
    scenario = create_scenario(
        organization=host, facts=facts(FULL, co_publishers=[first]), actor=editor
    )
    stated = facts(OTHER, co_publishers=[second])

    changed = change_scenario(scenario=scenario, facts=stated, actor=editor)

    assert changed.pk == scenario.pk
    assert said(scenario) == stated
    assert written()[1:3] == (1, 1)
    assert news_of(scenario)[1:] == [
        ("scenarios.scenario.change", {}, "scenarios.scenario.change", {"id": scenario.pk})
    ]


def test_change_to_a_name_alone_takes_everything_else_away(
    host: Organization, editor: Actor
) -> None:
    partner = make_organization().identifier
    scenario = create_scenario(
        organization=host, facts=facts(FULL, co_publishers=[partner]), actor=editor
    )
    stated = ScenarioFacts(name="甲")

    change_scenario(scenario=scenario, facts=stated, actor=editor)

    assert said(scenario) == stated
    assert (*written()[1:3], *written()[5:]) == (0, 0, 0, 0)


def test_change_leaves_state_host_and_other_scenarios_alone(
    host: Organization, editor: Actor
) -> None:
    other = create_scenario(organization=host, facts=facts(FULL), actor=editor)
    scenario = make_scenario(host)

    change_scenario(scenario=scenario, facts=facts(OTHER), actor=editor)

    kept = Scenario.objects.get(pk=scenario.pk)
    assert (kept.state, kept.organization) == ("published", host)
    assert said(other) == facts(FULL)


@pytest.mark.parametrize("state", ScenarioState)
def test_change_is_refused_under_review_and_after_the_end(
    host: Organization, editor: Actor, state: ScenarioState
) -> None:
    scenario = create_scenario(organization=host, facts=facts(FULL), actor=editor)
    Scenario.objects.filter(pk=scenario.pk).update(state=state)
    before = written()

    if state in {"draft", "returned", "published"}:
        # The deadline of a published call has rules of its own, below.
        changed = facts({**OTHER, "deadline": facts(FULL).deadline})
        change_scenario(scenario=scenario, facts=changed, actor=editor)
        assert said(scenario) == changed
    else:
        with pytest.raises(Conflict, match="不能修改"):
            change_scenario(scenario=scenario, facts=facts(OTHER), actor=editor)
        assert said(scenario) == facts(FULL)
        assert written() == before


def test_deadline_of_a_published_call_may_only_move_on(host: Organization, editor: Actor) -> None:
    """THREATS A7: nobody who is preparing an answer loses time."""
    now = timezone.now()
    scenario = make_scenario(host, name="巡检", deadline=now + timedelta(days=3))

    for tampered in (now + timedelta(days=2), None):
        before = written()
        with pytest.raises(InvalidInput, match="只能延后") as refused:
            change_scenario(
                scenario=scenario,
                facts=ScenarioFacts(name="巡检", deadline=tampered),
                actor=editor,
            )
        assert list(refused.value.fields) == ["deadline"]
        assert written() == before

    later = now + timedelta(days=9)
    extended = ScenarioFacts(name="巡检", deadline=later)
    assert change_scenario(scenario=scenario, facts=extended, actor=editor).deadline == later


def test_deadline_that_passed_is_not_opened_again(host: Organization, editor: Actor) -> None:
    scenario = make_scenario(host, name="巡检", deadline=timezone.now() + timedelta(days=3))
    Scenario.objects.filter(pk=scenario.pk).update(deadline=timezone.now() - timedelta(seconds=1))

    with pytest.raises(Conflict, match="截止时间已过"):
        change_scenario(
            scenario=scenario,
            facts=ScenarioFacts(name="巡检", deadline=timezone.now() + timedelta(days=9)),
            actor=editor,
        )


def test_deadline_may_be_set_where_there_was_none(host: Organization, editor: Actor) -> None:
    scenario = make_scenario(host, name="巡检")
    deadline = timezone.now() + timedelta(days=3)

    facts_now = ScenarioFacts(name="巡检", deadline=deadline)

    assert change_scenario(scenario=scenario, facts=facts_now, actor=editor).deadline == deadline


def test_scenario_past_its_deadline_is_not_published(host: Organization, editor: Actor) -> None:
    scenario = make_scenario(host, published=False, deadline=timezone.now() + timedelta(days=1))
    submit_scenario(scenario=scenario, actor=editor)
    past = timezone.now() - timedelta(minutes=1)
    Scenario.objects.filter(pk=scenario.pk).update(deadline=past)

    with pytest.raises(Conflict, match="截止时间已过"):
        publish_scenario(scenario=scenario, actor=SYSTEM)


def test_draft_past_its_deadline_is_not_submitted(host: Organization, editor: Actor) -> None:
    past = timezone.now() - timedelta(minutes=1)
    scenario = make_scenario(host, published=False, deadline=past)

    with pytest.raises(Conflict, match="请先改到将来再提交"):
        submit_scenario(scenario=scenario, actor=editor)
    scenario.refresh_from_db()
    assert scenario.state == ScenarioState.DRAFT


def test_newest_is_what_was_published_last(host: Organization, editor: Actor) -> None:
    waited = make_scenario(host, published=False, name="先写后发")
    quick = make_scenario(host, name="后写先发")
    assert waited.published_at is None

    submit_scenario(scenario=waited, actor=editor)
    publish_scenario(scenario=waited, actor=make_administrator())

    waited.refresh_from_db()
    quick.refresh_from_db()
    assert waited.published_at > quick.published_at
    assert [each.name for each in Scenario.objects.all()] == ["先写后发", "后写先发"]


def test_host_is_no_partner_of_its_own(host: Organization, editor: Actor) -> None:
    before = written()

    with pytest.raises(InvalidInput, match="不能是发布单位自己"):
        create_scenario(
            organization=host,
            facts=ScenarioFacts(name="巡检", co_publishers=[host.identifier]),
            actor=editor,
        )

    assert written() == before


def test_change_judges_the_state_that_is_stored_not_the_one_in_hand(
    host: Organization, editor: Actor
) -> None:
    scenario = make_scenario(host, published=False)
    stale = Scenario.objects.get(pk=scenario.pk)
    submit_scenario(scenario=scenario, actor=editor)

    with pytest.raises(Conflict):
        change_scenario(scenario=stale, facts=facts(OTHER), actor=editor)


def test_scenario_deleted_meanwhile_is_told(host: Organization, editor: Actor) -> None:
    scenario = make_scenario(host, published=False)
    Scenario.objects.filter(pk=scenario.pk).delete()

    with pytest.raises(NotFound):
        change_scenario(scenario=scenario, facts=facts(OTHER), actor=editor)
    with pytest.raises(NotFound):
        submit_scenario(scenario=scenario, actor=editor)


def other_role(name: str, host: Organization) -> Actor:
    """People who may not write for ``host``."""
    if name == "viewer":
        return make_member(host, "viewer")
    if name in ADMINISTRATORS:
        return make_role(name)
    stranger = make_member(make_organization(), "owner")
    return {"visitor": VISITOR, "system": SYSTEM, "stranger": stranger}[name]


OTHER_ROLES = ("visitor", "stranger", "viewer", "system", *ADMINISTRATORS)


@pytest.mark.parametrize("role", OTHER_ROLES)
def test_nobody_else_writes_for_the_host(host: Organization, role: str) -> None:
    scenario = make_scenario(host)
    actor, old = other_role(role, host), said(scenario)
    before = written()

    with pytest.raises(Forbidden):
        create_scenario(organization=host, facts=facts(FULL), actor=actor)
    with pytest.raises(Forbidden):
        change_scenario(scenario=scenario, facts=facts(FULL), actor=actor)
    assert (written(), said(scenario)) == (before, old)


def test_host_is_read_from_the_database_not_from_the_hands_of_a_stranger(
    host: Organization,
) -> None:
    scenario = make_scenario(host, published=False)
    thief = make_organization()
    stranger = make_member(thief, "owner")
    scenario.organization = thief

    with pytest.raises(Forbidden):
        change_scenario(scenario=scenario, facts=facts(OTHER), actor=stranger)
    with pytest.raises(Forbidden):
        submit_scenario(scenario=scenario, actor=stranger)
    assert Scenario.objects.get(pk=scenario.pk).organization == host


VERBS: dict[str, Callable[[Scenario, Any], Any]] = {
    "create": lambda s, a: create_scenario(
        organization=s.organization, facts=ScenarioFacts(name="甲"), actor=a
    ),
    "change": lambda s, a: change_scenario(scenario=s, facts=ScenarioFacts(name="甲"), actor=a),
    "submit": lambda s, a: submit_scenario(scenario=s, actor=a),
    "recall": lambda s, a: recall_scenario(scenario=s, actor=a),
    "publish": lambda s, a: publish_scenario(scenario=s, actor=a),
    "return": lambda s, a: return_scenario(scenario=s, reason="", actor=a),
    "close": lambda s, a: close_scenario(scenario=s, actor=a),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("actor", [None, "admin"])
def test_every_verb_refuses_to_run_without_an_actor(
    host: Organization, verb: str, actor: Any
) -> None:
    scenario = make_scenario(host, published=False)
    before = written()

    with pytest.raises(Forbidden, match="缺少身份信息"):
        VERBS[verb](scenario, actor)
    assert written() == before


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"concepts": [ROBOTS, "nowhere"]}, "concepts"),
    ({"needs": [{"strength": "must", "text": "甲", "concept": "nowhere"}]}, "needs"),
    ({"city": "430100", "district": None}, "city"),
    ({"city": SHENZHEN, "district": "guangzhou-nansha"}, "district"),
    ({"city": FOSHAN, "district": "guangzhou-nansha"}, "district"),
    ({"city": None, "district": "guangzhou-nansha"}, "district"),
    ({"district": "nowhere"}, "district"),
    ({"co_publishers": [credit_code(999_999)]}, "co_publishers"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG, ids=str)
def test_unknown_codes_are_refused_by_field_and_nothing_is_written(
    host: Organization, editor: Actor, wrong: dict[str, Any], field: str
) -> None:
    scenario = create_scenario(organization=host, facts=facts(OTHER, reference="B-1"), actor=editor)
    before = written()

    for act in (
        lambda: create_scenario(organization=host, facts=facts(FULL | wrong), actor=editor),
        lambda: change_scenario(scenario=scenario, facts=facts(FULL | wrong), actor=editor),
    ):
        with pytest.raises(InvalidInput) as refusal:
            act()
        assert refusal.value.fields == {field: [refusal.value.message]}
    assert written() == before
    assert said(scenario) == facts(OTHER, reference="B-1")


def test_own_number_is_used_once_by_a_host(host: Organization, editor: Actor) -> None:
    first = create_scenario(organization=host, facts=facts(FULL), actor=editor)
    second = create_scenario(organization=host, facts=facts(OTHER), actor=editor)
    before = written()

    with pytest.raises(Conflict, match="自有编号已用于另一个场景"):
        create_scenario(organization=host, facts=facts(FULL), actor=editor)
    with pytest.raises(Conflict, match="自有编号已用于另一个场景"):
        change_scenario(scenario=second, facts=facts(FULL), actor=editor)
    assert written() == before
    assert said(second) == facts(OTHER)

    # Its own number is no duplicate; no number never is; other hosts count for themselves.
    change_scenario(scenario=first, facts=facts(FULL, name="改名"), actor=editor)
    create_scenario(organization=host, facts=facts(OTHER), actor=editor)
    make_scenario(make_organization(), published=False, reference=FULL["reference"])


def test_of_two_who_use_one_number_at_once_one_is_told(committed_db: str) -> None:
    host = make_organization()
    editor = make_member(host)
    stated = facts(FULL)

    def create() -> str:
        try:
            create_scenario(organization=host, facts=stated, actor=editor)
        except DomainError as error:
            return type(error).__name__
        return "won"

    assert sorted(at_once(create, create)) == ["Conflict", "won"]
    scenario = Scenario.objects.get()
    assert said(scenario) == stated
    assert len(news_of(scenario)) == 1
    assert AuditEvent.objects.filter(verb="scenarios.scenario.create").count() == 1


def test_change_waits_for_a_submission_under_way_and_is_told(committed_db: str) -> None:
    """Else it would write back the state that it had read before, and undo the submission."""
    host = make_organization()
    editor = make_member(host)
    scenario = make_scenario(host, published=False, name="甲")

    def change() -> str:
        try:
            change_scenario(scenario=scenario, facts=facts(OTHER), actor=editor)
        except DomainError as error:
            return type(error).__name__
        return "won"

    def submit() -> Scenario:
        return submit_scenario(scenario=Scenario.objects.get(pk=scenario.pk), actor=editor)

    assert queued_behind(submit, change) == "Conflict"
    kept = Scenario.objects.get(pk=scenario.pk)
    assert (kept.state, kept.name) == ("submitted", "甲")


def test_two_administrators_decide_at_once_and_one_is_told(committed_db: str) -> None:
    host = make_organization()
    scenario = make_scenario(host, published=False)
    submit_scenario(scenario=scenario, actor=make_member(host))

    def decide(act: Callable[[Scenario], object]) -> Callable[[], str]:
        def run() -> str:
            try:
                act(Scenario.objects.get(pk=scenario.pk))
            except DomainError as error:
                return type(error).__name__
            return "won"

        return run

    outcomes = at_once(
        decide(lambda mine: publish_scenario(scenario=mine, actor=SYSTEM)),
        decide(lambda mine: return_scenario(scenario=mine, reason="缺预算", actor=SYSTEM)),
    )

    assert sorted(outcomes) == ["Conflict", "won"]
    assert [verb.rpartition(".")[2] for verb, *_ in news_of(scenario)][2:] in (
        ["publish"],
        ["return"],
    )


def test_return_tells_its_reason(host: Organization) -> None:
    scenario = make_scenario(host, published=False)
    submit_scenario(scenario=scenario, actor=make_member(host))

    return_scenario(scenario=scenario, reason=" 请写明\u200b预算 \n", actor=SYSTEM)

    assert scenario.state == "returned"
    reason = {"reason": "请写明预算"}
    assert news_of(scenario)[-1] == (
        "scenarios.scenario.return",
        {"from": "submitted", "to": "returned", "details": reason},
        "scenarios.scenario.return",
        {"id": scenario.pk, "details": reason},
    )


@pytest.mark.parametrize("reason", ["", " \n", "\u200b\u3164", "甲\x00", "\ud800", "甲\u202e"])
def test_return_without_a_usable_reason_is_refused(host: Organization, reason: str) -> None:
    scenario = make_scenario(host, published=False)
    submit_scenario(scenario=scenario, actor=make_member(host))
    before = written()

    with pytest.raises(InvalidInput) as refusal:
        return_scenario(scenario=scenario, reason=reason, actor=SYSTEM)
    assert set(refusal.value.fields) == {"reason"}
    assert written() == before
    scenario.refresh_from_db()
    assert scenario.state == "submitted"


def test_partner_neither_sees_a_draft_through_its_name_nor_changes_it(
    host: Organization, editor: Actor
) -> None:
    partner = make_organization()
    scenario = create_scenario(
        organization=host, facts=facts(FULL, co_publishers=[partner.identifier]), actor=editor
    )

    with pytest.raises(Forbidden):
        change_scenario(scenario=scenario, facts=facts(OTHER), actor=make_member(partner, "owner"))
    assert list(partner.co_published.all()) == [scenario]


def test_change_of_an_older_version_is_refused(host: Organization, editor: Actor) -> None:
    scenario = create_scenario(organization=host, facts=facts(FULL), actor=editor)
    seen = scenario.updated_at
    changed = change_scenario(
        scenario=scenario, facts=facts(OTHER), actor=editor, unchanged_since=seen
    )
    before = written()

    with pytest.raises(Conflict, match="别人在您编辑期间修改过"):
        change_scenario(scenario=scenario, facts=facts(FULL), actor=editor, unchanged_since=seen)

    assert (written(), said(scenario)) == (before, facts(OTHER))
    newest = changed.updated_at
    change_scenario(scenario=scenario, facts=facts(FULL), actor=editor, unchanged_since=newest)
    assert said(scenario) == facts(FULL)


def test_step_counts_as_a_newer_version(host: Organization, editor: Actor) -> None:
    scenario = make_scenario(host, published=False)
    seen = scenario.updated_at
    submit_scenario(scenario=scenario, actor=editor)
    recall_scenario(scenario=scenario, actor=editor)

    with pytest.raises(Conflict, match="别人在您编辑期间修改过"):
        change_scenario(scenario=scenario, facts=facts(OTHER), actor=editor, unchanged_since=seen)


def test_of_two_who_edit_one_version_at_once_one_is_told(committed_db: str) -> None:
    host = make_organization()
    editor = make_member(host)
    scenario = make_scenario(host, published=False)
    seen = scenario.updated_at

    def change(name: str) -> Callable[[], str]:
        def run() -> str:
            try:
                change_scenario(
                    scenario=scenario,
                    facts=ScenarioFacts(name=name),
                    actor=editor,
                    unchanged_since=seen,
                )
            except DomainError as error:
                return type(error).__name__
            return name

        return run

    outcomes = at_once(change("甲"), change("乙"))

    assert sorted(outcomes, key=len)[1] == "Conflict"
    assert Scenario.objects.get().name == min(outcomes, key=len)


@pytest.mark.parametrize("seconds", [-1, 0])
def test_published_call_gets_no_first_deadline_in_the_past(
    host: Organization, editor: Actor, seconds: int
) -> None:
    scenario = make_scenario(host, name="巡检")
    past = timezone.now() + timedelta(seconds=seconds)

    with pytest.raises(InvalidInput, match="应在将来") as refused:
        change_scenario(
            scenario=scenario, facts=ScenarioFacts(name="巡检", deadline=past), actor=editor
        )

    assert list(refused.value.fields) == ["deadline"]
    assert Scenario.objects.get().deadline is None


def test_nobody_becomes_a_partner_of_what_is_public(host: Organization, editor: Actor) -> None:
    partner, other = make_organization(), make_organization()
    scenario = make_scenario(host, co_publishers=[partner.identifier])
    named = facts(OTHER, co_publishers=[partner.identifier, other.identifier])

    with pytest.raises(InvalidInput) as refusal:
        change_scenario(scenario=scenario, facts=named, actor=editor)
    assert set(refusal.value.fields) == {"co_publishers"}
    change_scenario(scenario=scenario, facts=facts(OTHER, co_publishers=[]), actor=editor)
    assert not scenario.co_publishers.exists()
