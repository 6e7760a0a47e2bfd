"""What the pages of the home, a city and a concept show of records, and whither they lead."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.utils import timezone

from capabilities.services import withdraw_capability
from catalogue.models import Catalogue
from common.actor import Actor
from organizations.models import Organization
from organizations.services import suspend_organization
from policy.models import PolicyEdition
from scenarios.models import Scenario
from scenarios.services import close_scenario, submit_scenario
from taxonomy.models import City, Concept
from tests.catalogues import make_catalogue, make_item, publish
from tests.pages import read, signed_in
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    ZHUHAI,
    make_administrator,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)
from web.excerpts import Excerpt, open_capabilities, open_scenarios

pytestmark = pytest.mark.django_db

# A field, a sub-industry of it, and a concept elsewhere that is mapped to that one.
FIELD, ROBOTS, MAPPED = (
    "gd-2024-general-intelligence",
    "gd-2024-embodied-robots",
    "gz-2025-embodied-intelligence",
)
CITY, CONCEPT = f"/cities/{GUANGZHOU}/", f"/concepts/{ROBOTS}/"
EXCERPTS = {
    "/": ["scenarios", "capabilities"],
    CITY: ["scenarios", "seated", "serving"],
    CONCEPT: ["scenarios", "capabilities"],
}
SECRET = "不可外传"


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main")[1]).split())


def excerpt(client: Client, path: str, name: str) -> Excerpt:
    """Checked against the list to which it leads, for the same reader."""
    response = client.get(path)
    found = response.context[name]
    page = client.get(found.address).context["page"]
    assert not page.paginator.count or f'href="{found.address}"' in (
        response.content.decode().replace("&amp;", "&")
    )
    assert found.count == page.paginator.count
    assert list(found.rows) == list(page)[: len(found.rows)]
    few = 6 if (path, name) == ("/", "scenarios") else 5
    assert len(found.rows) == min(found.count, few)
    assert isinstance(found, Excerpt)
    return found


def names(client: Client, path: str, name: str) -> list[str]:
    return [each.name for each in excerpt(client, path, name).rows]


@pytest.fixture
def host() -> Organization:
    """Published one of each; beside them what nobody else may see, or can be answered no more."""
    here: dict[str, Any] = {"concepts": [ROBOTS]}
    host, gone = (make_organization(name, city=GUANGZHOU) for name in ("甲单位", f"{SECRET}组织"))
    make_scenario(host, name="可对接", city=GUANGZHOU, **here)
    make_capability(host, name="公开", **here)

    make_scenario(host, published=False, name=f"{SECRET}草稿", city=GUANGZHOU, **here)
    submitted = make_scenario(host, published=False, name=f"{SECRET}待审", city=GUANGZHOU, **here)
    submit_scenario(scenario=submitted, actor=make_member(host))
    closed = make_scenario(host, name=f"{SECRET}已结束", city=GUANGZHOU, **here)
    close_scenario(scenario=closed, actor=SYSTEM)
    past = make_scenario(host, name=f"{SECRET}已截止", city=GUANGZHOU, **here)
    Scenario.objects.filter(pk=past.pk).update(deadline=timezone.now() - timedelta(minutes=1))
    make_scenario(gone, name=f"{SECRET}暂停", city=GUANGZHOU, **here)
    make_capability(gone, name=f"{SECRET}暂停能力", **here)
    make_capability(host, published=False, name=f"{SECRET}能力草稿", **here)
    withdrawn = make_capability(host, name=f"{SECRET}下架", **here)
    withdraw_capability(capability=withdrawn, actor=SYSTEM)
    unverified = make_organization(verified=False, city=GUANGZHOU)
    make_scenario(unverified, published=False, name=f"{SECRET}未核验", city=GUANGZHOU, **here)
    suspend_organization(organization=gone, reason="核查", actor=SYSTEM)
    return host


READERS: dict[str, Callable[[Organization], Actor | None]] = {
    "visitor": lambda host: None,
    "stranger": lambda host: make_member(make_organization()),
    "owner": lambda host: make_member(host, "owner"),
    "administrator": lambda host: make_administrator(),
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("path", EXCERPTS)
def test_only_what_is_open_appears_and_counts(
    client: Client, host: Organization, path: str, reader: Callable[[Organization], Actor | None]
) -> None:
    """Also for those who see drafts elsewhere."""
    actor = reader(host)
    reading = signed_in(actor) if actor else client

    assert SECRET not in read(reading, path)
    for name in EXCERPTS[path]:
        found = excerpt(reading, path, name)
        assert found.count == 1
        assert [each.name for each in found.rows] == ["可对接" if name == "scenarios" else "公开"]


@pytest.mark.parametrize("path", EXCERPTS)
def test_newest_few_come_first_with_the_way_to_all(client: Client, path: str) -> None:
    host = make_organization(city=GUANGZHOU)
    for number in range(8):
        make_scenario(host, name=f"场景{number}", city=GUANGZHOU, concepts=[ROBOTS])
        make_capability(host, name=f"能力{number}", concepts=[ROBOTS])

    for name in EXCERPTS[path]:
        assert excerpt(client, path, name).count == 8
    assert names(client, path, "scenarios")[:3] == ["场景7", "场景6", "场景5"]
    text = text_of(read(client, path))
    assert "全部 8 个可对接的场景" in text
    assert "场景3" in text
    assert "场景0" not in text


def test_city_has_its_own_scenarios_its_suppliers_and_those_who_serve_it(client: Client) -> None:
    here, there = make_organization(city=GUANGZHOU), make_organization(city=SHENZHEN)
    make_scenario(there, name="在本市", city=GUANGZHOU)
    make_scenario(here, name="在别处", city=SHENZHEN)
    make_scenario(here, name="城市未填写")
    make_capability(here, name="只服务深圳", cities_served=[SHENZHEN])
    make_capability(there, name="服务全省")
    make_capability(there, name="服务两市", cities_served=[SHENZHEN, GUANGZHOU])
    make_capability(name="只服务珠海", cities_served=[ZHUHAI])

    assert names(client, CITY, "scenarios") == ["在本市"]
    assert names(client, CITY, "seated") == ["只服务深圳"]
    assert names(client, CITY, "serving") == ["服务两市", "服务全省"]
    assert "含服务全省的" in read(client, CITY)


def test_field_counts_its_sub_industries_and_no_mapped_concepts(client: Client) -> None:
    for make in (make_scenario, make_capability):
        make(name="细分", concepts=[ROBOTS])
        make(name="两者", concepts=[FIELD, ROBOTS])
        make(name="对照", concepts=[MAPPED])

    for name in EXCERPTS[CONCEPT]:
        assert names(client, f"/concepts/{FIELD}/", name) == ["两者", "细分"]
        assert names(client, CONCEPT, name) == ["两者", "细分"]
        assert names(client, f"/concepts/{MAPPED}/", name) == ["对照"]
    assert "标有本标签或其下位标签的" in read(client, f"/concepts/{FIELD}/")
    assert "标有本标签的" in read(client, CONCEPT)


@pytest.mark.parametrize(
    ("model", "code", "path"), [(City, GUANGZHOU, CITY), (Concept, ROBOTS, CONCEPT)]
)
def test_retired_fact_keeps_its_records(
    client: Client, host: Organization, model: type[City | Concept], code: str, path: str
) -> None:
    model.objects.filter(code=code).update(retired_in=PolicyEdition.objects.get())

    assert "已停用" in read(client, path)
    for name in EXCERPTS[path]:
        found = excerpt(client, path, name)
        assert found.count == 1
        chosen = re.search(rf'<option value="{code}" selected>(.*?)<', read(client, found.address))
        assert chosen is not None
        assert chosen[1].endswith("（已停用）")


def test_row_says_who_where_what_and_until_when(client: Client) -> None:
    host = make_organization("机场集团", city=SHENZHEN)
    concepts = [ROBOTS, FIELD, MAPPED, "gd-2024-deep-sea"]
    deadline = timezone.now() + timedelta(days=12, hours=1)
    make_scenario(host, name="行李搬运", city=GUANGZHOU, concepts=concepts, deadline=deadline)
    make_capability(host, name="搬运机器人", readiness=7)

    row = text_of(read(client, "/")).split("最新场景")[1].split("全部 1 个")[0]
    for words in ("行李搬运", "机场集团 · 广州市", "具身智能机器人", "等 4 个", "剩 12 天"):
        assert words in row
    assert row.count("深海空间") == 0
    text = text_of(read(client, CITY))
    for words in ("搬运机器人", "机场集团 · 深圳市", "标签未填写", "成熟度 TRL 7"):
        assert words in text


def test_bare_record_says_what_nobody_filled_in(client: Client) -> None:
    make_scenario(name="只有名称")

    text = text_of(read(client, "/"))

    assert "城市未填写 标签未填写 截止 未填写" in text


def test_headline_numbers_lead_to_as_many_records(client: Client, host: Organization) -> None:
    older, newer = make_catalogue("AA", name="甲目录"), make_catalogue("BB", name="乙目录")
    make_catalogue("CC", name="没有发布的目录")
    for catalogue, count in ((older, 1), (newer, 3)):
        for _ in range(count):
            make_item(catalogue, "listed")
    publish(newer)
    make_item(older, "listed")
    publish(older)
    make_item(newer, "candidate")
    make_item(newer, "listed")
    publish(newer)

    html = read(client, "/")
    text = text_of(html)

    for words in ("1个 可对接的场景", "1项 公开发布的能力", "4项 乙目录列入的产品"):
        assert words in text
    assert "2项 甲目录列入的产品" in text
    assert "没有发布的目录" not in text
    assert len(re.findall("本站记录，截至", text)) == 2
    editions = client.get("/").context["editions"]
    assert [each.catalogue for each in editions] == [newer, older]
    for edition in editions:
        shown = client.get(edition.get_absolute_url())
        assert f'href="{edition.get_absolute_url()}"' in html
        assert len(shown.context["entries"]) == edition.item_count


@pytest.mark.parametrize("path", EXCERPTS)
def test_page_without_records_says_so_with_one_next_step(client: Client, path: str) -> None:
    html = read(client, path)

    for name in EXCERPTS[path]:
        assert excerpt(client, path, name).count == 0
    assert html.count('class="empty-title">目前没有可对接的场景') == (path == "/")
    assert html.count("还没有公开的场景和能力") == (path != "/")
    records = html.split("场景与能力</h2>" if path != "/" else "最新场景</h2>")[1]
    assert records.split("</section>")[0].count("<a ") == 1
    assert "平台现况" not in html


def test_city_with_some_says_which_it_lacks(client: Client) -> None:
    make_capability(name="服务全省")

    text = text_of(read(client, CITY))

    assert "这座城市目前没有可对接的场景。 看全省的场景" in text
    assert "还没有所在地为这座城市的供给方发布能力。 看全省的能力" in text


@pytest.mark.parametrize("path", ["/", "/cities/"])
def test_grid_says_how_many_scenarios_are_open(
    client: Client, host: Organization, path: str
) -> None:
    make_scenario(city=SHENZHEN)
    make_scenario(city=SHENZHEN)

    tiles = re.findall(r'<span class="tile-name">.*?</a>', read(client, path), re.DOTALL)
    said = {text[0]: text[1:] for text in (re.sub(r"<[^>]+>", " ", each).split() for each in tiles)}

    assert len(said) == 21
    assert said["广州"][2:] == ["1", "场景"]
    assert said["深圳"][2:] == ["2", "场景"]
    assert said["珠海"][2:] == []


@pytest.mark.parametrize("path", EXCERPTS)
@pytest.mark.parametrize("visitor", [True, False], ids=["visitor", "member"])
def test_page_costs_the_same_at_1_and_30_records(
    client: Client,
    path: str,
    visitor: bool,
    django_assert_num_queries,
    django_assert_max_num_queries,
) -> None:
    host = make_organization(city=GUANGZHOU)
    reading = client if visitor else signed_in(make_member(host))
    catalogue = make_catalogue()

    def make(count: int) -> None:
        for _ in range(count):
            make_scenario(host, city=GUANGZHOU, concepts=[FIELD, ROBOTS])
            make_capability(host, concepts=[FIELD, ROBOTS], cities_served=[GUANGZHOU], readiness=5)
        make_item(catalogue, "listed")
        publish(catalogue)

    make(1)
    with django_assert_max_num_queries(22) as one:
        read(reading, path)
    make(29)
    with django_assert_num_queries(len(one)):
        read(reading, path)


@pytest.mark.parametrize("path", EXCERPTS)
def test_no_page_styles_inline(client: Client, host: Organization, path: str) -> None:
    assert not re.search(r"\sstyle=|<style|\son\w+=", read(client, path))


def test_filter_that_is_not_understood_is_no_excerpt_of_everything(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()

    with pytest.raises(ValueError, match="city"):
        open_scenarios(request, city="nowhere")
    with pytest.raises(ValueError, match="serves"):
        open_capabilities(request, serves="nowhere")


def test_catalogue_published_last_is_named_first(client: Client) -> None:
    for code in ("ZZ", "AA"):
        catalogue = make_catalogue(code, name=f"{code}目录")
        make_item(catalogue, "listed")
        publish(catalogue)

    page = read(client, "/")
    assert page.index("AA目录") < page.index("ZZ目录")

    late = Catalogue.objects.get(code="ZZ")
    make_item(late, "listed")
    publish(late)
    page = read(client, "/")
    assert page.index("ZZ目录") < page.index("AA目录")
