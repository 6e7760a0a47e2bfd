"""Every state × role × transition of a scenario."""

import dataclasses

import pytest

from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden
from lifecycle.services import advance, available
from organizations.models import Organization
from organizations.services import suspend_organization, verify_organization
from outbox.models import Message
from scenarios.enums import ScenarioState
from scenarios.models import Scenario
from scenarios.queries import with_details
from scenarios.services import publish_scenario, submit_scenario
from scenarios.transitions import LIFECYCLE
from tests.records import SYSTEM, make_member, make_organization, make_scenario

pytestmark = pytest.mark.django_db

PUBLISHERS = {"editor", "owner", "editing administrator"}
ADMINISTRATORS = {"administrator", "superuser", "system", "viewing administrator"}
REVIEWERS = ADMINISTRATORS - {"viewing administrator"}
HOLDERS = {
    "submit": PUBLISHERS,
    "recall": PUBLISHERS,
    # Whoever belongs to the host does not check its scenario (THREATS F10).
    "publish": REVIEWERS,
    "return": REVIEWERS,
    "close": PUBLISHERS | ADMINISTRATORS,
}
STEPS = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "recall"): "draft",
    ("submitted", "publish"): "published",
    ("submitted", "return"): "returned",
    ("published", "close"): "closed",
}
ROLES = ("visitor", "stranger", "viewer", *sorted(PUBLISHERS | ADMINISTRATORS))


def actor_of(role: str, host: Organization) -> Actor:
    match role.split():
        case ["visitor"]:
            return Actor(ActorKind.VISITOR)
        case ["system"]:
            return SYSTEM
        case ["stranger"]:
            return make_member(make_organization(), "owner")
        case ["administrator" | "superuser"]:
            stranger = make_member(make_organization(), "owner")
            return dataclasses.replace(stranger, roles=frozenset({role}))
        case ["editing" | "viewing" as does, "administrator"]:
            member = make_member(host, "editor" if does == "editing" else "viewer")
            return dataclasses.replace(member, roles=frozenset({"administrator"}))
    return make_member(host, role)


def written(scenario: Scenario) -> tuple[str, int, int]:
    state = Scenario.objects.values_list("state", flat=True).get(pk=scenario.pk)
    return state, AuditEvent.objects.count(), Message.objects.count()


def test_table_of_this_test_is_complete() -> None:
    assert set(HOLDERS) == {each.name for each in LIFECYCLE.transitions}
    assert set(STEPS) == {
        (source, each.name) for each in LIFECYCLE.transitions for source in each.sources
    }


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize("role", ROLES)
def test_transitions_follow_the_table(role: str, name: str) -> None:
    host = make_organization()
    actor = actor_of(role, host)
    scenario = make_scenario(host, published=False)

    for state in ScenarioState.values:
        Scenario.objects.filter(pk=scenario.pk).update(state=state)
        mine = Scenario.objects.get(pk=scenario.pk)
        target = STEPS.get((state, name)) if role in HOLDERS[name] else None
        offered = {each.name for each in available(mine, actor)}
        assert (name in offered) is (target is not None), state
        before = written(mine)
        if target:
            reason = {"reason": "请补充"} if name == "return" else {}
            assert advance(mine, name, actor, **reason).state == target
            assert written(mine) == (target, before[1] + 1, before[2] + 1)
            event, message = AuditEvent.objects.latest("id"), Message.objects.latest("id")
            assert event.details == {"from": state, "to": target, "details": reason}
            assert event.verb == message.topic == f"scenarios.scenario.{name}"
            assert message.key == f"scenarios.scenario:{mine.pk}"
            assert message.payload == {"id": mine.pk, "details": reason}
        else:
            with pytest.raises(Conflict if role in HOLDERS[name] else Forbidden):
                advance(mine, name, actor)
            assert written(mine) == before, state


@pytest.mark.parametrize("host_state", ["submitted", "suspended"])
def test_host_that_is_not_verified_publishes_nothing(host_state: str) -> None:
    host = make_organization(verified=False)
    scenario = make_scenario(host, published=False)
    submit_scenario(scenario=scenario, actor=make_member(host))
    if host_state == "suspended":
        verify_organization(organization=host, actor=SYSTEM)
        suspend_organization(organization=host, actor=SYSTEM)
    before = written(scenario)

    with pytest.raises(Conflict, match="尚未通过核验"):
        publish_scenario(scenario=scenario, actor=SYSTEM)
    assert written(scenario) == before

    verify_organization(organization=host, actor=SYSTEM)
    assert publish_scenario(scenario=scenario, actor=SYSTEM).state == "published"


def test_guard_judges_the_host_that_is_stored_not_the_one_in_hand() -> None:
    host = make_organization()
    scenario = make_scenario(host, published=False)
    submit_scenario(scenario=scenario, actor=make_member(host))
    assert scenario.organization.state == "verified"
    suspend_organization(organization=Organization.objects.get(pk=host.pk), actor=SYSTEM)

    with pytest.raises(Conflict, match="尚未通过核验"):
        publish_scenario(scenario=scenario, actor=SYSTEM)


@pytest.mark.parametrize("name", ["publish", "return"])
def test_members_of_a_co_publisher_do_not_review(name: str) -> None:
    host, partner = make_organization(), make_organization()
    scenario = make_scenario(host, published=False, co_publishers=[partner.identifier])
    advance(scenario, "submit", make_member(host))
    reviewer = dataclasses.replace(
        make_member(partner, "viewer"), roles=frozenset({"administrator"})
    )

    with pytest.raises(Forbidden):
        advance(scenario, name, reviewer, reason="请补充")
    # The relation as a page has loaded it, without partners that are not verified.
    Organization.objects.filter(pk=partner.pk).update(state="suspended")
    shown = with_details(Scenario.objects.all()).get(pk=scenario.pk)
    assert list(shown.co_publishers.all()) == []
    with pytest.raises(Forbidden):
        advance(shown, name, reviewer, reason="请补充")
