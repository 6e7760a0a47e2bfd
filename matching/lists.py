"""Packed lists in the database: written whole by a full run, row by row by single changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any

import numpy as np
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


def unpack(packed: bytes) -> TopList:
    listed = np.frombuffer(packed, "<i8").astype(np.int64)
    return TopList(keys_of(listed), scores_of(listed))


def pack_key(key: int) -> bytes:
    """How an entry of the record ``key`` begins."""
    return (KEY_MASK - key).to_bytes(KEY_BITS // 8, "little")


def write_all(run: MatchRun, side: Side, lists: Lists, versions: Mapping[int, datetime]) -> None:
    """Write every list of one side and prove that they arrived; raises DamagedLists."""
    packed = {record: pack(lists[record]) for record in sorted(lists)}
    rows = (
        (run.pk, side.value, record, versions[record], entries)
        for record, entries in packed.items()
    )
    _copy(MatchList, ("run_id", "side", "record_id", "version", "entries"), rows)
    digest = hashlib.sha256()
    for entries in packed.values():
        digest.update(hashlib.sha256(entries).digest())
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
    packed = [pack(each) for each in lists.values()]
    ends = accumulate(map(len, packed))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matching_matchlist AS own SET entries = new.entries, ranked_at = now()"
            " FROM (SELECT record_id, substring(%s::bytea FROM place FOR length) AS entries"
            " FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS at (record_id, place, length)"
            ") AS new"
            " WHERE own.run_id = %s AND own.side = %s AND own.record_id = new.record_id"
            " AND own.entries <> new.entries",
            [
                b"".join(packed),
                _array(lists),
                _array(1 + end - len(each) for each, end in zip(packed, ends, strict=True)),
                _array(map(len, packed)),
                run.pk,
                side.value,
            ],
        )


def write_own(run: MatchRun, side: Side, record: int, version: datetime, listed: Ints) -> None:
    """Write the list of a record that was itself ranked again, and remember how it was."""
    entries = pack(listed)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO matching_matchlist (run_id, side, record_id, version, entries)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (run_id, side, record_id) DO UPDATE SET"
            " version = excluded.version, entries = excluded.entries, ranked_at = now()",
            [run.pk, side.value, record, version, entries],
        )
    own = MatchHistory.objects.filter(side=side, record_id=record)
    last = own.order_by("-pk").values_list("entries", flat=True).first()
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


def _array(numbers: Iterable[int]) -> str:
    """As PostgreSQL writes it: a thousand numbers adapted one by one take milliseconds."""
    return f"{{{','.join(map(str, numbers))}}}"


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
