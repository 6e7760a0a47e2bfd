"""The role of the running site owns nothing (THREATS A31)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.apps import AppConfig, apps
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models.signals import post_migrate

import audit.services
from audit.chain import head
from common.actor import Actor
from common.database_roles import MightyRole, as_owner, grant_everyday_use
from common.history import history_of
from tests.conftest import owner_address
from tests.processes import wait_until
from tests.records import make_organization
from tests.support.models import Ticket

SUPERUSERS_AT = """
SELECT count(*) FROM pg_stat_activity JOIN pg_roles ON usesysid = pg_roles.oid
WHERE datname = %s AND rolsuper
"""
OWN_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
)


def asked(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def by_owner(*statements: str) -> None:
    with psycopg.connect(owner_address(connection.settings_dict["NAME"])) as owner:
        for statement in statements:
            owner.execute(statement)


@pytest.fixture
def superuser(committed_db: str) -> Iterator[psycopg.Connection]:
    name = connection.settings_dict["NAME"]
    address = owner_address(name).replace("scenebridge_owner@", "postgres@")
    with psycopg.connect(address, autocommit=True) as held:
        yield held
    with psycopg.connect(owner_address("postgres"), autocommit=True) as owner:
        # The owner drops the database and may not end the processes of a superuser.
        wait_until(lambda: owner.execute(SUPERUSERS_AT, [name]).fetchone() == (0,))


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
    kept = {"audit_auditlink", "django_migrations", "pghistory_context"}
    histories = {name for name in tables if name.endswith("history")} - {"matching_matchhistory"}
    assert len(histories) >= 6
    assert tables - holding("INSERT") == kept | histories
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
        "CREATE TEMPORARY TABLE audit_auditlink (event_id bigint)",
        "CREATE SCHEMA own",
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


def test_a_new_table_is_no_use_to_the_site_until_it_is_granted(committed_db: str) -> None:
    with psycopg.connect(owner_address(connection.settings_dict["NAME"])) as owner:
        owner.execute("CREATE TABLE newest ()")
        owner.commit()
        with pytest.raises(DatabaseError, match="permission"):
            asked("SELECT * FROM newest")
        owner.execute("DROP TABLE newest")


def test_migrating_takes_back_what_lets_the_site_make_tables(committed_db: str) -> None:
    name = connection.settings_dict["NAME"]
    by_owner(
        f'GRANT CREATE, TEMPORARY ON DATABASE "{name}" TO PUBLIC, scenebridge',
        "GRANT CREATE ON SCHEMA public TO PUBLIC, scenebridge",
    )
    made = ("CREATE TEMPORARY TABLE own ()", "CREATE TABLE public.own ()", "CREATE SCHEMA own")
    for statement in made:  # so far it could
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    assert [each.id for each in warned()] == ["common.W002", "common.W002"]

    told = StringIO()
    call_command("migrate", verbosity=0, stderr=told)

    assert told.getvalue() == ""
    assert warned() == []
    for statement in made:
        with pytest.raises(DatabaseError, match="permission denied"):
            asked(statement)


def test_migrating_says_what_the_owner_may_not_take_back(superuser: psycopg.Connection) -> None:
    name = connection.settings_dict["NAME"]
    told = StringIO()
    superuser.execute(f'GRANT TEMPORARY ON DATABASE "{name}" TO PUBLIC')
    superuser.execute(f'ALTER DATABASE "{name}" OWNER TO postgres')
    superuser.execute("GRANT ALL ON SCHEMA public TO scenebridge_owner")
    try:
        call_command("migrate", verbosity=0, stderr=told)
    finally:
        superuser.execute(f'ALTER DATABASE "{name}" OWNER TO scenebridge_owner')

    (line,) = told.getvalue().splitlines()
    assert f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC, scenebridge;" in line


def unguarded() -> list[tuple[str]]:
    """Functions that look for names where the session says, or that anybody may put in triggers."""
    return asked(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND ("
        " proconfig IS NULL OR NOT 'search_path=pg_catalog, public, pg_temp' = ANY (proconfig)"
        " OR prorettype = 'trigger'::regtype"
        " AND has_function_privilege('scenebridge', oid, 'EXECUTE'))"
    )


@pytest.mark.django_db
def test_every_function_is_guarded() -> None:
    called = asked("SELECT DISTINCT tgfoid FROM pg_trigger WHERE NOT tgisinternal")
    assert len(called) > 20
    assert unguarded() == []


def test_functions_of_later_migrations_are_guarded_too(committed_db: str) -> None:
    trigger = "RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    by_owner(
        f"CREATE FUNCTION newest() {trigger}",
        'CREATE FUNCTION "Newest"(text, int) RETURNS int LANGUAGE sql RETURN 42',
        f"CREATE OR REPLACE FUNCTION audit_refuse_change() {trigger}",
    )
    assert {name for (name,) in unguarded()} == {"newest", "Newest", "audit_refuse_change"}

    call_command("migrate", verbosity=0)

    assert unguarded() == []


def test_functions_are_guarded_after_each_migration_and_not_after_all(committed_db: str) -> None:
    """A long release must not leave the site for so long without guards."""
    meanwhile: list[str] = []

    def look(sender: AppConfig, **_: object) -> None:
        meanwhile.extend(name for (name,) in unguarded())

    by_owner("ALTER FUNCTION audit_refuse_change() RESET search_path")
    post_migrate.connect(look, sender=apps.get_app_config("audit"))
    try:
        call_command("migrate", "audit", "0004", verbosity=0)
        assert "audit_state_time" not in {name for (name,) in asked("SELECT proname FROM pg_proc")}
        call_command("migrate", "audit", verbosity=0)
    finally:
        post_migrate.disconnect(look, sender=apps.get_app_config("audit"))

    # At the end of migrating pghistory puts back a function of its own, which nothing calls.
    assert set(meanwhile) <= {"_pgh_attach_context"}
    assert unguarded() == []


def test_a_table_in_the_way_of_a_trigger_is_passed_by(committed_db: str) -> None:
    """Should the site be able to make one after all."""
    by_owner(f'GRANT TEMPORARY ON DATABASE "{connection.settings_dict["NAME"]}" TO scenebridge')
    shadows = ("audit_auditlink", "organizations_organizationhistory", "organizations_membership")
    with connection.cursor() as cursor:
        for table in shadows:
            cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING ALL)")
        cursor.execute("SET search_path = pg_temp, public")
    before = real_head()

    with transaction.atomic():
        organization = make_organization()
        ticket = Ticket.objects.create(title="a")
        audit.services.record(actor=Actor.system("x"), verb="note", obj=ticket)

    assert real_head() > before
    assert all(asked(f"SELECT count(*) FROM pg_temp.{table}") == [(0,)] for table in shadows)
    assert not history_of(organization).exists()  # of the shadow, which this session reads
    connection.close()
    assert history_of(organization).exists()


def real_head() -> int:
    return asked("SELECT coalesce(max(seq), 0) FROM public.audit_auditlink")[0][0]


def test_a_trigger_cannot_be_put_to_another_table(committed_db: str) -> None:
    """There it would write with its owner's rights what never happened."""
    by_owner(f'GRANT TEMPORARY ON DATABASE "{connection.settings_dict["NAME"]}" TO scenebridge')
    ((function,),) = asked(
        "SELECT tgfoid::regproc::text FROM pg_trigger"
        " WHERE tgrelid = 'organizations_membership'::regclass AND tgname LIKE 'pgtrigger_insert%'"
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE forged (LIKE organizations_membership)")
        with pytest.raises(DatabaseError, match="permission denied for function"):
            cursor.execute(
                f"CREATE TRIGGER forge AFTER INSERT ON forged FOR EACH ROW"
                f" EXECUTE FUNCTION {function}()"
            )


def test_the_site_keeps_its_privileges_while_they_are_granted_anew(committed_db: str) -> None:
    seen: list[tuple] = []

    def look(execute: Callable[..., Any], *statement: Any) -> Any:
        found = execute(*statement)
        seen.append(
            reader.execute(
                "SELECT has_table_privilege('scenebridge', 'audit_auditevent', 'INSERT'),"
                " has_table_privilege('scenebridge', 'organizations_organization', 'UPDATE'),"
                " has_table_privilege('scenebridge', 'audit_auditevent', 'UPDATE')"
            ).fetchone()
        )
        return found

    with (
        psycopg.connect(committed_db, autocommit=True) as reader,
        as_owner() as role,
        connection.execute_wrapper(look),
    ):
        grant_everyday_use(role)

    assert len(seen) > 10
    assert set(seen) == {(True, True, False)}


def warned() -> list[Any]:
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [each for each in found if each.id.startswith("common.")]


MIGHTY = {
    "superuser": ("SUPERUSER", "superuser"),
    "row security": ("BYPASSRLS", "bypasses row security"),
    "roles": ("CREATEROLE", "may create roles"),
    "databases": ("CREATEDB", "may create databases"),
    "member of the owner": ("IN ROLE scenebridge_owner", "member of scenebridge_owner"),
    "may become the owner": (
        "NOINHERIT IN ROLE scenebridge_owner",
        "member of scenebridge_owner (may create databases, owns the database, owns tables",
    ),
    "member of a superuser": ("IN ROLE postgres", "member of postgres (superuser"),
    "writes all": ("IN ROLE pg_write_all_data", "member of pg_write_all_data (predefined)"),
}


@contextmanager
def signed_in_as(role: str) -> Iterator[None]:
    before = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = role
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = before


@pytest.fixture
def another_role(superuser: psycopg.Connection) -> Iterator[Callable[[str], str]]:
    name = f"another_{os.getpid()}"

    def make(options: str) -> str:
        superuser.execute(f"CREATE ROLE {name} LOGIN {options}")
        return name

    yield make
    superuser.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


@pytest.mark.parametrize("might", MIGHTY)
def test_a_role_that_is_too_mighty_is_told_and_refused_in_production(
    another_role: Callable[[str], str], settings: Any, might: str
) -> None:
    options, told = MIGHTY[might]
    with signed_in_as(another_role(options)):
        (warning,) = warned()
        assert warning.id == "common.W001"
        assert told in warning.msg
        assert asked("SELECT 1") == [(1,)]
        connection.close()

        settings.REFUSE_MIGHTY_ROLE = True

        (error,) = warned()
        assert (error.id, error.is_serious()) == ("common.E001", True)
        assert told in error.msg
        for _ in range(2):  # nor is the connection usable the second time
            with pytest.raises(MightyRole, match="DATABASE_URL"):
                asked("SELECT 1")


@pytest.mark.parametrize(
    ("kind", "made"), [("TABLE", "()"), ("SEQUENCE", ""), ("VIEW", "AS SELECT 1")]
)
def test_a_role_that_owns_something_of_ours_is_too_mighty(
    another_role: Callable[[str], str], superuser: psycopg.Connection, kind: str, made: str
) -> None:
    role = another_role("")
    with signed_in_as(role):
        assert warned() == []
        superuser.execute(f"CREATE {kind} newest {made}")
        superuser.execute(f"ALTER {kind} newest OWNER TO {role}")
        assert f"{role} (owns tables)" in warned()[0].msg


def test_production_serves_as_a_modest_role(committed_db: str, settings: Any) -> None:
    settings.REFUSE_MIGHTY_ROLE = True
    connection.close()

    assert warned() == []
    assert head()[0] >= 0
    with as_owner():  # a moment of the owner's is judged by the role of the site
        assert warned() == []
