"""What readers see of a ranking: parts that add up, reasons with their clauses, nothing hidden."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.paginator import Paginator
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from capabilities.services import withdraw_capability
from matching import lists
from matching.engine.profile import STANDARD
from matching.engine.ranking import KEY_BITS, KEY_MASK
from matching.explanations import Part
from matching.lists import pack_key, unpack
from matching.models import CurrentRun, MatchList, MatchRun, RunState, Side
from matching.queries import (
    MAXIMUM,
    Match,
    Progress,
    capabilities_for,
    capabilities_ranking,
    history_of_capability,
    history_of_scenario,
    present,
    progress,
    scenarios_for,
    scenarios_ranking,
)
from matching.services import (
    Changes,
    begin_run,
    finish_run,
    rank_all,
    rank_changed,
    rank_part,
)
from organizations.services import suspend_organization
from scenarios.facts import ScenarioFacts
from scenarios.services import change_scenario, close_scenario
from taxonomy.models import ConceptMapping, Scheme
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)

pytestmark = pytest.mark.django_db


def part(match: Match, name: str) -> Part:
    return next(each for each in match.parts if each.name == name)


def reasons(match: Match, name: str) -> list[str]:
    return [each.text for each in part(match, name).reasons]


def test_maximum_is_the_sum_of_the_profile() -> None:
    assert MAXIMUM == sum(STANDARD.maxima().values()) == 10_000


def test_parts_add_up_to_the_stored_scores_both_ways() -> None:
    scenario = make_scenario(
        name="港口巡检",
        problem="高温天气人工巡检",
        concepts=["gd-2024-embodied-robots", "gz-2025-unmanned-systems"],
        city=GUANGZHOU,
        readiness_min=5,
        budget_max_fen=1_000_000,
    )
    for number in range(12):
        make_capability(
            make_organization(city=SHENZHEN if number % 2 else None),
            name=f"巡检机器人{number}",
            concepts=["gd-2024-embodied-robots", "gd-2024-quantum"][: number % 3],
            readiness=number % 9 + 1,
            price_min_fen=number * 200_000,
        )
    rank_all()

    matches = capabilities_for(scenario)
    own = MatchList.objects.get(side=Side.SCENARIO, record_id=scenario.pk)
    stored = unpack(bytes(own.entries))

    assert len(matches) == 12
    assert [each.record.pk for each in matches] == stored.keys.tolist()
    assert [each.score for each in matches] == stored.scores.tolist()
    for match in matches:
        assert sum(each.points for each in match.parts) == match.score
        (back,) = [m for m in scenarios_for(match.record) if m.record == scenario]
        assert (back.score, back.parts) == (match.score, match.parts)


def test_reasons_say_tag_focus_with_clause_words_readiness_and_scale() -> None:
    scenario = make_scenario(
        name="港口机器人巡检",
        concepts=["gd-2024-unmanned-systems"],
        city=GUANGZHOU,
        readiness_min=6,
        readiness_max=8,
        budget_max_fen=100_000_000,
    )
    make_capability(
        make_organization(city=SHENZHEN),
        name="巡检机器人",
        concepts=["gz-2025-unmanned-systems"],
        readiness=7,
        price_min_fen=60_000_000,
        price_max_fen=120_000_000,
    )
    rank_all()

    (match,) = capabilities_for(scenario)

    scheme = {code: Scheme.objects.get(code=code).short_title for code in ("gz-2025", "gd-2024")}
    assert reasons(match, "tag") == [
        f"能力的“智能无人系统”（{scheme['gz-2025']}）与场景的“智能无人系统”（{scheme['gd-2024']}）相近："
        + ConceptMapping.objects.get(
            source__code="gd-2024-unmanned-systems", target__code="gz-2025-unmanned-systems"
        ).reason
    ]
    (focus,) = part(match, "host_focus").reasons
    assert focus.text.startswith("“智能无人系统”")
    assert "广州市的聚焦领域" in focus.text
    assert focus.text.endswith("，按与场景标签的接近程度计 85%")
    assert {clause.code for clause in focus.clauses} == {"gz-2025-3", "gd-2024-4-guangzhou"}
    assert reasons(match, "text") == ["共同的用词：机器人、巡检"]
    assert reasons(match, "readiness") == ["能力：TRL 7；场景要求：TRL 6 – TRL 8"]
    assert reasons(match, "scale") == ["报价：60 万元 – 120 万元；预算：不超过 100 万元"]


def test_missing_values_are_said_by_side() -> None:
    scenario = make_scenario(name="巡检", budget_max_fen=1)
    make_capability(name="巡检", readiness=3)
    rank_all()

    (match,) = capabilities_for(scenario)

    assert {each.name: each.stated for each in match.parts} == {
        "tag": False,
        "host_focus": False,
        "supplier_focus": False,
        "text": True,
        "readiness": False,
        "scale": False,
    }
    assert reasons(match, "tag") == ["场景未选产业标签", "能力未选产业标签"]
    assert reasons(match, "host_focus") == [
        "场景未填写城市",
        "场景未选产业标签",
        "能力未选产业标签",
    ]
    assert reasons(match, "supplier_focus")[0] == "供给方所在城市未填写或在省外"
    assert reasons(match, "readiness") == ["场景未填写成熟度要求"]
    assert reasons(match, "scale") == ["能力未填写价格"]
    assert [each.points for each in match.parts if not each.stated] == [0] * 5


def test_what_left_the_public_is_not_shown_even_before_the_next_ranking() -> None:
    scenario = make_scenario(name="巡检")
    supplier = make_organization()
    capability = make_capability(supplier, name="巡检")
    rank_all()
    assert len(capabilities_for(scenario)) == 1

    suspend_organization(organization=supplier, reason="核查", actor=SYSTEM)
    assert list(capabilities_for(scenario)) == []
    assert list(scenarios_for(capability)) == []


def test_closed_scenario_has_no_list_and_is_in_none() -> None:
    scenario = make_scenario(name="巡检")
    capability = make_capability(name="巡检")
    rank_all()

    close_scenario(scenario=scenario, actor=SYSTEM)

    assert list(capabilities_for(scenario)) == []
    assert list(scenarios_for(capability)) == []


def test_edited_record_is_explained_as_it_is_now() -> None:
    scenario = make_scenario(name="巡检")
    make_capability(name="巡检")
    rank_all()
    facts = ScenarioFacts(name="海水淡化")

    change_scenario(scenario=scenario, facts=facts, actor=make_member(scenario.organization))

    assert list(capabilities_for(scenario)) == []


def test_unranked_record_has_no_list() -> None:
    scenario = make_scenario(name="巡检")
    assert capabilities_for(scenario).ranked_at is None

    rank_all()

    draft = make_scenario(published=False)
    assert capabilities_for(scenario).ranked_at is not None
    assert capabilities_for(draft).ranked_at is None


def test_matches_are_paged_and_cost_the_same(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    scenario = make_scenario(name="巡检", concepts=["gd-2024-quantum"], city=SHENZHEN)
    make_capability(name="巡检", concepts=["gd-2024-quantum"])
    rank_all()
    list(capabilities_for(scenario))  # what is kept for the policy edition is read now
    with django_assert_num_queries(4):
        assert len(capabilities_for(scenario)[:50]) == 1

    for number in range(30):
        make_capability(name=f"巡检{number}", concepts=["gd-2024-quantum"])
    rank_all()
    capabilities_for(scenario)
    with django_assert_num_queries(4):
        assert len(capabilities_for(scenario)[:50]) == 31

    page = Paginator(capabilities_for(scenario), 10).page(4)
    assert len(page.object_list) == 1
    assert page.object_list[0].score == capabilities_for(scenario)[30].score


def test_a_match_says_whether_tags_tie_it() -> None:
    scenario = make_scenario(name="水泵巡检", concepts=["gd-2024-embodied-robots"])
    tied = make_capability(name="水泵", concepts=["gd-2024-embodied-robots"])
    make_capability(name="水泵", concepts=["gd-2024-quantum"])
    make_capability(name="水泵")
    rank_all()

    found = list(capabilities_for(scenario))

    assert [match.is_tied_by_tags for match in found] == [True, False, False]
    assert found[0].record == tied
    assert [match.is_tied_by_tags for match in scenarios_for(tied)] == [True]


def test_shared_words_leave_the_points_as_they_are() -> None:
    scenario = make_scenario(name="水泵，30 分钟", problem="我们的 AI 质检")
    make_capability(name="水泵 30 分钟", summary="ＡＩ质检，我们")
    rank_all()

    (match,) = capabilities_for(scenario)

    assert reasons(match, "text") == ["共同的用词：ＡＩ、水泵、质检"]
    assert sum(each.points for each in match.parts) == match.score


def test_points_without_a_word_to_name_say_so() -> None:
    scenario = make_scenario(name="水务巡检")
    make_capability(name="巡视机器人")
    rank_all()

    (match,) = capabilities_for(scenario)

    assert part(match, "text").points > 0
    assert reasons(match, "text") == ["用词零散相近，没有可以单独指出的词"]


def test_focus_says_its_level_and_whether_a_region_is_meant() -> None:
    scenario = make_scenario(name="港口减排", concepts=["gd-2024-ccus"], city="440500")
    make_capability(make_organization(city="441300"), name="减排", concepts=["gd-2024-ccus"])
    rank_all()

    (match,) = capabilities_for(scenario)

    assert reasons(match, "host_focus") == [
        "“碳捕集利用与封存”是汕头市的聚焦领域（细分产业，与所在片区一并表述）"
    ]
    assert reasons(match, "supplier_focus") == ["“碳捕集利用与封存”是惠州市的聚焦领域（细分产业）"]


def test_tag_of_a_lapsed_document_says_so() -> None:
    scenario = make_scenario(name="链上存证", concepts=["gd-145-blockchain"])
    make_capability(name="存证", concepts=["gd-145-blockchain"])
    rank_all()

    (match,) = capabilities_for(scenario)

    assert "规划期已满" in reasons(match, "tag")[0]


def entries(*listed: tuple[int, int]) -> bytes:
    """Packed (score, key), best first."""
    return b"".join(
        (score << KEY_BITS | (KEY_MASK - key)).to_bytes(8, "little") for score, key in listed
    )


def write_list(side: Side, record: int, packed: bytes) -> None:
    run = CurrentRun.objects.get().run
    MatchList.objects.filter(run=run, side=side, record_id=record).update(entries=packed)


def test_rankings_say_place_and_score_in_others_lists_best_place_first() -> None:
    scenario, other = make_scenario(name="巡检"), make_scenario(name="水泵巡检")
    robot, pump = make_capability(name="巡检"), make_capability(name="水泵巡检")
    rank_all()

    for capability in (robot, pump):
        own = [(each.record, each.score) for each in scenarios_for(capability)]
        assert len(own) == 2
        for place, (record, score) in enumerate(own, 1):
            (found,) = [each for each in capabilities_ranking(record) if each.record == capability]
            assert (found.place, found.score) == (place, score)
    for record in (scenario, other):
        places = [each.place for each in capabilities_ranking(record)]
        assert places == sorted(places)
    assert {each.record for each in scenarios_ranking(pump)} == {scenario, other}
    write_list(Side.SCENARIO, other.pk, entries((9000, robot.pk), (8000, pump.pk)))
    write_list(Side.SCENARIO, scenario.pk, entries((7000, pump.pk)))
    assert [(each.record, each.place, each.score) for each in scenarios_ranking(pump)] == [
        (scenario, 1, 7000),
        (other, 2, 8000),
    ]


def test_key_whose_bytes_stand_across_two_entries_is_not_found() -> None:
    scenario, capability = make_scenario(name="巡检"), make_capability(name="巡检")
    rank_all()
    sought = pack_key(scenario.pk)
    listed = b"\x00" + sought
    straddling = b"\x07" * 6 + listed + b"\x00" * (16 - 6 - len(listed))
    assert sought in straddling
    assert scenario.pk not in unpack(straddling).keys.tolist()

    write_list(Side.CAPABILITY, capability.pk, straddling)
    assert len(capabilities_ranking(scenario)) == 0

    write_list(Side.CAPABILITY, capability.pk, straddling + entries((5, scenario.pk)))
    assert [(each.place, each.score) for each in capabilities_ranking(scenario)] == [(3, 5)]


def test_rankings_leave_out_what_left_the_public() -> None:
    scenario, other = make_scenario(name="巡检"), make_scenario(name="巡检")
    supplier = make_organization()
    capability = make_capability(supplier, name="巡检")
    rank_all()
    assert len(scenarios_ranking(capability)) == 2
    assert len(capabilities_ranking(scenario)) == 1

    close_scenario(scenario=other, actor=SYSTEM)
    assert [each.record for each in scenarios_ranking(capability)] == [scenario]
    assert len(capabilities_ranking(other)) == 0

    suspend_organization(organization=supplier, reason="核查", actor=SYSTEM)
    assert len(capabilities_ranking(scenario)) == 0
    assert len(scenarios_ranking(capability)) == 0


def test_rankings_are_of_the_present_generation() -> None:
    scenario = make_scenario(name="巡检")
    make_capability(name="巡检")
    assert len(capabilities_ranking(scenario)) == 0

    rank_all()
    rank_all(force=True)

    assert MatchList.objects.filter(side=Side.CAPABILITY).count() == 2
    assert len(capabilities_ranking(scenario)) == 1


def test_rankings_are_read_by_slice() -> None:
    scenario = make_scenario(name="巡检")
    for _ in range(5):
        make_capability(name="巡检")
    rank_all()

    found = capabilities_ranking(scenario)

    assert len(found) == 5
    assert [each.record.pk for each in found[1:3]] == [each.record.pk for each in list(found)[1:3]]
    assert found[4].record == found[4:][0].record


def test_history_tells_of_each_change_once_the_latest_first() -> None:
    scenario = make_scenario(name="巡检")
    old, stays = make_capability(name="巡检"), make_capability(name="巡检")
    rank_all()
    rank_all(force=True)
    (first,) = history_of_scenario(scenario)
    assert (first.generation, first.records, first.is_first) == (1, [old, stays], True)
    assert (first.came, first.gone) == (frozenset(), 0)

    withdraw_capability(capability=old, actor=SYSTEM)
    new = make_capability(name="巡检")
    rank_changed(Changes(capabilities=frozenset({old.pk, new.pk})))
    rank_all(force=True)

    latest, earliest = history_of_scenario(scenario)
    assert (latest.generation, latest.records) == (3, [stays, new])
    assert (latest.came, latest.gone, latest.is_first) == (frozenset({new.pk}), 1, False)
    assert (earliest.generation, earliest.records) == (1, [stays])  # the other is not public
    assert [each.records for each in history_of_capability(new)] == [[scenario]]
    assert history_of_capability(make_capability()) == []


def test_history_tells_of_an_own_edit_at_once() -> None:
    host = make_organization()
    scenario = make_scenario(host, name="巡检")
    robot, membrane = make_capability(name="巡检"), make_capability(name="海水淡化")
    rank_all()

    facts = ScenarioFacts(name="海水淡化")
    change_scenario(scenario=scenario, facts=facts, actor=make_member(host))
    rank_changed(Changes(scenarios=frozenset({scenario.pk})))

    assert [each.records for each in history_of_scenario(scenario)] == [[membrane], [robot]]


def test_history_keeps_the_last_state_and_forgets_what_is_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lists, "HISTORY_GENERATIONS", 1)
    scenario, quiet = make_scenario(name="巡检"), make_scenario(name="海水淡化")
    old = make_capability(name="巡检")
    membrane = make_capability(name="海水淡化")
    rank_all()
    new = make_capability(name="巡检")
    rank_all()
    rank_all(force=True)

    assert [each.records for each in history_of_scenario(scenario)] == [[old, new]]
    assert [each.records for each in history_of_scenario(quiet)] == [[membrane]]


def test_progress_is_that_of_the_run_under_way() -> None:
    make_scenario(name="巡检")
    make_capability(name="巡检")
    assert (progress(), present()) == (None, None)

    run = begin_run(parts=1)
    assert run is not None
    assert progress() == Progress(1, RunState.RANKING, 0.0)
    rank_part(run, 0)
    assert progress() == Progress(1, RunState.RANKING, 1.0)
    assert present() is None
    finish_run(run)

    assert progress() is None
    shown = present()
    assert shown is not None
    assert (shown.generation, shown.scenario_count, shown.capability_count) == (1, 1, 1)


def test_run_that_nobody_works_on_any_more_is_not_under_way() -> None:
    begin_run(parts=1)
    moved = timezone.now() - timedelta(minutes=14)
    MatchRun.objects.update(seen_at=moved)
    assert progress() is not None

    MatchRun.objects.update(seen_at=moved - timedelta(minutes=2))

    assert progress() is None


def test_present_tells_when_it_was_last_found_to_be_up_to_date() -> None:
    make_scenario(name="巡检")
    rank_all()
    MatchRun.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    before = present()

    assert rank_all() is None

    after = present()
    assert before is not None
    assert after is not None
    assert (after.generation, after.finished_at) == (before.generation, before.finished_at)
    assert after.seen_at > before.seen_at
