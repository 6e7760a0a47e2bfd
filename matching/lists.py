"""Packed lists in the database: written whole by a full run, row by row by single changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

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
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matching_matchlist AS own SET entries = new.entries, ranked_at = now()"
            " FROM unnest(%s::bigint[], %s::bytea[]) AS new (record_id, entries)"
            " WHERE own.run_id = %s AND own.side = %s AND own.record_id = new.record_id"
            " AND own.entries <> new.entries",
            [list(lists), [pack(each) for each in lists.values()], run.pk, side.value],
        )


def write_own(run: MatchRun, side: Side, record: int, version: datetime, listed: Ints) -> None:
    """Write the list of a record that was itself ranked again, and remember how it was."""
    entries = pack(listed)
    MatchList.objects.update_or_create(
        run=run,
        side=side,
        record_id=record,
        defaults={"version": version, "entries": entries, "ranked_at": timezone.now()},
    )
    last = MatchHistory.objects.filter(side=side, record_id=record).order_by("-pk").first()
    if last is None or _first_keys(bytes(last.entries)) != _first_keys(entries):
        MatchHistory.objects.create(
            generation=run.generation, side=side, record_id=record, entries=_first(entries)
        )


def remember(run: MatchRun, base: MatchRun | None) -> None:
    """Add to the history the lists of a new generation whose first places are others than before,
    and forget what is too old.
    """
    before: dict[tuple[str, int], bytes] = {}
    for side, record, entries in _entries(base):
        before[side, record] = _first_keys(entries)
    rows = (
        (run.generation, side, record, _first(entries))
        for side, record, entries in _entries(run)
        if _first_keys(entries) != before.get((side, record))
    )
    _copy(MatchHistory, ("generation", "side", "record_id", "entries"), rows)
    MatchHistory.objects.filter(generation__lte=run.generation - HISTORY_GENERATIONS).delete()


def _entries(run: MatchRun | None) -> Iterator[tuple[str, int, bytes]]:
    if run is not None:
        rows = run.lists.values_list("side", "record_id", "entries")
        for side, record, entries in rows.iterator(chunk_size=10_000):
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
