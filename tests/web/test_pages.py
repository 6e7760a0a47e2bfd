"""Every page: answers, says where one is, costs a bounded number of queries, refuses nonsense."""

from __future__ import annotations

import pytest
from django.test import Client

from policy.models import PolicyEdition
from taxonomy.models import Concept

pytestmark = pytest.mark.django_db

PAGES = {
    "/": "让新技术找到真实场景",
    "/cities/": "城市与聚焦领域",
    "/cities/440100/": "广州市",
    "/cities/441800/": "清远市",
    "/concepts/": "产业标签",
    "/concepts/gd-2024-deep-sea/": "深海空间",
    "/concepts/sz-2022-blockchain/": "区块链",
    "/policy/": "政策",
    "/policy/clauses/": "查找条款",
    "/policy/sz-2023/": "深圳若干措施",
    "/policy/clauses/gd-2024-4-shenzhen/": "深圳市",
    "/policy/rules/sz-2023-first-purchase/": "首购",
}


@pytest.mark.parametrize(("path", "title"), PAGES.items(), ids=PAGES)
def test_page_answers_with_title_and_one_heading(client: Client, path: str, title: str) -> None:
    response = client.get(path)

    html = response.content.decode()
    assert response.status_code == 200
    assert title in html.split("<title>")[1].split("</title>")[0]
    assert html.count("<h1") == 1


@pytest.mark.parametrize("path", PAGES)
def test_page_stays_within_few_queries(
    client: Client, path: str, django_assert_max_num_queries
) -> None:
    """With records: ``test_excerpts``."""
    with django_assert_max_num_queries(12):
        client.get(path)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("/cities/?q=shenzhen", "/cities/"),
        ("/concepts/?q=gd-2024-ccus", "/concepts/"),
        ("/policy/clauses/?q=专栏 16", "/policy/clauses/"),
    ],
)
def test_list_costs_the_same_queries_at_one_row_and_at_many(
    client: Client, one: str, many: str, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(10) as few:
        assert len(client.get(one).context["page"].object_list) == 1
    with django_assert_num_queries(len(few.captured_queries)):
        assert len(client.get(many).context["page"].object_list) >= 21


@pytest.mark.parametrize("path", ["/cities/", "/concepts/", "/policy/clauses/"])
def test_list_without_matches_says_so_and_offers_the_way_back(client: Client, path: str) -> None:
    html = client.get(path, {"q": "不存在的词"}).content.decode()

    assert "没有符合条件的" in html
    assert f'href="{path}"' in html


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/cities/", {"region": "nowhere"}),
        ("/concepts/", {"level": "planet"}),
        ("/concepts/", {"q": "\0"}),
        ("/policy/clauses/", {"q": "长" * 61}),
        ("/concepts/", {"scheme": "none"}),
        ("/cities/", {"concept": "none"}),
        ("/policy/clauses/", {"document": "none"}),
        ("/policy/clauses/", {"body": "\0"}),
    ],
)
def test_filter_that_means_nothing_is_named(client: Client, path: str, query) -> None:
    response = client.get(path, query)

    assert response.status_code == 200
    assert "有筛选条件无法识别" in response.content.decode()
    assert list(response.context["page"].object_list) == []


def test_filters_stay_in_the_address_of_every_page(client: Client) -> None:
    html = client.get("/policy/clauses/", {"document": "gd-2024"}).content.decode()

    assert 'href="?document=gd-2024&amp;page=2"' in html
    beyond = client.get("/policy/clauses/", {"document": "gd-2024", "page": "99"})
    assert beyond.context["page"].number == beyond.context["page"].paginator.num_pages


@pytest.mark.parametrize(
    ("path", "sort", "first"),
    [
        ("/cities/", "", "广州市"),
        ("/cities/", "pinyin", "潮州市"),
        ("/cities/", "-concepts", "深圳市"),
        ("/cities/", "-carriers", "深圳市"),
        ("/concepts/", "", "未来网络"),
        ("/concepts/", "pinyin", "AI+生物医药"),
    ],
)
def test_list_sorts_as_asked(client: Client, path: str, sort: str, first: str) -> None:
    rows = client.get(path, {"sort": sort}).context["page"].object_list

    assert str(rows[0]) == first


def test_htmx_gets_the_results_alone(client: Client) -> None:
    part = client.get("/concepts/", {"q": "类脑"}, headers={"hx-request": "true"})
    whole = client.get(
        "/concepts/",
        {"q": "类脑"},
        headers={"hx-request": "true", "hx-history-restore-request": "true"},
    )

    assert "<html" not in part.content.decode()
    assert "类脑智能" in part.content.decode()
    assert "<html" in whole.content.decode()


def test_part_is_never_kept_under_the_address_of_the_page(client: Client) -> None:
    """Else the browser's way back shows a fragment without head and style."""
    for path in ("/concepts/", "/policy/rules/sz-2023-first-purchase/?base=1"):
        part = client.get(path, headers={"hx-request": "true"})

        assert part.headers["Cache-Control"] == "no-store"
        assert "HX-Request" in part.headers["Vary"]
        assert "HX-Request" in client.get(path).headers["Vary"]


def test_part_pushes_an_address_without_empty_parameters(client: Client) -> None:
    part = client.get(
        "/concepts/", {"q": "脑", "level": "", "sort": ""}, headers={"hx-request": "true"}
    )

    assert part.headers["HX-Push-Url"] == "/concepts/?q=%E8%84%91"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_pages_are_only_read(client: Client, method: str) -> None:
    assert getattr(client, method)("/cities/").status_code == 405


def test_retired_fact_says_so_and_is_linked_no_more(client: Client) -> None:
    concept = Concept.objects.get(code="gd-2024-ccus")
    concept.retired_in = PolicyEdition.objects.get()
    concept.save(update_fields=["retired_in"])

    assert "自政策数据第 1 版起不再列入" in client.get("/concepts/gd-2024-ccus/").content.decode()
    assert client.get("/api/v1/concepts/gd-2024-ccus/").json()["retired_edition"] == 1
    for path in ("/concepts/national-future-energy/", "/concepts/gd-2024-low-carbon-energy/"):
        assert "gd-2024-ccus" not in client.get(path).content.decode()
    assert client.get("/concepts/?q=gd-2024-ccus").context["page"].paginator.count == 0


def test_rule_with_a_cap_alone_offers_no_calculation(client: Client) -> None:
    path = "/policy/rules/sz-2023-hk-macao-programme/"

    html = client.get(path, {"base": "100000"}).content.decode()

    assert "无法测算" in html
    assert 'name="base"' not in html
    assert "测算结果" not in html


def test_search_text_is_shown_as_text(client: Client) -> None:
    html = client.get("/concepts/", {"q": '"><script>alert(1)</script>'}).content.decode()

    assert "<script>alert" not in html


def test_standing_of_a_document_is_said_wherever_it_is_shown(client: Client) -> None:
    for path in ("/cities/440300/", "/concepts/sz-2022-blockchain/", "/policy/sz-2022/"):
        html = client.get(path).content.decode()
        assert "规划期已满" in html, path
    for path in ("/policy/rules/sz-2023-first-purchase/", "/policy/clauses/sz-2023-12/"):
        assert "征求意见稿" in client.get(path).content.decode(), path


def test_city_of_a_group_says_that_the_text_names_the_group(client: Client) -> None:
    assert "按区域合并表述" in client.get("/cities/441800/").content.decode()
    assert "按区域合并表述" not in client.get("/cities/440100/").content.decode()


def test_rule_calculates_and_warns_that_a_draft_is_no_basis(client: Client) -> None:
    path = "/policy/rules/sz-2023-first-purchase/"

    html = client.get(path, {"base": "52000000"}).content.decode()
    part = client.get(path, {"base": "52000000"}, headers={"hx-request": "true"}).content.decode()

    assert "10,000,000.00 元" in html
    assert "未见该规则正式施行的依据" in part
    assert "<html" not in part


@pytest.mark.parametrize("base", ["", "abc", "-1", "1.234", "NaN", "1e5", "9" * 40, "9" * 41])
def test_rule_refuses_what_is_no_amount(client: Client, base: str) -> None:
    response = client.get("/policy/rules/sz-2023-first-purchase/", {"base": base})

    assert response.status_code == 200
    assert response.context["estimate"] is None
    assert 'href="#id_base"' in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/nothing/", "/cities/999999/", "/concepts/Not-A-Code/", "/policy/rules/none/"]
)
def test_absent_page_is_a_404_with_a_way_home(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert "没有找到这个页面" in response.content.decode()
    assert 'href="/"' in response.content.decode()


def test_answers_carry_a_strict_policy(client: Client) -> None:
    headers = client.get("/").headers

    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_forged_host_is_refused(client: Client) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_health_names_each_part(client: Client) -> None:
    assert client.get("/healthz").json() == {"database": True, "redis": True}


def test_health_reports_a_broker_that_is_away(client: Client, settings) -> None:
    settings.REDIS_URL = "unix:///nonexistent/redis.sock"

    response = client.get("/healthz")

    assert (response.status_code, response.json()["redis"]) == (503, False)
