"""Whose lists a record stands in, how its own list changed, and how far a full ranking is."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from capabilities.models import Capability
from capabilities.services import withdraw_capability
from matching.models import MatchPart, MatchRun, RunState
from matching.queries import scenarios_for
from matching.services import Changes, rank_all, rank_changed
from scenarios.models import Scenario
from scenarios.services import close_scenario
from tests.records import (
    GUANGZHOU,
    SYSTEM,
    make_administrator,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
    user_of,
)
from web.explained import hundredths
from web.lists import PER_PAGE

pytestmark = pytest.mark.django_db

ROBOTS = "gd-2024-embodied-robots"
SECRET = "不可外传"


def address(record: Scenario | Capability) -> str:
    return f"{record.get_absolute_url()}ranked-by/"


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def make_ranked(count: int) -> tuple[Scenario, Capability]:
    """A scenario and a capability that stand in ``count`` lists each, and were ranked twice."""
    facts: dict[str, Any] = {"name": "行李搬运", "concepts": [ROBOTS]}
    host, supplier = make_organization(city=GUANGZHOU), make_organization(is_demonstration=True)
    scenarios = [make_scenario(host, **facts) for _ in range(count)]
    capabilities = [make_capability(supplier, **facts) for _ in range(count)]
    rank_all()
    return scenarios[0], capabilities[0]


def test_page_shows_places_points_and_counterparts(client: Client) -> None:
    scenario = make_scenario(name="行李搬运", concepts=[ROBOTS])
    make_scenario(name="行李搬运机器人", concepts=[ROBOTS])
    supplier = make_organization("云栈公司", is_demonstration=True)
    capability = make_capability(supplier, name="行李搬运机器人", concepts=[ROBOTS])
    rank_all()
    _, second = scenarios_for(capability)
    assert second.record == scenario

    page = client.get(address(scenario))

    (row,) = page.context["page"]
    assert (row.record, row.place, row.score) == (capability, 2, second.score)
    html = page.content.decode()
    assert f'href="{capability.get_absolute_url()}"' in html
    assert '云栈公司 <span class="invented">演示</span>' in html
    assert "第 2 名" in html
    assert f"{hundredths(second.score, 1)} <span" in html
    assert "在 1 项能力的清单里" in html

    page = client.get(address(capability))
    assert [each.record for each in page.context["page"]] == [
        each.record for each in capabilities_of(capability)
    ]
    assert "在 2 个场景的清单里" in page.content.decode()


def capabilities_of(capability: Capability) -> list[Any]:
    """Those scenarios in whose lists the capability stands alone: all that suit it."""
    return sorted(scenarios_for(capability), key=lambda each: -each.score)


@pytest.mark.parametrize("side", [0, 1], ids=["scenario", "capability"])
def test_detail_page_leads_there_once_it_is_ranked(client: Client, side: int) -> None:
    record = (make_scenario(name="巡检"), make_capability(name="巡检"))[side]
    assert "ranked-by" not in read(client, record.get_absolute_url())

    rank_all()

    assert f'href="{address(record)}"' in read(client, record.get_absolute_url())


@pytest.mark.parametrize("side", [0, 1], ids=["scenario", "capability"])
def test_what_one_may_not_see_is_not_found(client: Client, side: int) -> None:
    host = make_organization()
    make = (make_scenario, make_capability)[side]
    draft = make(host, published=False, name=f"{SECRET}草稿")
    absent = address(draft).replace(str(draft.public_id), str(uuid.uuid4()))

    for path in (address(draft), absent):
        answer = client.get(path)
        assert answer.status_code == 404
        assert SECRET not in answer.content.decode()

    client.force_login(user_of(make_member(host, "viewer")))
    html = read(client, address(draft))
    assert "目前不参与匹配" in html
    assert "还没有记录" in html


def test_hidden_records_leave_no_trace(client: Client) -> None:
    scenario = make_scenario(name="巡检")
    withdrawn = make_capability(name=f"{SECRET}巡检")
    make_capability(name="巡检")
    rank_all()
    assert SECRET in read(client, address(scenario))

    withdraw_capability(capability=withdrawn, actor=SYSTEM)

    html = read(client, address(scenario))
    assert SECRET not in html
    assert "在 1 项能力的清单里" in html


def test_closed_scenario_says_why_it_is_in_no_list(client: Client) -> None:
    scenario = make_scenario(name="巡检")
    make_capability(name="巡检")
    rank_all()
    close_scenario(scenario=scenario, actor=SYSTEM)

    html = read(client, address(scenario))

    assert "这个场景目前不参与匹配" in html
    assert "最早的记录" in html  # of its own list


def test_open_record_in_no_list_says_why(client: Client) -> None:
    scenario = make_scenario(name="海水淡化")
    make_capability(name="巡检")
    rank_all()

    assert "还不在任何能力的清单里" in read(client, address(scenario))


def test_many_are_paged(client: Client) -> None:
    scenario, _ = make_ranked(PER_PAGE + 2)

    first, second = client.get(address(scenario)), client.get(f"{address(scenario)}?page=2")

    assert len(first.context["page"]) == PER_PAGE
    assert len(second.context["page"]) == 2
    assert f"在 {PER_PAGE + 2} 项能力的清单里" in first.content.decode()
    keys = [each.record.pk for page in (first, second) for each in page.context["page"]]
    assert len(set(keys)) == PER_PAGE + 2


def test_changes_of_the_list_say_who_came_and_how_many_left(client: Client) -> None:
    scenario = make_scenario(name="巡检")
    old, stays = make_capability(name="旧巡检"), make_capability(name="巡检")
    rank_all()
    withdraw_capability(capability=old, actor=SYSTEM)
    new = make_capability(name="新巡检")
    rank_changed(Changes(capabilities=frozenset({old.pk, new.pk})))
    rank_all(force=True)

    html = read(client, address(scenario)).split('id="changes"')[1]

    latest, earliest = html.split("<details")[1:]
    assert "第 2 代" in latest
    assert "新进 1 · 离开 1" in latest
    assert latest.count(">新进</span>") == 1
    mark = latest.index(">新进</span>")
    assert latest.index(">新巡检</a>") < mark
    assert stays.get_absolute_url() in latest
    assert "第 1 代" in earliest
    assert "最早的记录" in earliest
    assert ">新进</span>" not in earliest
    assert old.get_absolute_url() not in html


@pytest.mark.parametrize("side", [0, 1], ids=["scenario", "capability"])
def test_page_costs_the_same_at_1_and_30_rows(
    client: Client, side: int, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    path = address(make_ranked(1)[side])
    # Three of them make the transaction around the search.
    with django_assert_max_num_queries(17) as one:
        assert len(client.get(path).context["page"]) == 1

    path = address(make_ranked(30)[side])
    with django_assert_num_queries(len(one)):
        assert len(client.get(path).context["page"]) == 30


def under_way(done: int, blocks: int = 8) -> None:
    run = MatchRun.objects.create(
        generation=12, state=RunState.RANKING, definition=1, profile="standard-1"
    )
    half = blocks // 2
    for number, first in enumerate((0, half)):
        MatchPart.objects.create(
            run=run,
            number=number,
            first_block=first,
            last_block=first + half,
            blocks_done=min(max(done - first, 0), half),
        )


def test_full_ranking_under_way_is_told_until_it_ends(client: Client) -> None:
    scenario, capability = make_scenario(name="巡检"), make_capability(name="巡检")
    rank_all()
    pages = [scenario.get_absolute_url(), capability.get_absolute_url()]
    pages += [address(scenario), address(capability)]
    under_way(done=3)

    for path in pages:
        assert "正在更新全部匹配：已完成 37%（第 12 代）" in read(client, path), path

    MatchRun.objects.filter(generation=12).update(state=RunState.ABANDONED)
    for path in pages:
        assert "正在更新全部匹配" not in read(client, path), path


def test_administrators_see_the_present_generation_and_what_is_under_way(client: Client) -> None:
    client.force_login(user_of(make_administrator()))
    assert "还没有匹配过。" in read(client, "/administration/")
    make_scenario(name="巡检")
    make_capability(name="巡检")
    make_capability(name="质检")
    rank_all()
    under_way(done=8)

    html = read(client, "/administration/")

    assert "现行匹配：第 1 代，" in html
    assert "1 个场景 × 2 项能力。" in html
    assert "正在更新全部匹配：已完成 100%（第 12 代）" in html


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_page_is_only_read(client: Client, method: str) -> None:
    assert getattr(client, method)(address(make_scenario())).status_code == 405
