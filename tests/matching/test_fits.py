"""How a scenario and a capability suit each other when neither need stand in a list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from capabilities.facts import CapabilityFacts
from capabilities.models import Capability
from capabilities.services import change_capability, withdraw_capability
from common.models import database_now
from matching.explanations import Part
from matching.queries import Fit, capabilities_for, fits, scenarios_for
from matching.services import rank_all
from organizations.models import Organization
from organizations.services import suspend_organization
from scenarios.models import Scenario
from scenarios.services import close_scenario
from taxonomy.models import Scheme
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    ZHUHAI,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)

pytestmark = pytest.mark.django_db

ROBOTS, QUANTUM = "gd-2024-embodied-robots", "gd-2024-quantum"


def numbers(parts: list[Part]) -> list[tuple[str, int, int, bool, list[str]]]:
    return [
        (each.name, each.points, each.maximum, each.stated, [r.text for r in each.reasons])
        for each in parts
    ]


def test_a_listed_pair_has_the_numbers_of_its_list() -> None:
    scenario = make_scenario(
        name="港口巡检",
        problem="高温天气人工巡检",
        concepts=[ROBOTS, "gz-2025-unmanned-systems"],
        city=GUANGZHOU,
        readiness_min=5,
        budget_max_fen=1_000_000,
    )
    offered = [
        make_capability(
            make_organization(city=SHENZHEN if number % 2 else None),
            name=f"巡检机器人{number}",
            concepts=[ROBOTS, QUANTUM][: number % 3],
            readiness=number % 9 + 1,
            price_min_fen=number * 200_000,
        )
        for number in range(12)
    ]
    rank_all()
    listed = {each.record.pk: each for each in capabilities_for(scenario)}
    assert set(listed) == {each.pk for each in offered}

    found = fits(scenario, offered)

    assert set(found) == set(listed)
    for key, fit in found.items():
        assert fit.score == listed[key].score == sum(each.points for each in fit.parts)
        assert fit.parts == listed[key].parts
        assert fit.unmet == []
    for capability in offered:
        (back,) = [each for each in scenarios_for(capability) if each.record == scenario]
        assert (back.score, back.parts) == (found[capability.pk].score, found[capability.pk].parts)
    assert fits(scenario, offered[:1]) == {offered[0].pk: found[offered[0].pk]}


def test_what_left_the_lists_still_has_its_numbers() -> None:
    host, supplier = make_organization(), make_organization()
    scenario = make_scenario(host, name="巡检", concepts=[ROBOTS], city=GUANGZHOU)
    capability = make_capability(supplier, name="巡检", concepts=[ROBOTS])
    rank_all()
    (listed,) = capabilities_for(scenario)
    expected = {capability.pk: Fit(listed.score, listed.parts, [])}
    assert fits(scenario, [capability]) == expected

    withdraw_capability(capability=capability, actor=SYSTEM)
    assert fits(scenario, [capability]) == expected
    suspend_organization(organization=supplier, reason="核查", actor=SYSTEM)
    assert fits(scenario, [capability]) == expected
    Scenario.objects.filter(pk=scenario.pk).update(deadline=database_now() - timedelta(days=1))
    assert fits(scenario, [capability]) == expected
    close_scenario(scenario=scenario, actor=SYSTEM)
    suspend_organization(organization=host, reason="核查", actor=SYSTEM)
    assert fits(scenario, [capability]) == expected
    rank_all()

    # Statistics of words may be frozen anew without the two; the tag's points stay.
    (fit,) = fits(scenario, [capability]).values()
    assert numbers(fit.parts)[0] == numbers(listed.parts)[0]
    assert list(capabilities_for(scenario)) == []


def test_an_edit_counts_at_once() -> None:
    scenario = make_scenario(name="巡检", concepts=[ROBOTS])
    capability = make_capability(name="巡检", concepts=[ROBOTS])
    rank_all()
    (before,) = fits(scenario, [capability]).values()

    change_capability(
        capability=capability,
        facts=CapabilityFacts(name="巡检"),
        actor=make_member(capability.organization),
    )

    (after,) = fits(scenario, [capability]).values()
    assert (before.parts[0].points, after.parts[0].points) == (4000, 0)
    assert not after.parts[0].stated


def test_drafts_have_a_fit_too() -> None:
    scenario = make_scenario(published=False, name="巡检")
    capability = make_capability(published=False, name="巡检")
    rank_all()

    (fit,) = fits(scenario, [capability]).values()

    assert fit.score == sum(each.points for each in fit.parts) > 0


def test_strangers_that_share_nothing_have_a_fit_without_points_for_it() -> None:
    scenario = make_scenario(name="水泵", readiness_min=5)
    capability = make_capability(name="光伏", readiness=7)
    rank_all()

    assert list(capabilities_for(scenario)) == []
    (fit,) = fits(scenario, [capability]).values()
    assert {each.name: each.points for each in fit.parts if each.points} == {"readiness": 1000}
    assert (fit.score, fit.unmet) == (1000, [])


def unmet_of(asked: dict[str, Any], offered: dict[str, Any]) -> list[str]:
    scenario = make_scenario(name="巡检", **asked)
    capability = make_capability(name="巡检", **offered)
    rank_all()
    (fit,) = fits(scenario, [capability]).values()
    listed = [each.record for each in capabilities_for(scenario)]
    assert (capability in listed) is (fit.unmet == [])
    assert fit.score == sum(each.points for each in fit.parts) > 0
    return fit.unmet


def scheme() -> str:
    return Scheme.objects.get(code="gd-2024").short_title


def test_missing_must_have_tag_is_named_with_its_scheme() -> None:
    needs = [
        {"strength": "must", "text": "整机", "concept": ROBOTS},
        {"strength": "must", "text": "在南方话中听懂人"},
        {"strength": "wish", "text": "量子", "concept": QUANTUM},
    ]

    assert unmet_of({"needs": needs}, {"concepts": [QUANTUM]}) == [
        f"没有必须的标签“具身智能机器人”（{scheme()}）"
    ]
    assert unmet_of({"needs": needs}, {"concepts": [ROBOTS]}) == []


def test_too_low_a_readiness_is_said_with_both_levels() -> None:
    asked = {"readiness_min": 6, "readiness_is_must": True}

    assert unmet_of(asked, {"readiness": 5}) == ["成熟度必须不低于 TRL 6，能力：TRL 5"]
    assert unmet_of(asked, {}) == ["成熟度必须不低于 TRL 6，能力：未填写"]
    assert unmet_of(asked, {"readiness": 6}) == []
    assert unmet_of({"readiness_min": 6}, {"readiness": 1}) == []


def test_each_missing_qualification_is_named() -> None:
    asked = {"required_qualifications": ["特种设备许可", "计量认证"]}

    assert unmet_of(asked, {"qualifications": ["计量 认证"]}) == ["没有列出必备资质“特种设备许可”"]
    assert sorted(unmet_of(asked, {})) == [
        "没有列出必备资质“特种设备许可”",
        "没有列出必备资质“计量认证”",
    ]
    assert unmet_of({"required_qualifications": ["ISO 9001"]}, {}) == ["没有列出必备资质“ISO 9001”"]


def test_a_city_that_is_not_served_is_said() -> None:
    assert unmet_of({"city": GUANGZHOU}, {"cities_served": [SHENZHEN, ZHUHAI]}) == [
        "能力不服务场景所在城市"
    ]
    assert unmet_of({"city": ZHUHAI}, {"cities_served": [SHENZHEN, ZHUHAI]}) == []


def test_own_and_partners_capabilities_are_said_to_be_so() -> None:
    host, partner = make_organization(), make_organization()
    scenario = make_scenario(host, name="巡检", co_publishers=[partner.identifier])
    own = [make_capability(each, name="巡检") for each in (host, partner)]
    other = make_capability(name="巡检")
    rank_all()

    found = fits(scenario, [*own, other])

    assert [found[each.pk].unmet for each in own] == [["双方是同一组织或联合发布方"]] * 2
    assert found[other.pk].unmet == []
    assert [each.record for each in capabilities_for(scenario)] == [other]


def test_everything_that_is_missing_is_said() -> None:
    asked = {
        "city": GUANGZHOU,
        "readiness_min": 6,
        "readiness_is_must": True,
        "required_qualifications": ["特种设备许可"],
        "needs": [{"strength": "must", "text": "整机", "concept": ROBOTS}],
    }

    assert unmet_of(asked, {"cities_served": [SHENZHEN]}) == [
        f"没有必须的标签“具身智能机器人”（{scheme()}）",
        "成熟度必须不低于 TRL 6，能力：未填写",
        "没有列出必备资质“特种设备许可”",
        "能力不服务场景所在城市",
    ]


def test_before_the_first_run_nothing_is_said() -> None:
    scenario, capability = make_scenario(name="巡检"), make_capability(name="巡检")
    assert fits(scenario, [capability]) == {}

    rank_all()

    assert fits(scenario, []) == {}
    assert set(fits(scenario, [capability])) == {capability.pk}


def test_many_cost_as_much_as_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    needs = [{"strength": "must", "text": "整机", "concept": ROBOTS}]
    scenario = make_scenario(name="巡检", concepts=[ROBOTS], city=GUANGZHOU, needs=needs)
    supplier: Organization = make_organization()
    offered: list[Capability] = [make_capability(supplier, name="巡检", concepts=[ROBOTS])]
    rank_all()
    fits(scenario, offered)  # what is kept for the policy edition is read now
    with django_assert_num_queries(4):
        assert len(fits(scenario, offered)) == 1
    offered += [
        make_capability(supplier, name=f"巡检{number}", concepts=[[ROBOTS], [QUANTUM]][number % 2])
        for number in range(29)
    ]

    with django_assert_num_queries(4):
        assert len(fits(scenario, offered)) == 30
