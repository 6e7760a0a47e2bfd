"""Every state × role × transition of a scenario."""

import pytest

from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden
from lifecycle.services import advance
from organizations.models import Organization
from organizations.services import suspend_organization, verify_organization
from scenarios.models import Scenario
from scenarios.queries import with_details
from scenarios.services import publish_scenario, submit_scenario
from scenarios.transitions import LIFECYCLE
from tests.records import SHENZHEN, SYSTEM, let_act, make_member, make_organization, make_scenario
from tests.roles import ADMINISTRATORS, AT_NANSHA, OVERSEERS, make_role, with_role
from tests.tables import Table, written

pytestmark = pytest.mark.django_db

PUBLISHERS = {"editor", "owner", "editing administrator"}
IN_CHARGE = {*OVERSEERS, "system", "viewing administrator"}
REVIEWERS = IN_CHARGE - {"viewing administrator"}
HOLDERS = {
    "submit": PUBLISHERS,
    "recall": PUBLISHERS,
    # Whoever belongs to the host does not check its scenario (THREATS F10).
    "publish": REVIEWERS,
    "return": REVIEWERS,
    "close": PUBLISHERS | IN_CHARGE,
}
STEPS = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "recall"): "draft",
    ("submitted", "publish"): "published",
    ("submitted", "return"): "returned",
    ("published", "close"): "closed",
}
ROLES = sorted({"visitor", "stranger", "viewer", *ADMINISTRATORS} | PUBLISHERS | IN_CHARGE)


def actor_of(role: str, host: Organization) -> Actor:
    if role in ADMINISTRATORS:
        return make_role(role)
    match role.split():
        case ["visitor"]:
            return Actor(ActorKind.VISITOR)
        case ["system"]:
            return SYSTEM
        case ["stranger"]:
            return make_member(make_organization(), "owner")
        case ["editing" | "viewing" as does, "administrator"]:
            member = make_member(host, "editor" if does == "editing" else "viewer")
            return with_role(member, "administrator")
    return make_member(host, role)


def given(name: str) -> dict[str, str]:
    return {"reason": "请补充"} if name == "return" else {}


TABLE = Table(Scenario, LIFECYCLE, HOLDERS, STEPS, given)


def test_table_of_this_test_is_complete() -> None:
    TABLE.assert_complete()


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize("role", ROLES)
def test_transitions_follow_the_table(role: str, name: str) -> None:
    host = make_organization(**AT_NANSHA)
    actor = actor_of(role, host)

    TABLE.assert_followed(make_scenario(host, published=False), actor, role, name)


@pytest.mark.parametrize("host_state", ["submitted", "suspended"])
def test_host_that_is_not_verified_publishes_nothing(host_state: str) -> None:
    host = make_organization(verified=False)
    scenario = make_scenario(host, published=False)
    submit_scenario(scenario=scenario, actor=make_member(host))
    if host_state == "suspended":
        verify_organization(organization=host, actor=SYSTEM)
        suspend_organization(organization=host, reason="核查", actor=SYSTEM)
    before = written(Scenario.objects.filter(pk=scenario.pk))

    with pytest.raises(Conflict, match="尚未通过核验"):
        publish_scenario(scenario=scenario, actor=SYSTEM)
    assert written(Scenario.objects.filter(pk=scenario.pk)) == before

    let_act(host)
    assert publish_scenario(scenario=scenario, actor=SYSTEM).state == "published"


def test_host_that_does_not_come_to_publish_submits_and_publishes_nothing() -> None:
    host = make_organization(capacities=["supply", "serve"])
    scenario = make_scenario(host, published=False)
    before = written(Scenario.objects.filter(pk=scenario.pk))

    with pytest.raises(Conflict, match="发布单位登记的身份里没有“发布场景”"):
        submit_scenario(scenario=scenario, actor=make_member(host))
    assert written(Scenario.objects.filter(pk=scenario.pk)) == before

    Organization.objects.filter(pk=host.pk).update(capacities=["publish"])
    submit_scenario(scenario=scenario, actor=make_member(host))
    Organization.objects.filter(pk=host.pk).update(capacities=["supply"])
    with pytest.raises(Conflict, match="没有“发布场景”，请先在单位资料里选上"):
        publish_scenario(scenario=scenario, actor=SYSTEM)


def test_guard_judges_the_host_that_is_stored_not_the_one_in_hand() -> None:
    host = make_organization()
    scenario = make_scenario(host, published=False)
    submit_scenario(scenario=scenario, actor=make_member(host))
    assert scenario.organization.state == "verified"
    suspend_organization(
        organization=Organization.objects.get(pk=host.pk), reason="核查", actor=SYSTEM
    )

    with pytest.raises(Conflict, match="尚未通过核验"):
        publish_scenario(scenario=scenario, actor=SYSTEM)


@pytest.mark.parametrize("name", ["publish", "return"])
def test_members_of_a_co_publisher_do_not_review(name: str) -> None:
    host, partner = make_organization(), make_organization()
    scenario = make_scenario(host, published=False, co_publishers=[partner.identifier])
    advance(scenario, "submit", make_member(host))
    reviewer = with_role(make_member(partner, "viewer"), "administrator")

    with pytest.raises(Forbidden):
        advance(scenario, name, reviewer, reason="请补充")
    # The relation as a page has loaded it, without partners that are not verified.
    Organization.objects.filter(pk=partner.pk).update(state="suspended")
    shown = with_details(Scenario.objects.all()).get(pk=scenario.pk)
    assert list(shown.co_publishers.all()) == []
    with pytest.raises(Forbidden):
        advance(shown, name, reviewer, reason="请补充")


@pytest.mark.parametrize("name", ["publish", "return"])
def test_scenario_is_reviewed_where_it_is_to_be_tried_not_where_its_host_sits(name: str) -> None:
    host = make_organization(**AT_NANSHA)
    scenario = make_scenario(host, published=False, city=SHENZHEN)
    advance(scenario, "submit", make_member(host))

    for role in OVERSEERS.keys() - {"administrator", "content administrator"}:
        with pytest.raises(Forbidden):
            advance(scenario, name, make_role(role), **given(name))
    there = make_role("content administrator of another city")
    assert advance(scenario, name, there, **given(name)).state in {"published", "returned"}
