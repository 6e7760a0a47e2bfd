"""Row history (django-pghistory): triggers keep what named columns of a row were, whoever wrote it.

Who decided and why is in the audit log; this shows also what was written past every verb. An app
that keeps history lets the running site read it alone (``AppConfig.runtime_privileges``): triggers
write it as the owner of the tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from psycopg import sql

from common.database_roles import SEARCH_PATH, one_at_a_time

M = TypeVar("M", bound=models.Model)

PRIVILEGES = "SELECT"


def keeps_history(*fields: str) -> Callable[[type[M]], type[M]]:
    """Give a model ``<Model>History``: a row for each insert, change of ``fields``, and deletion.

    ``row.history``, by ``pgh_id``: the columns as they then were, ``pgh_label`` (``insert``,
    ``update``, ``delete``) and ``pgh_created_at``, the time of the transaction. It outlives the
    row by RETENTION_DAYS. Name no column that is confidential or personal: nothing here is ever
    masked or edited.
    """

    def add(model: type[M]) -> type[M]:
        tracked: type[M] = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            fields=[*fields],
            model_name=f"{model.__name__}History",
            obj_field=pghistory.ObjForeignKey(related_name="history"),
            context_field=None,  # type: ignore[arg-type]  # as its documentation has it
            attrs={"pgh_id": models.BigAutoField(primary_key=True)},
            meta={"ordering": ["pgh_id"]},
        )(model)
        return tracked

    return add


def history_of(row: models.Model) -> models.QuerySet[Any]:
    """What a row of a model that ``keeps_history`` has been, the oldest first."""
    kept: Any = row
    past: models.QuerySet[Any] = kept.history.all()
    return past


def purge_history() -> int:
    """Delete the history of rows that are gone for as long as RETENTION_DAYS says; how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT common_purge_history()")
        (count,) = cursor.fetchone()
    return int(count)


def _purging() -> sql.Composed:
    """The one way for the site to delete history: when is up to the database, not to the caller.

    Keys are never given twice, so that a row which was deleted once stays gone.
    """
    age = sql.Literal(f"{settings.RETENTION_DAYS['history_of_removed']} days")
    histories = [
        model.pgh_event_model._meta.db_table
        for model in apps.get_models()
        if hasattr(model, "pgh_event_model")
    ]
    step = sql.SQL(
        """
        DELETE FROM {table} WHERE pgh_obj_id IN (SELECT pgh_obj_id FROM {table}
            WHERE pgh_label = 'delete' AND pgh_created_at < now() - interval {age});
        GET DIAGNOSTICS step = ROW_COUNT;
        total := total + step;"""
    )
    steps = [step.format(table=sql.Identifier(each), age=age) for each in sorted(histories)]
    return sql.SQL(
        """
        CREATE OR REPLACE FUNCTION public.common_purge_history() RETURNS bigint LANGUAGE plpgsql
            SECURITY DEFINER SET search_path = {path} AS $$
        DECLARE step bigint; total bigint := 0;
        BEGIN {steps}
            RETURN total;
        END $$
        """
    ).format(path=sql.SQL(SEARCH_PATH), steps=sql.Composed(steps))


def keep_always(alias: str = "default") -> None:
    """Let the triggers alone write history, and let no session switch them off.

    pgtrigger would allow the second to any role, and has its functions run with the rights of
    whoever changes a row. To be called by the owner after each migration: those with triggers put
    its functions back, and the purging takes a changed RETENTION_DAYS over.
    """
    with one_at_a_time(alias) as cursor:
        cursor.execute(_purging())
        cursor.execute(
            "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name)"
            f" RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = {SEARCH_PATH}"
            " AS 'SELECT false'"
        )
        cursor.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE NOT prosecdef"
            " AND pronamespace = 'public'::regnamespace AND proowner = current_user::regrole"
            r" AND prorettype = 'trigger'::regtype AND proname LIKE 'pgtrigger\_%'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(
                f"ALTER FUNCTION {name} SECURITY DEFINER SET search_path = {SEARCH_PATH}"
            )
