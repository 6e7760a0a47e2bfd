"""Two roles in the database: one owns the tables, the other uses them (DESIGN, THREATS A31).

Whatever breaks into the running site can neither alter a table, drop a trigger nor truncate, nor
lay a table of its own in the way of a trigger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg import sql

EVERYDAY = "SELECT, INSERT, UPDATE, DELETE"
# Nobody but a migration writes which migrations have run; pghistory's contexts are not used.
_KEPT = {"django_migrations": "SELECT", "pghistory_context": "SELECT"}
# Where functions look for names: in a session's own temporary tables at last.
SEARCH_PATH = "pg_catalog, public, pg_temp"
# The runtime role of each connection that is the owner's for the moment.
_runtime: dict[str, str] = {}


@contextmanager
def as_owner(alias: str = "default") -> Iterator[str]:
    """Connect by DATABASE_OWNER_URL instead of DATABASE_URL; gives the name of the runtime role.

    The database stays the same. Where no owner is named, there is one role for everything; inside
    another such block nothing changes.
    """
    connection = connections[alias]
    values = connection.settings_dict
    owner = settings.DATABASE_OWNER
    if not owner or alias in _runtime:
        yield _runtime.get(alias, str(values["USER"]))
        return
    kept = {name: values[name] for name in ("USER", "PASSWORD", "HOST", "PORT")}
    _runtime[alias] = str(values["USER"])
    connection.close()
    values.update({name: owner[name] for name in kept})
    try:
        yield _runtime[alias]
    finally:
        connection.close()
        values.update(kept)
        del _runtime[alias]


@contextmanager
def one_at_a_time(alias: str = "default") -> Iterator[CursorWrapper]:
    """A transaction in which nobody else changes functions and privileges, and nobody sees half."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('database roles', 0))")
        yield cursor


# Not those of extensions; a trigger function is one that only a trigger may call.
_OWN_FUNCTIONS = """
SELECT oid::regprocedure::text, prorettype = 'trigger'::regtype FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole
    AND prokind IN ('f', 'p') AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
    )
"""


def guard_functions(alias: str = "default") -> None:
    """Let every function find our tables, whatever the session that calls it has made or set.

    A function that a trigger calls may be put to no other table: there it would write, with its
    owner's rights, what never happened. To be called by the owner after each migration.
    """
    with one_at_a_time(alias) as cursor:
        pinned = [f"search_path={SEARCH_PATH}"]
        cursor.execute(f"{_OWN_FUNCTIONS} AND NOT coalesce(proconfig, '{{}}') @> %s", [pinned])
        for name, _ in cursor.fetchall():
            cursor.execute(f"ALTER ROUTINE {name} SET search_path = {SEARCH_PATH}")
        cursor.execute(f"{_OWN_FUNCTIONS} AND has_function_privilege('public', oid, 'EXECUTE')")
        for name, of_trigger in cursor.fetchall():
            if of_trigger:
                cursor.execute(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC")


def grant_everyday_use(role: str, alias: str = "default") -> None:
    """Let ``role`` read and write all tables, but for what apps keep from it, and do nothing else.

    ``AppConfig.runtime_privileges`` names tables that allow less, or more. To be called by their
    owner, after each migration: a new table grants nothing by itself.
    """
    kept: dict[str, str] = dict(_KEPT)
    for config in apps.get_app_configs():
        kept.update(getattr(config, "runtime_privileges", {}))
    name = sql.Identifier(role)
    with one_at_a_time(alias) as cursor:
        _take_back(cursor, name)
        known = connections[alias].introspection.table_names(cursor)
        statements = [
            sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
            sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {}").format(name),
            sql.SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {}").format(name),
            sql.SQL("GRANT " + EVERYDAY + " ON ALL TABLES IN SCHEMA public TO {}").format(name),
            sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name),
        ]
        for table in sorted(kept.keys() & known):  # fewer when only some migrations have run
            at = sql.Identifier(table)
            statements += [
                sql.SQL("REVOKE ALL ON {} FROM {}").format(at, name),
                sql.SQL("GRANT " + kept[table] + " ON {} TO {}").format(at, name),
            ]
        for statement in statements:
            cursor.execute(statement)


def _take_back(cursor: CursorWrapper, role: sql.Identifier) -> None:
    """Let nobody but the owner make tables, for the moment or to stay, as far as they are its."""
    cursor.execute(
        "SELECT datname, pg_has_role(current_user, datdba, 'USAGE'),"
        " (SELECT pg_has_role(current_user, nspowner, 'USAGE') FROM pg_namespace"
        "  WHERE nspname = 'public') FROM pg_database WHERE datname = current_database()"
    )
    database, owns_database, owns_schema = cursor.fetchone()
    if owns_database:
        revoked = sql.SQL("REVOKE CREATE, TEMPORARY ON DATABASE {} FROM PUBLIC, {}")
        cursor.execute(revoked.format(sql.Identifier(database), role))
    if owns_schema:
        cursor.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC, {}").format(role))


_LEFT_OPEN = """
SELECT format('REVOKE TEMPORARY ON DATABASE %%I FROM PUBLIC, %%I', current_database(), rolname)
FROM pg_roles WHERE rolname = %(role)s
    AND has_database_privilege(oid, current_database(), 'TEMPORARY')
UNION ALL SELECT format('REVOKE CREATE ON SCHEMA public FROM PUBLIC, %%I', rolname)
FROM pg_roles WHERE rolname = %(role)s AND has_schema_privilege(oid, 'public', 'CREATE')
"""


def left_open(role: str, alias: str = "default") -> list[str]:
    """What lets ``role`` make tables in the database: each as what its owner has to revoke."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_LEFT_OPEN, {"role": role})
        return [statement for (statement,) in cursor.fetchall()]


# Whatever the role is or may become (a member without INHERIT still may SET ROLE) that could undo
# what the owner keeps from it: rows of a name and why.
_POWERS = """
WITH become AS (
    SELECT held.*, role.rolname AS site FROM pg_roles role
    JOIN pg_roles held ON pg_has_role(role.oid, held.oid, 'MEMBER') WHERE role.rolname = %(role)s
), powers AS (
    SELECT site, rolname, concat_ws(', ',
        CASE WHEN rolsuper THEN 'superuser' END,
        CASE WHEN rolbypassrls THEN 'bypasses row security' END,
        CASE WHEN rolcreaterole THEN 'may create roles' END,
        CASE WHEN rolcreatedb THEN 'may create databases' END,
        CASE WHEN rolreplication THEN 'may replicate' END,
        CASE WHEN rolname IN ('pg_write_all_data', 'pg_read_server_files',
            'pg_write_server_files', 'pg_execute_server_program') THEN 'predefined' END,
        CASE WHEN EXISTS (SELECT FROM pg_database
            WHERE datdba = become.oid AND datname = current_database())
            THEN 'owns the database' END,
        CASE WHEN EXISTS (SELECT FROM pg_class
            WHERE relowner = become.oid AND relnamespace = 'public'::regnamespace)
            THEN 'owns tables' END,
        CASE WHEN EXISTS (SELECT FROM pg_proc
            WHERE proowner = become.oid AND pronamespace = 'public'::regnamespace)
            THEN 'owns functions' END,
        CASE WHEN has_parameter_privilege(become.oid, 'session_replication_role', 'SET')
            THEN 'may switch triggers off' END
    ) AS why
    FROM become
)
SELECT CASE WHEN rolname = site THEN '' ELSE 'member of ' END || rolname || ' (' || why || ')'
FROM powers WHERE why <> '' ORDER BY rolname <> site, rolname
"""


class MightyRole(ImproperlyConfigured):
    """The site signs in as a role from which its own records are not safe."""

    def __init__(self, powers: Sequence[str]) -> None:
        super().__init__(
            "The role of DATABASE_URL could rewrite the audit log and final editions: "
            f"{'; '.join(powers)}. Give the site a role that owns nothing and is a member of "
            "nothing, and migrate as DATABASE_OWNER_URL."
        )
        self.powers = powers


def powers_of(role: str, alias: str = "default") -> list[str]:
    """What ``role`` is or may become, where that is more than a site should; nothing is well."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_POWERS, {"role": role})
        return [power for (power,) in cursor.fetchall()]


def refuse_mighty_role(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Production: each new connection of a role that is too mighty is closed again (MightyRole).

    Every process of the site comes by here, whatever started it; but for the owner's moments.
    """
    if not settings.REFUSE_MIGHTY_ROLE or connection.alias in _runtime:
        return
    if powers := powers_of(_role_of_site(connection.alias), connection.alias):
        connection.close()
        raise MightyRole(powers)


def refuse_to_start() -> None:
    """For whatever serves in production: MightyRole at its start, not at its first visitor.

    Without its database it does start, and waits for it.
    """
    if not settings.REFUSE_MIGHTY_ROLE:
        return
    connection = connections["default"]
    with suppress(OperationalError):
        connection.ensure_connection()
    connection.close()  # processes that come of this one must not share it


def check_runtime_role(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """A system check (``check --database default``): the site's role must not own what it uses."""
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        try:
            role = _role_of_site(alias)
            powers: Sequence[str] = powers_of(role, alias)
        except MightyRole as error:  # its connection is closed already
            powers = error.powers
        if not powers:
            found += [
                checks.Warning(
                    "The role of DATABASE_URL may make tables of its own.",
                    hint=f"Migrate as the owner of the database, or: {statement};",
                    id="common.W002",
                )
                for statement in left_open(role, alias)
            ]
        elif settings.REFUSE_MIGHTY_ROLE:
            found.append(checks.Error(str(MightyRole(powers)), id="common.E001"))
        else:
            found.append(checks.Warning(str(MightyRole(powers)), id="common.W001"))
    return found


def _role_of_site(alias: str) -> str:
    """Also in the owner's moments; as the database knows it, which an address may leave out."""
    if alias in _runtime:
        return _runtime[alias]
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
    return str(role)
