"""Packed lists in the database: written whole by a full run, row by row by single changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from common.errors import Conflict
from matching.engine.ranking import KEY_BITS, KEY_MASK, TOP, TopList, keys_of, scores_of
from matching.engine.text import Ints
from matching.models import MatchHistory, MatchList, MatchRun, Side

# 平台默认: what a record's history tells of, and for how many generations.
HISTORY_PLACES = 10
HISTORY_GENERATIONS = 20

Lists = Mapping[int, Ints]  # entries by record, best first, 0 for none


class DamagedLists(Conflict):
    """What the database holds is not what was ranked: the run must not be shown."""


def pack(listed: Ints) -> bytes:
    """The entries that are shown; see ``unpack``."""
    shown = listed[:TOP]
    return shown[shown > 0].astype("<i8").tobytes()


def pack_all(lists: Lists) -> list[bytes]:
    """As ``pack`` does, at once: a single change may touch thousands."""
    shown = np.stack(list(lists.values()))[:, :TOP].astype("<i8")
    packed, length = shown.tobytes(), shown[0].nbytes
    used = (shown > 0).sum(axis=1) * shown.itemsize
    return [
        packed[place : place + size]
        for place, size in zip(range(0, len(packed), length), used.tolist(), strict=True)
    ]


def unpack(packed: bytes) -> TopList:
    listed = np.frombuffer(packed, "<i8").astype(np.int64)
    return TopList(keys_of(listed), scores_of(listed))


def pack_key(key: int) -> bytes:
    """How an entry of the record ``key`` begins."""
    return (KEY_MASK - key).to_bytes(KEY_BITS // 8, "little")


def write_all(run: MatchRun, side: Side, lists: Lists, versions: Mapping[int, datetime]) -> None:
    """Write every list of one side and prove that they arrived; raises DamagedLists.

    In the order of ``lists``: what one change touches then lies close together if it does there.
    """
    packed = {record: pack(own) for record, own in lists.items()}
    rows = (
        (run.pk, side.value, record, versions[record], entries)
        for record, entries in packed.items()
    )
    _copy(MatchList, ("run_id", "side", "record_id", "version", "entries"), rows)
    digest = hashlib.sha256()
    for record in sorted(packed):
        digest.update(hashlib.sha256(packed[record]).digest())
    with connection.cursor() as cursor:
        # Else the first changes would be planned as if there were no rows of this run.
        cursor.execute("ANALYZE matching_matchlist")
        cursor.execute(
            "SELECT count(*), encode(sha256(coalesce(string_agg(sha256(entries), ''::bytea"
            " ORDER BY record_id), ''::bytea)), 'hex')"
            " FROM matching_matchlist WHERE run_id = %s AND side = %s",
            [run.pk, side.value],
        )
        found = cursor.fetchone()
    if found != (len(packed), digest.hexdigest()):
        raise DamagedLists("写入的匹配清单与计算结果不符，本轮结果作废。")


def write_changed(run: MatchRun, side: Side, lists: Lists) -> None:
    """Write lists that others' changes touched; they keep the version of their own record."""
    if not lists:
        return
    # Not through Django: it writes values into the statement, here hundreds of lists in hex.
    psycopg.Cursor(connection.connection).execute(
        "UPDATE matching_matchlist AS own SET entries = new.entries, ranked_at = now()"
        " FROM unnest(%b::bigint[], %b::bytea[]) AS new (record_id, entries)"
        " WHERE own.run_id = %s AND own.side = %s AND own.record_id = new.record_id"
        " AND own.entries <> new.entries",
        [list(lists), pack_all(lists), run.pk, side.value],
    )


def write_own(run: MatchRun, side: Side, record: int, version: datetime, listed: Ints) -> None:
    """Write the list of a record that was itself ranked again, and remember how it was."""
    entries = pack(listed)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO matching_matchlist (run_id, side, record_id, version, entries)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (run_id, side, record_id) DO UPDATE SET"
            " version = excluded.version, entries = excluded.entries, ranked_at = now()"
            " RETURNING (SELECT told.entries FROM matching_matchhistory AS told"
            " WHERE told.side = %s AND told.record_id = %s ORDER BY told.id DESC LIMIT 1)",
            [run.pk, side.value, record, version, entries, side.value, record],
        )
        (last,) = cursor.fetchone()
    if last is None or _first_keys(bytes(last)) != _first_keys(entries):
        MatchHistory.objects.create(
            generation=run.generation, side=side, record_id=record, entries=_first(entries)
        )


def remember(run: MatchRun) -> None:
    """Add to the history the lists of a new generation whose first places are others than it last
    tells of, and forget what is too old; the last state of a list is kept.
    """
    last: dict[tuple[str, int], bytes] = {}
    told = MatchHistory.objects.order_by("side", "record_id", "-pk").distinct("side", "record_id")
    for side, record, entries in _entries(told):
        last[side, record] = _first_keys(entries)
    rows = (
        (run.generation, side, record, _first(entries))
        for side, record, entries in _entries(run.lists.all())
        if _first_keys(entries) != last.get((side, record))
    )
    _copy(MatchHistory, ("generation", "side", "record_id", "entries"), rows)
    newer = MatchHistory.objects.filter(
        side=OuterRef("side"), record_id=OuterRef("record_id"), pk__gt=OuterRef("pk")
    )
    old = MatchHistory.objects.filter(generation__lte=run.generation - HISTORY_GENERATIONS)
    old.filter(Exists(newer)).delete()


def _entries(rows: QuerySet[Any]) -> Iterator[tuple[str, int, bytes]]:
    packed = rows.values_list("side", "record_id", "entries")
    for side, record, entries in packed.iterator(chunk_size=10_000):
        yield side, record, bytes(entries)


def _first(entries: bytes) -> bytes:
    return entries[: 8 * HISTORY_PLACES]


def _first_keys(entries: bytes) -> bytes:
    return unpack(_first(entries)).keys.tobytes()


def _copy(model: Any, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Many rows at once, several times as fast as INSERT."""
    table = model._meta.db_table
    rows = list(rows)  # one connection cannot read while it copies
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
