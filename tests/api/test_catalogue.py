"""Catalogues over the API: everybody reads what is public, administrators curate."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from catalogue.enums import ItemState
from catalogue.models import Catalogue, CatalogueEdition, CatalogueItem
from common.actor import Actor
from organizations.models import Membership
from organizations.services import suspend_organization
from tests.catalogues import (
    BASIS,
    ISSUER,
    day,
    make_catalogue,
    make_item,
    make_notice,
    make_product,
    publish,
)
from tests.records import SYSTEM, make_administrator, make_member, make_organization, user_of

pytestmark = pytest.mark.django_db

CATALOGUES, EDITIONS, ITEMS = (
    "/api/v1/catalogues/",
    "/api/v1/catalogue-editions/",
    "/api/v1/catalogue-items/",
)
SECRET = "不可外传"
FACTS = {"name": "深圳首购目录", "code": "SZSG", "issuer": ISSUER, "basis": BASIS}


def get(client: Client, path: str, status: int = 200) -> Any:
    response = client.get(path)
    assert response.status_code == status, response.content
    return json.loads(response.content)


def post(client: Client, path: str, body: Any = None, status: int = 201) -> Any:
    response = client.post(path, body or {}, "application/json")
    assert response.status_code == status, response.content
    return json.loads(response.content)


def sign_in(client: Client, actor: Actor) -> None:
    client.force_login(user_of(actor))


@pytest.fixture
def administrator(client: Client) -> Actor:
    actor = make_administrator()
    sign_in(client, actor)
    return actor


def test_catalogues_name_issuer_basis_and_latest_edition(client: Client) -> None:
    catalogue = make_catalogue("SZSG", name="深圳首购目录", introduction="说明")
    make_item(catalogue, "listed")
    make_notice(catalogue)
    publish(catalogue)
    make_item(catalogue, "listed")
    edition = publish(catalogue)

    (row,) = get(client, CATALOGUES)["results"]

    assert row == get(client, f"{CATALOGUES}SZSG/")
    assert (row["code"], row["name"], row["introduction"]) == ("SZSG", "深圳首购目录", "说明")
    assert row["issuer"]["code"] == ISSUER
    assert row["basis"]["code"] == BASIS
    assert row["basis"]["document"]["status"] == "draft_for_comment"
    assert row["latest_edition"]["number"] == edition.number
    assert row["latest_edition"]["item_count"] == 2
    assert (row["notice_count"], row["listed_count"]) == (1, 2)
    assert row["url"] == f"{settings.BASE_URL}/catalogue/SZSG/"


def test_edition_holds_what_was_listed(client: Client) -> None:
    catalogue = make_catalogue("SZSG")
    item = make_item(
        catalogue,
        "listed",
        make_product(make_organization("甲公司"), name="甲机", price_max_fen=100),
    )
    edition = publish(catalogue, note="首期")

    found = get(client, f"{EDITIONS}{edition.number}/")

    assert found["items"] == [
        {
            "position": 1,
            "product_name": "甲机",
            "kind": "product",
            "model_number": None,
            "summary": None,
            "price_min_fen": None,
            "price_max_fen": 100,
            "organization_name": "甲公司",
            "identifier_scheme": "credit_code",
            "identifier": item.organization.identifier,
            "is_demonstration": False,
            "notice_from": str(day(-8)),
            "notice_to": str(day(-1)),
            "grounds": "国内首创",
        }
    ]
    assert (found["number"], found["note"], found["sequence"]) == (edition.number, "首期", 1)
    assert found["catalogue"]["code"] == "SZSG"
    assert datetime.fromisoformat(found["published_at"]) == edition.published_at


def test_editions_are_filtered_by_catalogue_and_year(client: Client) -> None:
    one, other = make_catalogue("AA"), make_catalogue("BB")
    for catalogue in (one, other, one):
        make_item(catalogue, "listed")
        publish(catalogue)
    year = day(0).year

    def numbers(query: str) -> list[str]:
        return [row["number"] for row in get(client, f"{EDITIONS}{query}")["results"]]

    assert numbers("?catalogue=AA") == [f"AA-{year}-0002", f"AA-{year}-0001"]
    assert numbers(f"?year={year}&catalogue=BB") == [f"BB-{year}-0001"]
    assert numbers(f"?year={year - 1}") == []
    assert len(numbers("")) == 3
    for query in ("?catalogue=CC", "?year=x", "?year=1", "?state=listed", "?catalogue__name=x"):
        assert get(client, f"{EDITIONS}{query}", 400)["code"] == "invalid"
    assert "items" not in get(client, EDITIONS)["results"][0]


@pytest.mark.parametrize("path", ["XX-2026-0001", "aa-2026-0001", "1", "AA-2026-0001x"])
def test_unknown_edition_is_not_found(client: Client, path: str) -> None:
    assert get(client, f"{EDITIONS}{path}/", 404)["code"] == "not_found"


def test_lists_cost_the_same_at_1_and_30_rows(
    client: Client, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    for number in range(30):
        catalogue = make_catalogue(f"{chr(65 + number // 26)}{chr(65 + number % 26)}")
        make_item(catalogue, "listed", make_product(make_organization()))
        publish(catalogue)
    for path in (CATALOGUES, EDITIONS, ITEMS):
        get(client, path)
        with django_assert_max_num_queries(5) as one:
            assert len(get(client, f"{path}?page_size=1")["results"]) == 1
        with django_assert_num_queries(len(one.captured_queries)):
            assert len(get(client, f"{path}?page_size=30")["results"]) == 30


@pytest.mark.parametrize("signed_in", [False, True], ids=["visitor", "stranger"])
def test_hidden_items_leave_no_trace(client: Client, signed_in: bool) -> None:
    catalogue, gone = make_catalogue("SZSG"), make_organization(f"{SECRET}公司")
    hidden = [
        make_item(catalogue, state, make_product(name=f"{SECRET}{state}"), grounds=SECRET)
        for state in ("candidate", "dropped")
    ]
    hidden += [make_item(catalogue, state, make_product(gone)) for state in ItemState.values]
    for state in ("under_notice", "listed", "delisted"):
        make_item(catalogue, state, make_product(name=f"公开{state}"))
    suspend_organization(organization=gone, reason="核查", actor=SYSTEM)
    if signed_in:
        sign_in(client, make_member(make_organization()))

    rows = get(client, ITEMS)["results"]
    assert sorted(row["state"] for row in rows) == ["delisted", "listed", "under_notice"]
    for row in rows:
        assert get(client, f"{ITEMS}{row['id']}/")["actions"] == []
    for path in (ITEMS, CATALOGUES, *(f"{ITEMS}{row['id']}/" for row in rows)):
        assert SECRET not in json.dumps(get(client, path), ensure_ascii=False)
        assert "停产" not in json.dumps(get(client, path), ensure_ascii=False)
    assert get(client, f"{ITEMS}?state=candidate")["count"] == 0
    answers = {
        json.dumps(get(client, f"{ITEMS}{each}/", 404))
        for each in [*(item.public_id for item in hidden), uuid.uuid4()]
    }
    assert len(answers) == 1
    row = get(client, CATALOGUES)["results"][0]
    assert (row["notice_count"], row["listed_count"]) == (1, 1)


def test_supplier_reads_its_own_candidate(client: Client) -> None:
    item = make_item(make_catalogue(), product=make_product(name="甲机"))
    sign_in(client, make_member(item.organization, "viewer"))

    found = get(client, f"{ITEMS}{item.public_id}/")

    assert (found["state"], found["announced"]["name"]) == ("candidate", "甲机")
    assert (found["notice_from"], found["actions"]) == (None, [])
    assert found["product"] == str(item.product.public_id)


def writes(item: CatalogueItem) -> list[str]:
    own = f"{ITEMS}{item.public_id}/"
    return [
        *(CATALOGUES, f"{CATALOGUES}{item.catalogue.code}/editions/", ITEMS),
        *(f"{own}{step}/" for step in ("begin_notice", "list", "drop", "delist")),
    ]


def test_only_administrators_write(client: Client) -> None:
    item = make_item(make_catalogue(), "listed")
    supplier = make_member(item.organization, "owner")

    for actor in (None, supplier, make_member(make_organization(), "owner")):
        if actor:
            sign_in(client, actor)
        refused = 403 if actor else 401
        for path in writes(item):
            # Beside the refusal, the body must not matter.
            for body in ({}, {"reason": "甲"}, {"catalogue": item.catalogue.code}):
                problem = post(client, path, body, refused)
                assert problem["status"] == refused, path
        put = client.put(f"{CATALOGUES}{item.catalogue.code}/", {}, "application/json")
        assert put.status_code == refused
    assert CatalogueItem.objects.get().state == "listed"
    assert Catalogue.objects.count() == 1
    assert not CatalogueEdition.objects.exists()


@pytest.mark.usefixtures("administrator")
def test_administrator_brings_a_product_into_an_edition(client: Client) -> None:
    product = make_product(name="搬运机器人")
    assert post(client, CATALOGUES, FACTS)["code"] == "SZSG"

    body = {"catalogue": "SZSG", "product": str(product.public_id), "grounds": "国内首创"}
    made = post(client, ITEMS, body)
    own = f"{ITEMS}{made['id']}/"
    assert made["state"] == "candidate"
    assert [each["name"] for each in made["actions"]] == ["begin_notice", "drop"]

    days = {"notice_from": str(day(0)), "notice_to": str(day(6))}
    noticed = post(client, f"{own}begin_notice/", days, 200)
    assert (noticed["state"], noticed["notice_to"]) == ("under_notice", str(day(6)))
    assert post(client, f"{own}list/", status=409)["code"] == "conflict"
    CatalogueItem.objects.update(notice_from=day(-8), notice_to=day(-1))
    listed = post(client, f"{own}list/", status=200)
    assert [each["name"] for each in listed["actions"]] == ["delist"]

    edition = post(client, f"{CATALOGUES}SZSG/editions/", {"note": "首期"})
    assert edition["number"] == f"SZSG-{day(0).year}-0001"
    assert [row["product_name"] for row in edition["items"]] == ["搬运机器人"]
    assert post(client, f"{CATALOGUES}SZSG/editions/", status=409)["code"] == "conflict"
    delisted = post(client, f"{own}delist/", {"reason": "停产"}, 200)
    assert (delisted["state"], delisted["actions"]) == ("delisted", [])
    client.logout()
    assert get(client, f"{EDITIONS}{edition['number']}/") == edition


@pytest.mark.usefixtures("administrator")
def test_faults_are_named_by_field(client: Client) -> None:
    item = make_item(make_catalogue("SZSG"))
    product = str(make_product().public_id)
    noticing = f"{ITEMS}{item.public_id}/begin_notice/"
    whole = {"catalogue": "SZSG", "product": product, "grounds": "甲"}
    before = CatalogueItem.objects.count()
    for path, body, fields in (
        (CATALOGUES, {}, {"name", "code", "issuer", "basis"}),
        (CATALOGUES, {**FACTS, "code": "sz"}, {"code"}),
        (CATALOGUES, {**FACTS, "basis": "nobody"}, {"basis"}),
        (CATALOGUES, {**FACTS, "state": "x"}, {"state"}),
        (ITEMS, {}, {"catalogue", "product", "grounds"}),
        (ITEMS, {**whole, "catalogue": "XX"}, {"catalogue"}),
        (ITEMS, {**whole, "product": str(uuid.uuid4())}, {"product"}),
        (ITEMS, {**whole, "product": "1"}, {"product"}),
        (ITEMS, {**whole, "grounds": " "}, {"grounds"}),
        (ITEMS, {**whole, "state": "listed"}, {"state"}),
        (ITEMS, {**whole, "notice_from": str(day(-9))}, {"notice_from"}),
        (noticing, {}, {"notice_from", "notice_to"}),
        (noticing, {"notice_from": str(day(-1)), "notice_to": str(day(9))}, {"notice_from"}),
        (noticing, {"notice_from": str(day(0)), "notice_to": str(day(5))}, {"notice_to"}),
        (noticing, {"notice_from": 1, "notice_to": "2026-02-30"}, {"notice_from", "notice_to"}),
        (f"{ITEMS}{item.public_id}/drop/", {}, {"reason"}),
    ):
        problem = post(client, path, body, 400)
        assert {error["field"] for error in problem["errors"]} == fields, (path, body)
    assert post(client, CATALOGUES, FACTS, 409)["code"] == "conflict"
    again = {**whole, "product": str(item.product.public_id)}
    assert post(client, ITEMS, again, 409)["code"] == "conflict"
    assert CatalogueItem.objects.count() == before
    assert CatalogueItem.objects.get().state == "candidate"


def test_administrator_of_the_supplier_decides_nothing(client: Client) -> None:
    item = make_item(make_catalogue("SZSG"))
    actor = make_administrator()
    Membership.objects.create(organization=item.organization, user=user_of(actor), role="viewer")
    sign_in(client, actor)
    own = str(make_product(item.organization).public_id)

    assert get(client, f"{ITEMS}{item.public_id}/")["actions"] == []
    days = {"notice_from": str(day(0)), "notice_to": str(day(6))}
    for path, body in (
        (f"{ITEMS}{item.public_id}/begin_notice/", days),
        (f"{ITEMS}{item.public_id}/drop/", {"reason": "甲"}),
        (ITEMS, {"catalogue": "SZSG", "product": own, "grounds": "甲"}),
    ):
        assert post(client, path, body, 403)["code"] == "forbidden"
    assert CatalogueItem.objects.get().state == "candidate"


@pytest.mark.usefixtures("administrator")
def test_change_takes_the_version_that_was_read(client: Client) -> None:
    make_catalogue("SZSG", name="原名", introduction="原说明")
    path = f"{CATALOGUES}SZSG/"
    tag = client.get(path)["ETag"]

    def put(body: dict[str, str], tag: str) -> int:
        headers = {"If-Match": tag}
        return client.put(path, body, "application/json", headers=headers).status_code

    assert put({"name": "新名"}, tag) == 200
    assert put({"name": "又一名"}, tag) == 412
    assert put({"name": "又一名", "code": "XX"}, "*") == 400
    kept = Catalogue.objects.get()
    assert (kept.code, kept.name, kept.introduction) == ("SZSG", "新名", "")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.usefixtures("administrator")
def test_editions_are_only_read(client: Client, method: str) -> None:
    catalogue = make_catalogue()
    make_item(catalogue, "listed")
    edition = publish(catalogue)
    for path in (EDITIONS, f"{EDITIONS}{edition.number}/"):
        response = getattr(client, method)(path, {}, "application/json")
        assert response.status_code == 405
        assert response.headers["Content-Type"] == "application/problem+json"
