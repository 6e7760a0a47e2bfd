"""The public facts over the API: shapes, filters, pages, refusals, query counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from policy.models import PolicyClause, PolicyDocument, PolicyEdition, PolicyRule, PolicyTarget
from taxonomy.models import Carrier, City, Concept, Scheme

pytestmark = pytest.mark.django_db

LISTS = [
    "carriers",
    "cities",
    "concepts",
    "policy-clauses",
    "policy-documents",
    "policy-editions",
    "policy-rules",
    "policy-targets",
    "schemes",
]
MODELS = {
    "carriers": Carrier,
    "cities": City,
    "concepts": Concept,
    "policy-clauses": PolicyClause,
    "policy-documents": PolicyDocument,
    "policy-rules": PolicyRule,
    "policy-targets": PolicyTarget,
    "schemes": Scheme,
}
FIRST_PURCHASE = "/api/v1/policy-rules/sz-2023-first-purchase/"


def get(client: Client, path: str, status: int = 200) -> Any:
    response = client.get(path)
    assert response.status_code == status, response.content
    expected = "application/json" if status < 400 else "application/problem+json"
    assert response.headers["Content-Type"].split(";")[0] == expected
    return json.loads(response.content)


@pytest.mark.parametrize("name", LISTS)
def test_list_answers_in_pages(client: Client, name: str) -> None:
    page = get(client, f"/api/v1/{name}/?page_size=1")

    assert set(page) == {"count", "next", "previous", "results"}
    assert len(page["results"]) == 1
    assert (page["next"] is None) == (page["count"] == 1)


@pytest.mark.parametrize("name", [each for each in LISTS if each != "policy-editions"])
def test_detail_equals_the_row_of_the_list(client: Client, name: str) -> None:
    row = get(client, f"/api/v1/{name}/?page_size=1")["results"][0]

    assert get(client, f"/api/v1/{name}/{row['code']}/") == row


@pytest.mark.parametrize("name", LISTS)
def test_list_costs_the_same_queries_at_1_and_30_rows(
    client: Client, name: str, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(12) as one:
        get(client, f"/api/v1/{name}/?page_size=1")
    with django_assert_num_queries(len(one.captured_queries)):
        get(client, f"/api/v1/{name}/?page_size=30")


def test_pages_hold_at_most_100_rows(client: Client) -> None:
    page = get(client, "/api/v1/concepts/?page_size=1000")

    assert (len(page["results"]), page["count"] > 100) == (100, True)


def test_walking_the_pages_meets_every_row_once(client: Client) -> None:
    address, seen = "/api/v1/concepts/?page_size=50", []
    while address:
        page = get(client, address)
        seen += [row["code"] for row in page["results"]]
        address = (page["next"] or "").removeprefix(settings.BASE_URL)

    assert len(seen) == len(set(seen)) == page["count"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page_size=0", "page_size"),
        ("page_size=abc", "page_size"),
        ("page_size=-1", "page_size"),
        ("colour=red", "colour"),
        ("level=planet", "level"),
        ("q=%00", "q"),
        (f"q={'长' * 61}", "q"),
    ],
)
def test_bad_parameter_is_refused_and_named(client: Client, query: str, field: str) -> None:
    body = get(client, f"/api/v1/concepts/?{query}", 400)

    assert (body["status"], body["code"]) == (400, "invalid")
    assert [error["field"] for error in body["errors"]] == [field]


@pytest.mark.parametrize("page", ["0", "-1", "99999", "abc", "1" * 400])
def test_page_that_does_not_exist_is_a_404(client: Client, page: str) -> None:
    assert get(client, f"/api/v1/concepts/?page={page}", 404)["code"] == "not_found"


@pytest.mark.parametrize(
    "path",
    ["/api/v1/cities/440199/", "/api/v1/nothing/", "/api/", "/api/v2/cities/", FIRST_PURCHASE[:-2]],
)
def test_absent_object_and_address_are_problems(client: Client, path: str) -> None:
    assert get(client, path, 404)["status"] == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_facts_cannot_be_written(client: Client, method: str) -> None:
    response = getattr(client, method)("/api/v1/cities/440100/", {}, "application/json")

    assert response.status_code in {403, 405}
    assert response.headers["Content-Type"] == "application/problem+json"


def test_concepts_filter_by_scheme_and_search_other_names(client: Client) -> None:
    six = get(client, "/api/v1/concepts/?scheme=gz-2025")["results"]
    found = get(client, "/api/v1/concepts/?q=CCUS&scheme=gd-2024")["results"]

    assert {row["scheme"] for row in six} == {"gz-2025"}
    assert [row["code"] for row in found] == ["gd-2024-ccus"]


def test_mapping_reads_from_both_sides(client: Client) -> None:
    narrow = get(client, "/api/v1/concepts/gd-2024-deep-sea/")["mappings"]
    broad = get(client, "/api/v1/concepts/gz-2025-deep-sea-space/")["mappings"]

    kinds = {each["concept"]["code"]: each["kind"] for each in narrow}
    back = {each["concept"]["code"]: each["kind"] for each in broad}
    assert (kinds["gz-2025-deep-sea-space"], back["gd-2024-deep-sea"]) == ("broad", "narrow")


def test_cities_filter_by_region_and_by_named_concept(client: Client) -> None:
    east = get(client, "/api/v1/cities/?region=east")["results"]
    quantum = get(client, "/api/v1/cities/?concept=gd-2024-quantum-computing")["results"]

    assert {row["name"] for row in east} == {"汕头市", "汕尾市", "潮州市", "揭阳市"}
    assert [row["name"] for row in quantum] == ["深圳市"]


def test_estimate_shows_its_steps_and_the_standing_of_the_rule(client: Client) -> None:
    body = get(client, f"{FIRST_PURCHASE}estimate/?base_fen=5200000000")

    assert (body["amount_fen"], body["capped"]) == (1_000_000_000, True)
    assert [step["amount_fen"] for step in body["steps"]] == [
        5_200_000_000,
        1_560_000_000,
        1_000_000_000,
        1_000_000_000,
    ]
    assert body["rule_status"] == "draft"
    assert "征求意见" in body["notice"]


@pytest.mark.parametrize(
    "value",
    ["", "abc", "-1", "1.5", "1.0", "1_0", "١", "NaN", "9" * 19, "9" * 30, "%00", "1e400"],
)
def test_estimate_refuses_what_is_no_amount(client: Client, value: str) -> None:
    body = get(client, f"{FIRST_PURCHASE}estimate/?base_fen={value}", 400)

    assert {error["field"] for error in body["errors"]} == {"base_fen"}


def test_estimate_refuses_a_parameter_it_does_not_know(client: Client) -> None:
    body = get(client, f"{FIRST_PURCHASE}estimate/?base_fen=1&rate=90", 400)

    assert [error["field"] for error in body["errors"]] == ["rate"]


def test_estimate_under_a_rule_without_rate_is_refused(client: Client) -> None:
    body = get(client, "/api/v1/policy-rules/sz-2023-hk-macao-programme/estimate/?base_fen=1", 422)

    assert body["code"] == "not_calculable"


@pytest.mark.parametrize(
    "query", ["scheme=none", "broader=none", "sort=label", "page=1&page=2&q=%00"]
)
def test_filter_that_names_nothing_is_refused(client: Client, query: str) -> None:
    assert get(client, f"/api/v1/concepts/?{query}", 400)["code"] == "invalid"


def test_search_for_punctuation_finds_no_storage_format(client: Client) -> None:
    assert get(client, "/api/v1/concepts/?q=%7B")["count"] == 0


@pytest.mark.parametrize("path", ["/api/v1/cities/", "/api/schema/", "/api/docs/"])
def test_accept_that_cannot_be_met_is_a_problem(client: Client, path: str) -> None:
    response = client.get(path, headers={"accept": "image/png"})

    assert response.status_code == 406
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 406


def test_links_name_the_configured_host_alone(client: Client, settings) -> None:
    settings.BASE_URL = "https://scenebridge.example"
    response = client.get("/api/v1/concepts/?page=2", headers={"host": "localhost:9999"})

    page = response.json()
    assert page["next"] == "https://scenebridge.example/api/v1/concepts/?page=3"
    assert page["previous"] == "https://scenebridge.example/api/v1/concepts/"


def test_estimate_without_base_says_what_is_missing(client: Client) -> None:
    assert get(client, f"{FIRST_PURCHASE}estimate/", 400)["errors"][0]["field"] == "base_fen"


def test_description_matches_its_snapshot(client: Client) -> None:
    """A change of the API shows in review; ``manage.py spectacular`` writes the file anew."""
    response = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi"})

    snapshot = settings.ROOT / "tests" / "api" / "openapi.yaml"
    assert response.content.decode() == snapshot.read_text(encoding="utf-8")


def test_description_page_loads_nothing_from_elsewhere(client: Client) -> None:
    response = client.get("/api/docs/")

    assert response.status_code == 200
    assert b"http://" not in response.content.replace(b"http://testserver", b"")
    assert b"https://" not in response.content


@pytest.mark.parametrize("name", [each for each in LISTS if each != "policy-editions"])
def test_retired_fact_leaves_the_list_and_keeps_its_address(client: Client, name: str) -> None:
    row = get(client, f"/api/v1/{name}/?page_size=1")["results"][0]
    model = MODELS[name]
    model.objects.filter(code=row["code"]).update(retired_in=PolicyEdition.objects.get())

    assert get(client, f"/api/v1/{name}/{row['code']}/")["retired_edition"] == 1
    codes = [each["code"] for each in get(client, f"/api/v1/{name}/?page_size=100")["results"]]
    assert row["code"] not in codes
