"""Generations, single rankings and who wins when two write."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from capabilities.facts import CapabilityFacts
from capabilities.models import Capability
from capabilities.services import (
    change_capability,
    publish_capability,
    withdraw_capability,
)
from common.errors import Conflict
from matching import lists, services, tasks, worker
from matching.engine.profile import DEFINITION, STANDARD
from matching.engine.ranking import entries, rank
from matching.engine.scoring import Scorer
from matching.engine.text import TextModel
from matching.lists import unpack
from matching.models import CurrentRun, MatchList, MatchRun, RunState, Side
from matching.pipeline import Snapshot
from matching.services import Changes, Outdated, finish_run, rank_all, rank_changed, stale, sweep
from organizations.models import Organization
from organizations.services import restore_organization, suspend_organization
from outbox.models import Delivery
from outbox.services import publish
from scenarios.facts import ScenarioFacts
from scenarios.models import Scenario
from scenarios.services import change_scenario, close_scenario
from tests.records import (
    SYSTEM,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
    new_edition,
)

pytestmark = pytest.mark.django_db

Lists = dict[tuple[str, int], list[tuple[int, int]]]


def stored(run: MatchRun | None = None) -> Lists:
    """Every list of the present generation: (key, score), best first."""
    run = run or CurrentRun.objects.get().run
    lists = {}
    for row in run.lists.all():
        own = unpack(bytes(row.entries))
        pairs = zip(own.keys.tolist(), own.scores.tolist(), strict=True)
        lists[row.side, row.record_id] = list(pairs)
    return lists


def from_scratch(run: MatchRun) -> Lists:
    """What a full run with the statistics of ``run`` would store now."""
    snapshot = Snapshot.read()
    model = TextModel.unpack(bytes(run.statistics))
    scorer = Scorer(snapshot.capabilities.records, snapshot.domain.tables, model, STANDARD)
    ranking = rank(snapshot.scenarios.records, scorer)
    return {
        (side, key): list(zip(own.keys.tolist(), own.scores.tolist(), strict=True))
        for side, lists in (
            (Side.SCENARIO, ranking.of_scenarios),
            (Side.CAPABILITY, ranking.of_capabilities),
        )
        for key, own in lists.items()
    }


def test_full_run_stores_both_directions() -> None:
    scenario = make_scenario(name="机场行李搬运", concepts=["gd-2024-embodied-robots"])
    robot = make_capability(name="行李搬运机器人", concepts=["gd-2024-embodied-robots"])
    membrane = make_capability(name="海水淡化膜")

    run = rank_all()

    assert run is not None
    lists = stored()
    assert [key for key, _ in lists[Side.SCENARIO, scenario.pk]] == [robot.pk]
    assert [key for key, _ in lists[Side.CAPABILITY, robot.pk]] == [scenario.pk]
    assert lists[Side.CAPABILITY, membrane.pk] == []
    assert (run.scenario_count, run.capability_count) == (1, 2)
    assert lists == from_scratch(run)


def test_full_run_lets_postgresql_count_the_lists() -> None:
    for _ in range(4):
        make_scenario()
    rank_all()

    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'matching_matchlist'")
        assert cursor.fetchone() == (4,)


def test_generations_count_on_and_only_two_keep_their_lists() -> None:
    make_scenario(name="甲地巡检")
    make_capability(name="巡检")

    runs = [rank_all(force=True) for _ in range(4)]

    assert [run.generation for run in runs if run] == [1, 2, 3, 4]
    assert CurrentRun.objects.get().run == runs[3]
    kept = set(MatchList.objects.values_list("run__generation", flat=True))
    assert kept == {3, 4}
    with_statistics = [run.generation for run in MatchRun.objects.all() if bytes(run.statistics)]
    assert sorted(with_statistics) == [3, 4]


def test_nothing_new_is_not_ranked_again() -> None:
    make_scenario()

    assert rank_all() is not None
    assert rank_all() is None
    assert MatchRun.objects.count() == 1


def test_ranking_of_nothing_is_a_generation_too() -> None:
    run = rank_all()

    assert run is not None
    assert stored() == {}


def test_run_that_was_overtaken_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_scenario()
    first = rank_all()
    reading = Snapshot.read

    def overtaken() -> Snapshot:
        snapshot = reading()
        other = MatchRun.objects.create(
            generation=99,
            definition=DEFINITION,
            profile="other",
            input_digest="",
            statistics=first.statistics if first else b"",
            scenario_count=0,
            capability_count=0,
        )
        CurrentRun.objects.update(run=other)
        return snapshot

    monkeypatch.setattr(Snapshot, "read", overtaken)

    with pytest.raises(Conflict, match="先完成"):
        rank_all(force=True)

    assert CurrentRun.objects.get().run.generation == 99
    late = MatchRun.objects.get(generation=2)
    assert (late.state, late.lists.count()) == (RunState.ABANDONED, 0)
    assert not worker.folder_of(late).exists()


def test_change_during_a_full_run_is_in_the_new_generation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = make_scenario(name="甲地巡检")
    capability = make_capability(name="巡检")
    editor = make_member(scenario.organization)
    ranked = worker.rank_part

    def rank_slowly(*arguments: Any, **options: Any) -> Any:
        ranking = ranked(*arguments, **options)
        monkeypatch.setattr(worker, "rank_part", ranked)
        change_scenario(scenario=scenario, facts=ScenarioFacts(name="海水淡化"), actor=editor)
        return ranking

    monkeypatch.setattr(worker, "rank_part", rank_slowly)

    run = rank_all()

    assert run is not None
    assert stored() == {(Side.SCENARIO, scenario.pk): [], (Side.CAPABILITY, capability.pk): []}
    assert len(stale(run)) == 0


def begun() -> MatchRun:
    """Read and ranked, so that only its last step is to come."""
    run = services.begin_run(parts=1, force=True)
    assert run is not None
    services.rank_part(run, 0)
    return run


def no_room(patch: pytest.MonkeyPatch) -> MatchRun:
    patch.setattr(services, "ROOM", 1)
    patch.setattr(services, "ROOM_PERCENT", 0)
    run = begun()
    for _ in range(3):
        make_capability(name="巡检机器人")
    return run


def other_facts(patch: pytest.MonkeyPatch) -> MatchRun:
    run = begun()
    new_edition()
    make_capability(name="巡检机器人")
    return run


def no_snapshot(patch: pytest.MonkeyPatch) -> MatchRun:
    run = begun()
    shutil.rmtree(worker.folder_of(run))
    return run


@pytest.mark.parametrize("outdated", [no_room, other_facts, no_snapshot])
def test_run_that_cannot_be_finished_gives_way_to_another(
    outdated: Callable[[pytest.MonkeyPatch], MatchRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be taken up again and again, and none would begin beside it."""
    make_scenario(name="巡检")
    make_capability(name="巡检")
    before = rank_all()
    run = outdated(monkeypatch)
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.rank_all, "delay", lambda **options: asked.append(options))

    with pytest.raises(Outdated):
        finish_run(run)
    tasks.finish(run.pk)

    run.refresh_from_db()
    assert (run.state, asked) == (RunState.ABANDONED, [{"force": True}])
    assert CurrentRun.objects.get().run == before
    tasks.finish(run.pk)  # sent twice
    assert len(asked) == 1
    monkeypatch.undo()
    assert stored(rank_all(force=True)) == stored()


def test_part_without_its_snapshot_is_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    make_scenario(name="巡检")
    make_capability(name="巡检")
    run = services.begin_run(parts=1)
    assert run is not None
    shutil.rmtree(worker.folder_of(run))
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.rank_all, "delay", lambda **options: asked.append(options))

    tasks.rank_part(run.pk, 0)

    run.refresh_from_db()
    assert (run.state, asked) == (RunState.ABANDONED, [{"force": True}])


def test_single_ranking_by_other_facts_than_the_generation_is_a_full_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An edition that comes between the first look at the rules and the lock."""
    scenario = make_scenario(name="巡检")
    make_capability(name="巡检")
    rank_all()
    new_edition()
    monkeypatch.setattr(services, "_is_of_other_rules", lambda: False)
    take_up_something_else(scenario)

    rank_changed(Changes(scenarios=frozenset({scenario.pk})))

    run = CurrentRun.objects.get().run
    assert run.generation == 2
    assert stored(run) == from_scratch(run)


def unranked() -> set[str]:
    """Keys of records whose news is still to be delivered to the matcher."""
    waiting = Delivery.objects.filter(state="pending", consumer__startswith="matching.")
    return set(waiting.values_list("key", flat=True))


def test_full_run_answers_the_news_of_what_it_has_read(monkeypatch: pytest.MonkeyPatch) -> None:
    early = make_scenario(name="甲地巡检")
    late = make_scenario(name="乙地巡检")
    others = publish(topic="support.ticket.close", key="support.ticket:1")
    Delivery.objects.filter(key=f"scenarios.scenario:{late.pk}").delete()
    editor = make_member(late.organization)
    ranked = worker.rank_part

    def rank_slowly(*arguments: Any, **options: Any) -> Any:
        change_scenario(scenario=late, facts=ScenarioFacts(name="丙地巡检"), actor=editor)
        return ranked(*arguments, **options)

    monkeypatch.setattr(worker, "rank_part", rank_slowly)
    assert f"scenarios.scenario:{early.pk}" in unranked()

    rank_all()

    # What was said while the run was reading is delivered by itself.
    assert unranked() == {f"scenarios.scenario:{late.pk}"}
    assert others.deliveries.get().state == "pending"


def test_run_that_finds_nothing_new_answers_no_news() -> None:
    make_scenario(name="甲地巡检")
    rank_all()
    draft = make_scenario(name="草稿", published=False)
    publish(topic="scenarios.scenario.change", key=f"scenarios.scenario:{draft.pk}")

    assert rank_all() is None
    assert f"scenarios.scenario:{draft.pk}" in unranked()


def test_change_after_the_reading_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = make_scenario(name="甲")
    editor = make_member(scenario.organization)
    Delivery.objects.update(state="done")
    read, once = Snapshot.read, [True]

    def read_and_be_overtaken() -> Snapshot:
        snapshot = read()
        if once:
            once.clear()
            change_scenario(scenario=scenario, facts=ScenarioFacts(name="乙"), actor=editor)
        return snapshot

    monkeypatch.setattr(Snapshot, "read", read_and_be_overtaken)

    rank_all()

    assert unranked() == {f"scenarios.scenario:{scenario.pk}"}


@pytest.mark.parametrize("first", ["capabilities", "organizations"])
def test_neighbours_edit_takes_in_what_an_organization_brought(first: str) -> None:
    """Whichever is delivered first: the edit writes the scenario's list, the sweep finds it so."""
    scenario = make_scenario(name="甲", concepts=TAGS[:1])
    edited = make_capability(name="乙", concepts=TAGS[:1])
    make_capability(name="丙", concepts=TAGS[:1])
    suspend_organization(organization=scenario.organization, reason="核查", actor=SYSTEM)
    run = rank_all()
    assert run is not None

    restore_organization(organization=scenario.organization, reason="已查清", actor=SYSTEM)
    change_capability(
        capability=edited,
        facts=CapabilityFacts(name="乙改", concepts=TAGS[:1]),
        actor=make_member(edited.organization),
    )
    told = Changes(capabilities=frozenset({edited.pk}))
    for step in (rank_changed, sweep) if first == "capabilities" else (sweep, rank_changed):
        step(told) if step is rank_changed else step()

    assert stored() == from_scratch(run)


def test_there_and_back_is_ranked_though_an_edition_says_nothing_is_new() -> None:
    scenario = make_scenario(name="甲", concepts=TAGS[:1])
    near = make_capability(name="乙", concepts=TAGS[:1])
    far = make_capability(name="丙", concepts=TAGS[1:2])
    run = rank_all()
    assert run is not None

    for capability, facts in (
        (near, {"name": "量子", "concepts": TAGS[1:2]}),
        (far, {"name": "甲", "concepts": TAGS[:1]}),
    ):
        change_scenario(
            scenario=scenario,
            facts=ScenarioFacts(**facts),
            actor=make_member(scenario.organization),
        )
        change_capability(
            capability=capability,
            facts=CapabilityFacts(
                name=capability.name, concepts=[each.code for each in capability.concepts.all()]
            ),
            actor=make_member(capability.organization),
        )
        rank_changed(Changes(capabilities=frozenset({capability.pk})))
    new_edition()
    rank_changed(Changes(scenarios=frozenset({scenario.pk})))

    assert stored() == from_scratch(run)


def take_up_something_else(scenario: Scenario) -> None:
    facts = ScenarioFacts(name="量子", concepts=TAGS[1:2])
    change_scenario(scenario=scenario, facts=facts, actor=make_member(scenario.organization))


def test_each_of_two_edits_before_any_ranking_counts() -> None:
    """The ranking of the first writes the other's own list anew, and yet not all that it is in."""
    scenario = make_scenario(name="甲", concepts=TAGS[:1])
    capability = make_capability(name="乙", concepts=TAGS[:1])
    make_capability(name="丙", concepts=TAGS[:1])
    run = rank_all()
    assert run is not None

    take_up_something_else(scenario)
    change_capability(
        capability=capability,
        facts=CapabilityFacts(name="乙改", concepts=TAGS[:1]),
        actor=make_member(capability.organization),
    )
    rank_changed(Changes(capabilities=frozenset({capability.pk})))
    rank_changed(Changes(scenarios=frozenset({scenario.pk})))

    assert stored() == from_scratch(run)


def test_edit_counts_whatever_the_clock_says() -> None:
    """THREATS F12: an organization was verified by a process ten minutes ahead."""
    make_capability(name="乙", concepts=TAGS[:1])
    scenario = make_scenario(name="甲", concepts=TAGS[:1])
    ahead = timezone.now() + timedelta(minutes=10)
    Organization.objects.filter(pk=scenario.organization_id).update(updated_at=ahead)
    run = rank_all()
    assert run is not None

    take_up_something_else(scenario)
    rank_changed(Changes(scenarios=frozenset({scenario.pk})))

    assert stored() == from_scratch(run)


TAGS = [
    "gd-2024-embodied-robots",
    "gd-2024-quantum-computing",
    "gd-2024-quantum",
    "gz-2025-embodied-intelligence",
    "sz-2022-quantum-computing",
]
WORDS = ["巡检", "机器人", "量子", "海水", "港口", "传感", "电池", "诊断", "搬运", "遥感"]
CITIES = ["440100", "440300", "440600", None]


class Changer:
    """Random inserts, edits and departures, each through the verb that people use."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.hosts = [make_organization(city=city) for city in CITIES]
        self.suppliers = [make_organization(city=city) for city in CITIES]
        self.editors = {each.pk: make_member(each) for each in (*self.hosts, *self.suppliers)}
        self.scenarios: list[Scenario] = []
        self.capabilities: list[Capability] = []

    def words(self) -> str:
        return "".join(self.random.choices(WORDS, k=3))

    def scenario_facts(self) -> dict[str, Any]:
        return {
            "name": self.words(),
            "concepts": self.random.sample(TAGS, self.random.randint(0, 2)),
            "city": self.random.choice(CITIES),
            "readiness_min": self.random.choice([None, 4, 7]),
            "budget_max_fen": self.random.choice([None, 100, 10_000]),
        }

    def capability_facts(self) -> dict[str, Any]:
        return {
            "name": self.words(),
            "concepts": self.random.sample(TAGS, self.random.randint(0, 2)),
            "readiness": self.random.choice([None, 3, 6, 9]),
            "price_min_fen": self.random.choice([None, 150, 9_000]),
            "cities_served": self.random.choice([[], [], ["440100"]]),
        }

    def add_scenario(self) -> Changes:
        host = self.random.choice(self.hosts)
        self.scenarios.append(make_scenario(host, **self.scenario_facts()))
        return Changes(scenarios=frozenset({self.scenarios[-1].pk}))

    def add_capability(self) -> Changes:
        supplier = self.random.choice(self.suppliers)
        self.capabilities.append(make_capability(supplier, **self.capability_facts()))
        return Changes(capabilities=frozenset({self.capabilities[-1].pk}))

    def edit_scenario(self) -> Changes:
        scenario = self.random.choice(self.scenarios)
        facts = ScenarioFacts(**self.scenario_facts())
        editor = self.editors[scenario.organization_id]
        change_scenario(scenario=scenario, facts=facts, actor=editor)
        return Changes(scenarios=frozenset({scenario.pk}))

    def edit_capability(self) -> Changes:
        capability = self.random.choice(self.capabilities)
        facts = CapabilityFacts(**self.capability_facts())
        editor = self.editors[capability.organization_id]
        change_capability(capability=capability, facts=facts, actor=editor)
        return Changes(capabilities=frozenset({capability.pk}))

    def remove_scenario(self) -> Changes:
        scenario = self.scenarios.pop(self.random.randrange(len(self.scenarios)))
        close_scenario(scenario=scenario, actor=SYSTEM)
        return Changes(scenarios=frozenset({scenario.pk}))

    def remove_capability(self) -> Changes:
        capability = self.capabilities.pop(self.random.randrange(len(self.capabilities)))
        withdraw_capability(capability=capability, actor=SYSTEM)
        return Changes(capabilities=frozenset({capability.pk}))


@pytest.mark.parametrize("seed", [1, 2])
def test_single_rankings_equal_a_full_run(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of three, so that records drop out of lists and others move up all the time."""
    monkeypatch.setattr(lists, "TOP", 3)
    monkeypatch.setattr("matching.engine.book.TOP", 3)
    monkeypatch.setattr(services, "DRIFT_PERCENT", 10**6)  # one generation all along
    changer = Changer(seed)
    for _ in range(10):
        changer.add_scenario()
        changer.add_capability()
    run = rank_all()
    assert run is not None

    for step in range(30):
        verb = changer.random.choice(
            [
                changer.add_scenario,
                changer.add_capability,
                changer.edit_scenario,
                changer.edit_capability,
                changer.remove_scenario,
                changer.remove_capability,
            ]
        )
        rank_changed(verb())

        expected = {place: own[:3] for place, own in brute_force(run).items()}
        assert stored() == expected, f"step {step}: {verb.__name__}"


def brute_force(run: MatchRun) -> Lists:
    """Every list in full, by sorting every pair."""
    snapshot = Snapshot.read()
    model = TextModel.unpack(bytes(run.statistics))
    scorer = Scorer(snapshot.capabilities.records, snapshot.domain.tables, model, STANDARD)
    table = {each.key: scorer.score(each).counted for each in snapshot.scenarios.records}
    keys = scorer.keys.tolist()
    lists: Lists = {}
    for scenario, scores in table.items():
        pairs = [(key, int(score)) for key, score in zip(keys, scores, strict=True) if score]
        lists[Side.SCENARIO, scenario] = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
    for place, key in enumerate(keys):
        pairs = [(scenario, int(scores[place])) for scenario, scores in table.items()]
        kept = [pair for pair in pairs if pair[1]]
        lists[Side.CAPABILITY, key] = sorted(kept, key=lambda pair: (-pair[1], pair[0]))
    return lists


def test_draft_and_stranger_change_nothing() -> None:
    make_scenario(name="巡检")
    run = rank_all()
    before = stored(run)

    rank_changed(Changes(scenarios=frozenset({make_scenario(published=False).pk, 10**9})))

    assert stored(run) == before


def test_sweep_finds_what_no_message_told_of() -> None:
    soon = timezone.now() + timedelta(days=1)
    expiring = make_scenario(name="甲地巡检", deadline=soon)
    supplier = make_organization()
    capability = make_capability(supplier, name="巡检")
    rank_all()
    assert sweep() == 0

    Scenario.objects.filter(pk=expiring.pk).update(deadline=timezone.now())
    added = make_scenario(name="乙地巡检")

    assert sweep() == 2
    assert [key for key, _ in stored()[Side.CAPABILITY, capability.pk]] == [added.pk]
    assert (Side.SCENARIO, expiring.pk) not in stored()
    assert sweep() == 0


def test_what_is_stale_is_found_and_nothing_else() -> None:
    soon = timezone.now() + timedelta(days=1)
    edited, closed, expired, calm = (make_scenario(name="巡检", deadline=soon) for _ in range(4))
    supplier = make_organization()
    hidden = make_capability(supplier, name="巡检")
    touched, withdrawn, *_ = (make_capability(name="巡检") for _ in range(9))
    run = rank_all()
    assert run is not None
    other = rank_all(force=True)
    assert other is not None
    assert stale(run) == stale(other) == Changes()

    now = timezone.now()
    Scenario.objects.filter(pk=edited.pk).update(updated_at=now)
    close_scenario(scenario=closed, actor=SYSTEM)
    Scenario.objects.filter(pk=expired.pk).update(deadline=now)
    new = make_scenario(calm.organization, name="乙地巡检")
    make_scenario(published=False)
    suspend_organization(organization=supplier, reason="核查", actor=SYSTEM)
    Organization.objects.filter(pk=touched.organization_id).update(updated_at=now)
    withdraw_capability(capability=withdrawn, actor=SYSTEM)
    offered = make_capability(name="海水淡化")

    expected = Changes(
        frozenset(each.pk for each in (edited, closed, expired, new)),
        frozenset(each.pk for each in (hidden, touched, withdrawn, offered)),
    )
    assert stale(run) == stale(other) == expected
    rank_changed(expected)
    assert (len(stale(run)), len(stale(other))) == (8, 0)


def test_single_ranking_takes_as_many_queries_with_one_list_as_with_thirty() -> None:
    for _ in range(30):
        make_capability(name="巡检")
    scenario, stranger = make_scenario(name="巡检"), make_scenario(name="淡化")
    rank_all()
    counts = []
    for each in (stranger, scenario):
        rank_changed(Changes(scenarios=frozenset({each.pk})))
        Scenario.objects.filter(pk=each.pk).update(name=f"{each.name}膜")
        with CaptureQueriesContext(connection) as queries:
            rank_changed(Changes(scenarios=frozenset({each.pk})))
        counts.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            sweep()
        counts.append(len(queries))

    assert counts[:2] == counts[2:]


def test_suspended_organization_leaves_all_lists_and_comes_back() -> None:
    scenario = make_scenario(name="甲地巡检")
    supplier = make_organization()
    capability = make_capability(supplier, name="巡检")
    rank_all()
    before = stored()

    suspend_organization(organization=supplier, reason="核查", actor=SYSTEM)
    sweep()
    assert stored() == {(Side.SCENARIO, scenario.pk): []}

    restore_organization(organization=supplier, reason="已查清", actor=SYSTEM)
    sweep()
    assert stored() == before
    assert (Side.CAPABILITY, capability.pk) in before


def test_many_changes_become_a_full_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "FEW_CHANGES", 2)
    rank_all()
    for number in range(3):
        make_capability(name=f"巡检{number}")

    assert sweep() == 3
    assert CurrentRun.objects.get().run.generation == 2


def test_statistics_are_frozen_again_when_the_texts_have_outgrown_them() -> None:
    """Else the texts of all imports after an empty first start would count by no statistics."""
    rank_all()
    scenario = make_scenario(name="甲地巡检")
    for count in range(1, 8):
        capability = make_capability(name=f"巡检{count}")
        rank_changed(Changes(capabilities=frozenset({capability.pk})))

    # 0 → 1, 2, 3, 4, 5; the sixth is a fifth more, the seventh two fifths.
    run = CurrentRun.objects.get().run
    assert (run.generation, run.capability_count) == (7, 7)
    assert stored() == from_scratch(run)
    assert len(stored()[Side.SCENARIO, scenario.pk]) == 7


@pytest.mark.parametrize(
    "older", [{"definition": 0}, {"profile": "standard-0"}, {"policy_digest": "older"}]
)
def test_generation_by_other_rules_is_replaced_by_the_next_sweep(older: dict[str, Any]) -> None:
    make_scenario(name="甲地巡检")
    make_capability(name="巡检")
    rank_all()
    MatchRun.objects.update(input_digest="older", **older)

    assert sweep() == 2

    assert CurrentRun.objects.get().run.generation == 2
    assert sweep() == 0


def test_edition_that_means_the_same_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading policy data that changes no table makes a new digest, and no new generation."""
    make_scenario(name="甲地巡检")
    capability = make_capability(name="巡检")
    run = rank_all()
    assert run is not None
    present = run.policy_digest
    MatchRun.objects.update(policy_digest="the edition before")
    read = []
    reading = Snapshot.read

    def counted() -> Snapshot:
        read.append(1)
        return reading()

    monkeypatch.setattr(Snapshot, "read", counted)

    assert [sweep() for _ in range(3)] == [0, 0, 0]
    assert len(read) == 1
    run.refresh_from_db()
    assert (run.policy_digest, run.generation) == (present, 1)
    assert len(present) == 64

    # A change beside the new edition still makes a generation, by the digest of the records.
    MatchRun.objects.update(policy_digest="the edition before")
    Capability.objects.filter(pk=capability.pk).update(name="海水淡化")
    assert sweep() == 2
    assert CurrentRun.objects.get().run.generation == 2


def test_first_change_ranks_everything() -> None:
    scenario = make_scenario(name="甲地巡检")
    capability = make_capability(name="巡检")

    rank_changed(Changes(scenarios=frozenset({scenario.pk})))

    assert [key for key, _ in stored()[Side.CAPABILITY, capability.pk]] == [scenario.pk]


def test_withdrawn_and_published_again_is_ranked_as_before() -> None:
    supplier = make_organization()
    editor = make_member(supplier)
    capability = make_capability(supplier, name="巡检")
    make_scenario(name="甲地巡检")
    rank_all()
    before = stored()
    changes = Changes(capabilities=frozenset({capability.pk}))

    withdraw_capability(capability=capability, actor=editor)
    rank_changed(changes)
    assert (Side.CAPABILITY, capability.pk) not in stored()
    publish_capability(capability=capability, actor=editor)
    rank_changed(changes)

    assert stored() == before


def test_own_capabilities_are_never_offered_back() -> None:
    both = make_organization()
    partner = make_organization()
    make_capability(both, name="巡检")
    make_capability(partner, name="巡检")
    other = make_capability(name="巡检")
    scenario = make_scenario(both, name="巡检", co_publishers=[partner.identifier])

    rank_all()

    assert [key for key, _ in stored()[Side.SCENARIO, scenario.pk]] == [other.pk]
    assert Organization.objects.count() == 3


def test_lists_packed_at_once_are_as_packed_one_by_one() -> None:
    listed = np.array([[9, 8, 7], [9, 0, 0], [0, 0, 0]], np.int64)
    every = {key: np.pad(own, (0, 61)) for key, own in enumerate(listed)}
    every[3] = np.arange(64, 0, -1)

    assert lists.pack_all(every) == [lists.pack(own) for own in every.values()]


def test_only_lists_that_changed_are_written() -> None:
    make_scenario(name="巡检")
    for _ in range(3):
        make_capability(name="巡检")
    run = rank_all()
    assert run is not None
    written = {each.record_id: each for each in run.lists.filter(side=Side.CAPABILITY)}
    (one, *_) = written
    other = np.array([7 << 40, 0], np.int64)
    MatchList.objects.update(ranked_at=timezone.now() - timedelta(days=1))
    long_ago = MatchList.objects.values_list("ranked_at", flat=True)[0]

    same = {key: np.frombuffer(bytes(each.entries), "<i8") for key, each in written.items()}
    lists.write_changed(run, Side.CAPABILITY, {**same, one: other[:1]})

    now = {each.record_id: each for each in run.lists.filter(side=Side.CAPABILITY)}
    assert bytes(now[one].entries) == lists.pack(other)
    assert now[one].version == written[one].version
    assert {key for key, each in now.items() if each.ranked_at > long_ago} == {one}


def test_lists_have_room_on_their_pages_and_no_index_that_a_change_would_write() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'matching_matchlist'")
        assert cursor.fetchone() == (["fillfactor=50"],)
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'matching_matchlist'")
        defined = [index.partition("(")[2].rstrip(")") for (index,) in cursor]
    assert sorted(defined) == ["id", "run_id, side, record_id"]


def test_packed_list_comes_back_as_it_was() -> None:
    listed = entries(np.array([10_000, 1, 0]), np.array([2**39, 7, 0]))

    back = unpack(lists.pack(listed))

    assert (back.keys.tolist(), back.scores.tolist()) == ([2**39, 7], [10_000, 1])
