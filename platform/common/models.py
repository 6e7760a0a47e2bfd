"""Fields that most records share."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.db.models.functions import Now

from common.errors import Conflict

BATCH = 1000
CHANGED_MEANWHILE = "别人在您编辑期间修改过这条记录，您的内容没有保存。请先查看当前版本。"


class UUID7(models.Func):
    """PostgreSQL 18's ``uuidv7()``: unguessable enough for addresses, ordered by time."""

    function = "uuidv7"
    output_field = models.UUIDField()


class ClockTimestamp(models.Func):
    """The database clock now; ``Now()`` is when the statement began (THREATS F11)."""

    function = "clock_timestamp"
    output_field = models.DateTimeField()


class PublicModel(models.Model):
    """A record that people reach by address: bigint inside, UUIDv7 outside."""

    public_id = models.UUIDField(db_default=UUID7(), unique=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True


def database_now() -> datetime:
    """This very moment by the database clock, the only one that deadlines know."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)  # noqa: S101 (narrows the type)
    return now


@contextmanager
def refuse_duplicates(constraint: str, message: str) -> Iterator[None]:
    """Turn a violation of the named constraint into a Conflict; other faults stay what they are."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != constraint:  # type: ignore[union-attr]
            raise
        raise Conflict(message) from None


def refuse_stale(
    locked: PublicModel, unchanged_since: datetime | None, message: str = CHANGED_MEANWHILE
) -> None:
    """Raises Conflict when somebody wrote the locked row after ``unchanged_since``.

    What a person typed on top of an older version must not silently replace a newer one.
    """
    if unchanged_since is not None and locked.updated_at != unchanged_since:
        raise Conflict(message)


def link(relation: Any, pairs: Iterable[tuple[int, Iterable[int]]]) -> None:
    """Fill a many-to-many ``relation`` (``Scenario.concepts``) of rows that have no links yet.

    ``pairs``: the row's key and the keys that it points at. A few statements, however many rows.
    """
    field = relation.field
    own, other = field.m2m_field_name(), field.m2m_reverse_field_name()
    relation.through._default_manager.bulk_create(
        (
            relation.through(**{f"{own}_id": row, f"{other}_id": target})
            for row, targets in pairs
            for target in targets
        ),
        batch_size=BATCH,
    )
