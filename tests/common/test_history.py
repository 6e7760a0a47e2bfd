"""Row history: nobody writes past it, and nobody rewrites it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from authorities.models import Appointment, Authority, Delegation
from common.history import history_of
from organizations.enums import MemberRole
from organizations.models import Membership, Organization
from organizations.services import change_role, remove_member
from reviews.models import ExpertProfile
from tests.records import make_member, make_organization, user_of

pytestmark = pytest.mark.django_db
KEPT = (Organization, Membership, Authority, Appointment, Delegation, ExpertProfile)


def labels(row: Any) -> list[str]:
    return [each.pgh_label for each in history_of(row)]


@contextmanager
def refused() -> Iterator[None]:
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
    ):
        yield


def test_changes_past_every_verb_leave_history() -> None:
    organization = make_organization("甲单位")
    Organization.objects.filter(pk=organization.pk).update(name="乙")
    with connection.cursor() as cursor:
        # Any role may set it; pgtrigger would then leave the triggers out.
        cursor.execute(
            "SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true) FROM pg_trigger"
        )
        cursor.execute(
            "UPDATE organizations_organization SET name = '丙' WHERE id = %s", [organization.pk]
        )

    assert [each.name for each in history_of(organization)] == ["甲单位", "甲单位", "乙", "丙"]
    assert labels(organization) == ["insert", "update", "update", "update"]
    assert [each.state for each in history_of(organization)] == [
        "submitted",
        "verified",
        "verified",
        "verified",
    ]


def test_what_is_not_named_leaves_none() -> None:
    organization = make_organization()
    before = labels(organization)
    Organization.objects.filter(pk=organization.pk).update(representative="陈某", name="同名")
    Organization.objects.filter(pk=organization.pk).update(representative="李某", name="同名")

    assert labels(organization) == [*before, "update"]
    columns = {each.name for each in history_of(organization).model._meta.get_fields()}
    assert columns & {"representative", "skeleton", "submitted_at"} == set()


def test_memberships_outlive_themselves() -> None:
    organization = make_organization()
    owner, member = make_member(organization, "owner"), make_member(organization, "viewer")
    membership = Membership.objects.get(organization=organization, user_id=member.user_id)
    change_role(
        organization=organization, person=user_of(member), role=MemberRole.EDITOR, actor=owner
    )
    remove_member(organization=organization, person=user_of(member), actor=owner)

    assert [(each.pgh_label, each.role) for each in history_of(membership)] == [
        ("insert", "viewer"),
        ("update", "editor"),
        ("delete", "editor"),
    ]


@pytest.mark.parametrize("model", KEPT)
def test_the_site_writes_no_history_and_changes_none(model: Any) -> None:
    kept = model.pgh_event_model
    with refused(), connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{kept._meta.db_table}" DEFAULT VALUES')
    with refused():
        kept.objects.update(pgh_label="insert")
    with refused():
        kept.objects.all()._raw_delete("default")
    with refused(), connection.cursor() as cursor:
        cursor.execute(f'TRUNCATE "{kept._meta.db_table}"')
    with refused(), connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{model._meta.db_table}" DISABLE TRIGGER ALL')
