"""The role of the running site owns nothing (THREATS A31)."""

from __future__ import annotations

import psycopg
import pytest
from django.core.checks import Tags, run_checks
from django.db import DatabaseError, connection, transaction

from common.database_roles import as_owner
from tests.conftest import owner_address

OWN_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
)


def asked(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@pytest.mark.django_db
def test_tests_run_as_the_role_of_the_site() -> None:
    assert asked("SELECT current_user") == [("scenebridge",)]
    assert asked(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname = current_user"
    ) == [(False, False, False, False)]
    assert (
        asked("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = current_user") == []
    )


@pytest.mark.django_db
def test_it_can_truncate_no_table_and_write_every_one_but_the_kept() -> None:
    tables = {name for (name,) in asked(OWN_TABLES)}
    assert len(tables) > 40

    def holding(privilege: str) -> set[str]:
        rows = asked(f"{OWN_TABLES} AND has_table_privilege(oid, '{privilege}')")
        return {name for (name,) in rows}

    assert holding("TRUNCATE") == holding("TRIGGER") == holding("REFERENCES") == set()
    assert holding("SELECT") == tables
    kept = {"audit_auditlink", "django_migrations"}
    assert tables - holding("INSERT") == kept
    assert tables - holding("UPDATE") >= {*kept, "audit_auditevent"}
    assert holding("UPDATE") == holding("DELETE")


@pytest.mark.django_db
def test_it_grants_itself_nothing() -> None:
    asked_for = "GRANT UPDATE ON audit_auditlink TO scenebridge"
    with connection.cursor() as cursor:
        cursor.execute(asked_for)  # PostgreSQL answers with a warning

    assert asked("SELECT has_table_privilege('audit_auditlink', 'UPDATE')") == [(False,)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE own ()",
        "ALTER TABLE organizations_organization ADD COLUMN more text",
        "DROP TABLE organizations_membership",
        "CREATE ROLE other",
    ],
)
def test_it_changes_nothing_about_tables_and_roles(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_owner_is_connected_for_a_moment_only(committed_db: str) -> None:
    with as_owner() as runtime:
        assert runtime == "scenebridge"
        assert asked("SELECT current_user, current_database()") == [
            ("scenebridge_owner", connection.settings_dict["NAME"])
        ]
    assert asked("SELECT current_user") == [("scenebridge",)]


def test_check_tells_of_a_role_that_owns_tables(committed_db: str) -> None:
    def warned() -> list[str]:
        found = run_checks(tags=[Tags.database], databases=["default"])
        return [each.id for each in found if each.id == "common.W001"]

    assert warned() == []
    with as_owner():
        assert warned() == ["common.W001"]


def test_a_new_table_is_no_use_to_the_site_until_it_is_granted(committed_db: str) -> None:
    with psycopg.connect(owner_address(connection.settings_dict["NAME"])) as owner:
        owner.execute("CREATE TABLE newest ()")
        owner.commit()
        with pytest.raises(DatabaseError, match="permission"):
            asked("SELECT * FROM newest")
        owner.execute("DROP TABLE newest")
