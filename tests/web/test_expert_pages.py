"""The pages of experts, and those on which they are appointed."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from organizations.models import Membership
from reviews.models import ExpertProfile
from tests.pages import read, signed_in
from tests.programs import nothing_written
from tests.records import make_administrator, make_member, make_organization, user_of
from tests.reviews.makers import declared, make_expert, self_of

pytestmark = pytest.mark.django_db

ME, LIST = "/experts/me/", "/administration/experts/"


def test_an_expert_states_expertise_and_interests() -> None:
    expert = make_expert()
    client = signed_in(self_of(expert))
    assert ME in read(client, "/my/")
    assert "没有持续中的利益关系" in read(client, ME)

    chosen = {"concepts": ["gd-2024-embodied-robots"]}
    assert client.post(f"{ME}expertise/", chosen).status_code == 302
    stated = {"kind": "shareholding", "name": "广州甲公司", "scheme": "credit_code"}
    made = client.post(f"{ME}interests/new/", {**stated, "share_percent": "12.50"})
    assert made.status_code == 302
    page = read(client, ME)
    assert "持股 12.5%" in page
    interest = expert.interests.get()
    ending = f"{ME}interests/{interest.public_id}/end/"
    assert "不能更改" in read(client, ending)
    assert client.post(ending, {"until": "2026-01-31"}).status_code == 302
    assert "2026年1月31日" in read(client, ME)
    assert client.post(ending, {"until": "2026-02-01"}).status_code == 409


def test_expertise_page_speaks_of_reviews_and_says_that_none_is_chosen() -> None:
    client = signed_in(self_of(make_expert()))
    page = read(client, f"{ME}expertise/")
    assert "分派评审时按专长挑选专家" in page
    assert "匹配首先比较标签" not in page

    answer = client.post(f"{ME}expertise/", {"concepts": []}, follow=True).content.decode()

    assert "没有选专长" in answer
    assert "专长已保存" not in answer


def test_new_expert_has_something_to_do_until_expertise_and_interests_are_stated() -> None:
    owed = "填写专长与利益关系"
    expert = make_expert()
    client = signed_in(self_of(expert))
    assert owed in read(client, "/my/")
    declared(expert)
    assert owed not in read(client, "/my/")
    expert.concepts.clear()
    assert owed in read(client, "/my/")
    # An expert who acts for no organization reads it too; nobody else does.
    Membership.objects.filter(user=expert.user).delete()
    assert owed in read(client, "/my/")
    assert owed not in read(signed_in(make_member(make_organization())), "/my/")


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ({}, 'href="#id_kind"'),
        ({"kind": "family", "name": "甲"}, "亲属关系须写明"),
        ({"kind": "employer", "name": "甲", "identifier": "123"}, 'href="#id_identifier"'),
        ({"kind": "employer", "name": "甲", "since": "2999-01-01"}, "不能是将来的日期"),
    ],
)
def test_faults_stand_at_their_fields(stated: dict[str, str], shown: str) -> None:
    client = signed_in(self_of(make_expert()))

    with nothing_written():
        given = {"scheme": "credit_code", **stated}
        page = client.post(f"{ME}interests/new/", given).content.decode()
    assert shown in page


def test_administrators_appoint_by_address_and_end() -> None:
    administrator = make_administrator("content")
    client = signed_in(administrator)
    person = user_of(make_member(make_organization()))
    assert "还没有专家" in read(client, LIST)
    assert LIST in read(client, "/administration/")

    unknown = client.post(f"{LIST}new/", {"email": "nobody@example.org"}).content.decode()
    assert "没有使用这个电子邮箱的账号" in unknown
    given = {"email": person.email.upper(), "title": "教授", "employer": "某大学"}
    assert client.post(f"{LIST}new/", given).status_code == 302
    expert = ExpertProfile.objects.get(user=person)
    assert (expert.title, expert.employer) == ("教授", "某大学")
    assert client.post(f"{LIST}new/", given).status_code == 409
    ending = f"{LIST}{expert.public_id}/end/"
    assert client.post(ending, {"reason": ""}).status_code == 200
    assert client.post(ending, {"reason": "任期届满"}).status_code == 302
    assert "已解聘" in read(client, LIST)
    assert client.get(ME).status_code == 404
    assert signed_in(self_of(expert)).get(ME).status_code == 404


@pytest.mark.parametrize(
    ("who", "own", "listed"),
    [
        ("expert", 200, 403),
        ("content", 404, 200),
        ("system", 404, 200),
        ("catalogue", 404, 403),
        ("audit", 404, 403),
        ("member", 404, 403),
        ("visitor", 302, 302),
    ],
)
def test_who_sees_which_page(who: str, own: int, listed: int) -> None:
    other = make_expert()
    interest = declared(other)
    people = {
        "expert": lambda: self_of(make_expert()),
        "member": lambda: make_member(make_organization(), "owner"),
    }
    client = Client()
    if who != "visitor":
        client = signed_in(people[who]() if who in people else make_administrator(who))

    for path in (ME, f"{ME}expertise/", f"{ME}interests/new/"):
        assert client.get(path).status_code == own, path
    for path in (LIST, f"{LIST}new/", f"{LIST}{other.public_id}/end/"):
        assert client.get(path).status_code == listed, path
    # Another's interest is answered like one that does not exist.
    for public_id in (interest.public_id, uuid.uuid4()):
        path = f"{ME}interests/{public_id}/end/"
        assert client.get(path).status_code == (302 if who == "visitor" else 404)
        with nothing_written():
            client.post(path, {"until": "2026-01-31"})


def test_the_list_page_costs_the_same_for_one_and_for_many(
    django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(make_administrator("content"))
    make_expert()
    read(client, LIST)
    with django_assert_max_num_queries(12) as one:
        read(client, LIST)
    for _ in range(29):
        make_expert()
    with django_assert_num_queries(len(one.captured_queries)):
        read(client, LIST)
