"""What the records of what happened need every day."""

from __future__ import annotations

from datetime import timedelta

import psycopg
from django.conf import settings
from django.db import connection

import audit.tasks
from common.history import history_of
from organizations.models import Membership
from tests.conftest import owner_address
from tests.records import make_member, make_organization


def test_history_goes_some_time_after_its_row(committed_db: str) -> None:
    """When is up to the database: the site itself may delete none (tests/common/test_history)."""
    organization = make_organization()
    members = [make_member(organization, "viewer") for _ in range(3)]
    long_gone, gone, still = (
        Membership.objects.get(organization=organization, user_id=each.user_id) for each in members
    )
    for each in (long_gone, gone):
        Membership.objects.filter(pk=each.pk).delete()
    days = settings.RETENTION_DAYS["history_of_removed"]
    with psycopg.connect(owner_address(connection.settings_dict["NAME"])) as owner:
        for row, age in ((long_gone, days + 1), (gone, days - 1), (still, 2 * days)):
            moved = owner.execute(
                "UPDATE organizations_membershiphistory SET pgh_created_at = now() - %s"
                " WHERE pgh_obj_id = %s",
                [timedelta(days=age), row.pk],
            )
            assert moved.rowcount > 0

    audit.tasks.purge()

    assert [[past.pgh_label for past in history_of(each)] for each in (long_gone, gone, still)] == [
        [],
        ["insert", "delete"],
        ["insert"],
    ]
    assert history_of(organization).exists()
