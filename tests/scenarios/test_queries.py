"""Which scenarios somebody sees, and which are open for matching."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.actor import Actor, ActorKind
from common.permissions import may
from organizations.models import Membership, Organization
from organizations.services import restore_organization, suspend_organization, verify_organization
from scenarios.enums import ScenarioState
from scenarios.facts import ScenarioFacts
from scenarios.models import Scenario
from scenarios.queries import (
    awaiting_review,
    changed_since_review,
    cities_with_open_counts,
    open_for_matching,
    stated_facts,
    stated_partners,
    visible_to,
    with_details,
)
from scenarios.rules import oversees
from scenarios.services import change_scenario, create_scenario, submit_scenario
from taxonomy.models import City
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    make_member,
    make_organization,
    make_scenario,
)
from tests.roles import ADMINISTRATORS, AT_NANSHA, OVERSEERS, make_role

pytestmark = pytest.mark.django_db

VISITOR = Actor(ActorKind.VISITOR)
HOSTS = ("submitted", "verified", "suspended")


@dataclasses.dataclass
class World:
    """A scenario of each state with a host of each state."""

    hosts: dict[str, Organization]
    scenarios: dict[tuple[str, str], Scenario]

    def seen(self, actor: Actor) -> set[tuple[str, str]]:
        rows = list(visible_to(actor))
        assert len(rows) == len(set(rows))
        keys = {scenario.pk: key for key, scenario in self.scenarios.items()}
        return {keys[each.pk] for each in rows}


@pytest.fixture
def world(db: None) -> World:
    hosts = {state: make_organization(verified=False, **AT_NANSHA) for state in HOSTS}
    scenarios = {}
    for host_state, host in hosts.items():
        for state in ScenarioState.values:
            scenario = make_scenario(host, published=False)
            Scenario.objects.filter(pk=scenario.pk).update(state=state)
            scenarios[host_state, state] = scenario
    for state in ("verified", "suspended"):
        verify_organization(organization=hosts[state], actor=SYSTEM)
    suspend_organization(organization=hosts["suspended"], reason="核查", actor=SYSTEM)
    return World(hosts, scenarios)


EVERYBODY = {("verified", "published"), ("verified", "closed")}


def test_visitors_and_strangers_see_what_verified_hosts_published(world: World) -> None:
    assert world.seen(VISITOR) == EVERYBODY
    for role in ("viewer", "editor", "owner"):
        assert world.seen(make_member(make_organization(), role)) == EVERYBODY


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
@pytest.mark.parametrize("host", HOSTS)
def test_members_see_everything_of_their_host(world: World, host: str, role: str) -> None:
    own = {(host, state) for state in ScenarioState.values}

    assert world.seen(make_member(world.hosts[host], role)) == EVERYBODY | own


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_those_in_charge_see_everything_and_others_what_everybody_sees(
    world: World, role: str
) -> None:
    assert world.seen(make_role(role)) == (set(world.scenarios) if role in OVERSEERS else EVERYBODY)


def test_platform_sees_everything(world: World) -> None:
    assert world.seen(SYSTEM) == set(world.scenarios)


def test_place_of_a_scenario_is_its_own_and_only_then_its_hosts() -> None:
    host = make_organization(**AT_NANSHA)
    elsewhere = make_scenario(host, published=False, city=SHENZHEN)
    in_the_city = make_scenario(host, published=False, city=GUANGZHOU)
    silent = make_scenario(host, published=False)
    far = make_scenario(make_organization(seat="北京市"), published=False)
    seen = {
        "content administrator": {elsewhere, in_the_city, silent, far},
        "content administrator of the city": {in_the_city, silent},
        # Whoever is in charge of a district has no part in what concerns the whole city.
        "content administrator of the district": {silent},
        "content administrator of another district": set(),
        "content administrator of another city": {elsewhere},
    }

    for role, theirs in seen.items():
        actor = make_role(role)
        assert set(visible_to(actor)) == theirs, role
        assert {s for s in Scenario.objects.all() if oversees(actor, s)} == theirs, role


@pytest.mark.parametrize("queue", [awaiting_review, changed_since_review])
def test_queues_hold_what_the_reader_is_in_charge_of(
    queue: Callable[[Actor], QuerySet[Scenario]],
) -> None:
    host = make_organization(**AT_NANSHA)
    editor = make_member(host)
    waiting = make_scenario(host, published=False)
    submit_scenario(scenario=waiting, actor=editor)
    changed = make_scenario(host)
    change_scenario(scenario=changed, facts=ScenarioFacts(name="改"), actor=editor)
    expected = [waiting if queue is awaiting_review else changed]

    for role in ADMINISTRATORS:
        assert list(queue(make_role(role))) == (expected if role in OVERSEERS else []), role
    # What one wrote oneself is nothing to decide on.
    assert not queue(editor).exists()


def test_removed_member_sees_no_more_than_everybody(world: World) -> None:
    actor = make_member(world.hosts["verified"], "owner")
    Membership.objects.filter(user_id=actor.user_id).delete()

    assert world.seen(actor) == EVERYBODY


def test_suspension_takes_a_host_away_from_everybody_else_at_once(world: World) -> None:
    host = world.hosts["verified"]
    member = make_member(host, "viewer")
    suspend_organization(organization=host, reason="核查", actor=SYSTEM)

    assert world.seen(VISITOR) == set()
    assert world.seen(make_member(make_organization())) == set()
    assert len(world.seen(member)) == len(ScenarioState.values)


def test_partner_sees_a_scenario_like_everybody(world: World) -> None:
    partner = make_organization()
    for scenario in world.scenarios.values():
        scenario.co_publishers.add(partner)

    assert world.seen(make_member(partner, "owner")) == EVERYBODY


def test_whoever_may_do_something_to_a_scenario_sees_it(world: World) -> None:
    actors = [
        VISITOR,
        SYSTEM,
        make_member(make_organization(), "owner"),
        *map(make_role, ADMINISTRATORS),
        *(
            make_member(h, role)
            for h in world.hosts.values()
            for role in ("viewer", "editor", "owner")
        ),
    ]
    permissions = ("change", "submit", "review", "close")
    held = 0
    for actor in actors:
        seen = world.seen(actor)
        for key, scenario in world.scenarios.items():
            if any(may(f"scenarios.{each}", actor, scenario) for each in permissions):
                held += 1
                assert key in seen, (actor, key)
    # The platform, those in charge, and an editor and an owner of each of the three hosts.
    assert held == (1 + len(OVERSEERS) + 2) * len(world.scenarios)


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now = cursor.fetchone()[0]
    assert isinstance(now, datetime)
    return now


def test_open_are_published_scenarios_of_verified_hosts(world: World) -> None:
    assert list(open_for_matching()) == [world.scenarios["verified", "published"]]


def test_cities_count_what_is_open_there(world: World) -> None:
    Scenario.objects.update(city=City.objects.get(code=GUANGZHOU))
    make_scenario()

    counts = {city.code: count for city, count in cities_with_open_counts()}

    assert len(counts) == 21
    assert {code: count for code, count in counts.items() if count} == {GUANGZHOU: 1}


def test_open_until_the_deadline_by_the_clock_of_the_database(monkeypatch) -> None:
    host, now = make_organization(), database_now()
    ahead, behind = now + timedelta(minutes=1), now - timedelta(minutes=1)
    without = make_scenario(host)
    open_still = make_scenario(host, deadline=ahead)
    over = make_scenario(host, deadline=ahead)
    Scenario.objects.filter(pk=over.pk).update(deadline=behind)

    # A web server whose clock is a century wrong changes nothing (THREATS F12).
    for year in (1980, 2080):
        monkeypatch.setattr(timezone, "now", lambda year=year: datetime(year, 1, 1, tzinfo=UTC))
        assert set(open_for_matching()) == {without, open_still}
    Scenario.objects.filter(pk=over.pk).update(deadline=ahead)
    assert over in open_for_matching()


def test_suspended_host_is_closed_for_matching_until_it_is_verified_again() -> None:
    scenario = make_scenario()
    suspend_organization(organization=scenario.organization, reason="核查", actor=SYSTEM)
    assert not open_for_matching().exists()

    restore_organization(organization=scenario.organization, reason="已查清", actor=SYSTEM)
    assert list(open_for_matching()) == [scenario]


def test_details_of_thirty_take_the_queries_of_one() -> None:
    host, partner = make_organization(city=GUANGZHOU), make_organization()

    def make() -> None:
        make_scenario(
            host,
            city=GUANGZHOU,
            district="guangzhou-nansha",
            concepts=["gd-2024-embodied-robots"],
            goals=[{"indicator": "漏检率"}],
            needs=[{"strength": "must", "text": "甲", "concept": "gd-2024-deep-sea"}],
            co_publishers=[partner.identifier],
        )

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            for each in with_details(visible_to(VISITOR)):
                shown = [each.city, each.district, each.organization.city]
                shown += [c.scheme for c in each.concepts.all()]
                shown += [n.concept for n in each.technical_needs.all()]
                shown += [*each.goals.all(), *each.co_publishers.all()]
                assert len(shown) == 7
                assert None not in shown
        return len(captured)

    make()
    once = queries()
    for _ in range(29):
        make()
    assert queries() == once


def test_stated_facts_are_what_was_stated_and_change_nothing() -> None:
    """Also by way of ``with_details``, which leaves partners out that nobody else may see."""
    host = make_organization()
    editor = make_member(host)
    partners = [make_organization(verified=verified).identifier for verified in (True, False)]
    stated = ScenarioFacts(
        name="巡检",
        reference="2026-001",
        kind="first_trial",
        demand_kind="project",
        concepts=["gd-2024-embodied-robots", "gd-2024-synthetic-biology"],
        city=GUANGZHOU,
        district="guangzhou-nansha",
        site="码头",
        problem="一\n二",
        goals=[{"indicator": "漏检率", "target": "1%"}, {"indicator": "用时"}],
        needs=[
            {"strength": "must", "text": "整机", "concept": "gd-2024-embodied-robots"},
            {"strength": "wish", "text": "国产"},
        ],
        conditions=["data", "site"],
        conditions_note="夜间",
        budget_min_fen=0,
        budget_max_fen=5,
        readiness_min=6,
        readiness_max=9,
        readiness_is_must=True,
        required_qualifications=["乙", "甲"],
        call_mode="race",
        deadline=datetime(2027, 3, 31, 2, 0, 0, 7, tzinfo=UTC),
        contact_name="陈工",
        contact_phone="020-1",
        contact_email="chen@example.com",
        co_publishers=partners,
    )
    scenario = create_scenario(organization=host, facts=stated, actor=editor)

    for rows in (Scenario.objects.all(), with_details(visible_to(editor))):
        read = rows.get(pk=scenario.pk)
        facts = stated_facts(read)
        assert {*facts.concepts} == {*stated.concepts}  # tags have no order of their own
        assert facts.model_copy(update={"concepts": stated.concepts}) == stated
        change_scenario(scenario=read, facts=facts, actor=editor)
    assert stated_facts(Scenario.objects.get()) == facts
    assert [each.identifier for each in stated_partners(scenario)] == partners


def test_stated_facts_of_a_bare_scenario_state_its_name_alone() -> None:
    assert stated_facts(make_scenario(name="甲")) == ScenarioFacts(name="甲")
