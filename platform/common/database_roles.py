"""Two roles in the database: one owns the tables, the other uses them (DESIGN, THREATS A31).

Whatever breaks into the running site can neither alter a table, drop a trigger nor truncate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import connections
from psycopg import sql

EVERYDAY = "SELECT, INSERT, UPDATE, DELETE"
# Which migrations have run, nobody but a migration writes.
_KEPT = {"django_migrations": "SELECT"}
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


def grant_everyday_use(role: str, alias: str = "default") -> None:
    """Let ``role`` read and write all tables, but for what apps keep from it.

    ``AppConfig.runtime_privileges`` names tables that allow less. To be called by their owner,
    after each migration: a new table grants nothing by itself.
    """
    kept: dict[str, str] = dict(_KEPT)
    for config in apps.get_app_configs():
        kept.update(getattr(config, "runtime_privileges", {}))
    name = sql.Identifier(role)
    statements = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
        sql.SQL("GRANT " + EVERYDAY + " ON ALL TABLES IN SCHEMA public TO {}").format(name),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name),
    ]
    for table, privileges in kept.items():
        at = sql.Identifier(table)
        statements += [
            sql.SQL("REVOKE ALL ON {} FROM {}").format(at, name),
            sql.SQL("GRANT " + privileges + " ON {} TO {}").format(at, name),
        ]
    with connections[alias].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def check_runtime_role(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """A system check (``check --database default``): the site's role must not own what it uses."""
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR EXISTS (SELECT FROM pg_class"
                " WHERE relowner = pg_roles.oid AND relnamespace = 'public'::regnamespace)"
                " FROM pg_roles WHERE rolname = current_user"
            )
            (is_mighty,) = cursor.fetchone()
        if is_mighty:
            found.append(
                checks.Warning(
                    "The role of DATABASE_URL owns tables or is a superuser: audit and final "
                    "editions are not safe from it.",
                    hint="Migrate as DATABASE_OWNER_URL, and give DATABASE_URL a role of its own.",
                    id="common.W001",
                )
            )
    return found
