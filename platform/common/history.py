"""Row history (django-pghistory): triggers keep what named columns of a row were, whoever wrote it.

Who decided and why is in the audit log; this shows also what was written past every verb. An app
that keeps history lets the running site add and read it alone (``AppConfig.runtime_privileges``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
from django.db import connections, models

M = TypeVar("M", bound=models.Model)

PRIVILEGES = "SELECT, INSERT"


def keeps_history(*fields: str) -> Callable[[type[M]], type[M]]:
    """Give a model ``<Model>History``: a row for each insert, change of ``fields``, and deletion.

    ``row.history``, by ``pgh_id``: the columns as they then were, ``pgh_label`` (``insert``,
    ``update``, ``delete``) and ``pgh_created_at``, the time of the transaction. It outlives the
    row. Name no column that is confidential or personal: nothing here is ever masked or edited.
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


def keep_always(alias: str = "default") -> None:
    """Let no session switch the triggers off, which pgtrigger would allow to any role.

    To be called by the owner after each migration: those with triggers put the function back.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name)"
            " RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false'"
        )
