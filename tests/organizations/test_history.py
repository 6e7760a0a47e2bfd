"""What an organization stated before, told to those whom it concerns."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from common.actor import Actor
from organizations.enums import Attribute
from organizations.history import MOST, changed_since_return, changes_of
from organizations.models import Organization
from organizations.queries import stated_facts
from organizations.services import (
    change_organization,
    return_organization,
    submit_organization,
    suspend_organization,
)
from tests.evidence import make_draft, make_submitted
from tests.pages import read, signed_in
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    make_administrator,
    make_member,
    make_organization,
)

pytestmark = pytest.mark.django_db


def restate(organization: Organization, actor: Actor, **values: Any) -> None:
    facts = stated_facts(organization).model_copy(update=values)
    change_organization(organization=organization, facts=facts, actor=actor)
    organization.refresh_from_db()


def test_changes_are_told_the_latest_first() -> None:
    made = make_draft(name="甲公司", city=GUANGZHOU, district="guangzhou-nansha")
    organization = made.organization
    restate(organization, made.owner, name="乙公司", address="进港大道 1 号")
    restate(
        organization, made.owner, city=SHENZHEN, district=None, attributes=[Attribute.HIGH_TECH]
    )
    restate(organization, made.owner, address="")

    assert [
        [(str(each.label), each.before, each.after) for each in change.fields]
        for change in changes_of(organization)
    ] == [
        [("注册地址", "进港大道 1 号", "")],
        [("属性", "", "高新技术企业"), ("所在地", "广州市 南沙区", "深圳市")],
        [("名称", "甲公司", "乙公司"), ("注册地址", "", "进港大道 1 号")],
    ]


def test_steps_are_no_changes() -> None:
    organization = make_organization()
    suspend_organization(organization=organization, reason="举报", actor=SYSTEM)
    assert changes_of(organization) == []


def test_no_more_are_told_than_one_reads(django_assert_num_queries: Any) -> None:
    organization = make_organization(city=GUANGZHOU)
    names = [f"第 {number} 个名称" for number in range(MOST + 5)]
    for name in names:
        Organization.objects.filter(pk=organization.pk).update(name=name)

    with django_assert_num_queries(1):
        told = changes_of(organization)
    assert [change.fields[0].after for change in told] == names[: -MOST - 1 : -1]


def test_members_and_overseers_are_told() -> None:
    organization = make_organization("甲公司", city=GUANGZHOU)
    Organization.objects.filter(pk=organization.pk).update(name="乙公司")
    path = organization.get_absolute_url()

    for actor in (
        make_member(organization, "viewer"),
        make_administrator("content", city=GUANGZHOU),
    ):
        assert "由“甲公司”改为“乙公司”" in read(signed_in(actor), path)
    for client in (
        signed_in(make_member(make_organization(), "owner")),
        signed_in(make_administrator("content", city=SHENZHEN)),
        Client(),
    ):
        page = read(client, path)
        assert "乙公司" in page
        assert "甲公司" not in page


def test_what_changed_since_the_last_return_is_told_by_field() -> None:
    given = make_submitted(name="甲公司", city=GUANGZHOU)
    organization = given.organization
    assert changed_since_return(organization) == set()

    return_organization(organization=organization, reason="名称不符", actor=SYSTEM)
    assert changed_since_return(organization) == set()
    restate(organization, given.owner, name="乙公司", address="新址")
    submit_organization(organization=organization, actor=given.owner)
    assert changed_since_return(organization) == {"name", "address"}
    return_organization(organization=organization, reason="再补", actor=SYSTEM)
    restate(organization, given.owner, attributes=[Attribute.STARTUP])
    submit_organization(organization=organization, actor=given.owner)
    assert changed_since_return(organization) == {"attributes"}
