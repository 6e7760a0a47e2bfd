"""What changes have made of a book, in one file beside the snapshot from which it began.

It holds what differs: rows that came, records that went, lists that are others now. A process that
begins with snapshot and checkpoint needs to follow the few changes behind it only.
"""

from __future__ import annotations

import json
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from matching.engine.book import Book, Standing
from matching.engine.compiled import Part
from matching.engine.files import flat, unflat
from matching.engine.index import Array, Capabilities, Index, Lists, Scenarios, T, Terms, put
from matching.engine.text import Ints

Saved = dict[str, Array]


def save(book: Book, begun: Part, file: Path, mark: tuple[int, int]) -> None:
    """Take the place of ``file`` at one stroke; one process at a time.

    ``begun``: the lists from which the book began; ``mark`` tells how far it is.
    """
    draft = file.with_name(f"{file.name}.new")
    with draft.open("wb") as opened:
        np.savez(opened, allow_pickle=False, mark=np.array(mark), **_state(book, begun))
    draft.replace(file)


def read(file: Path, *names: str) -> Saved | None:
    """All arrays, or those named; None when there is none, or a broken one: it has check sums."""
    try:
        with np.load(file, allow_pickle=False) as saved:
            return {name: saved[name] for name in names or saved.files}
    except (OSError, EOFError, LookupError, RuntimeError, ValueError, zipfile.BadZipFile):
        return None  # a damaged directory of the archive can seem to want other versions of zip


def mark_of(saved: Saved) -> tuple[int, int]:
    first, second = saved["mark"].tolist()
    return first, second


def restore(book: Book, begun: Part, saved: Saved) -> None:
    """Make of a book that begins with ``begun`` what it was when it was saved."""
    index, encoder = book.index, book.index.encoder
    groups = unflat("groups", Lists, saved.__getitem__)
    put(index.groups, _groups_of(index, begun), groups)
    for first, last in zip(groups.bounds[:-1], groups.bounds[1:], strict=True):
        encoder.groups.of(tuple(groups.values[first:last].tolist()))
    encoder.vocabulary.numbers(saved["terms"])  # those that are not known are numbered in order
    for each in json.loads(saved["qualifications"].tobytes()):
        encoder.qualifications.of(each)
    for name, kind, rows, side, count in _sides(book, begun):
        new = unflat(name, kind, saved.__getitem__)
        put(rows, count, new)
        rows.alive[:count] = saved[f"{name}.alive-first"]
        _set_lists(side, name, saved)
        present = np.flatnonzero(rows.alive[: count + len(new.key)])
        side.rows = dict(zip(rows.key[present].tolist(), present.tolist(), strict=True))
    index.scenario_count += len(saved["scenarios.key"])
    index.capability_count += len(saved["capabilities.key"])


def _state(book: Book, begun: Part) -> Saved:
    index, encoder = book.index, book.index.encoder
    state = dict(
        flat("groups", _tail(index.groups, _groups_of(index, begun), len(encoder.groups.known)))
    )
    state["terms"] = np.array(list(encoder.vocabulary.later.known), np.int64)
    qualifications = json.dumps(list(encoder.qualifications.known)).encode()
    state["qualifications"] = np.frombuffer(qualifications, np.uint8)
    counts = (index.scenario_count, index.capability_count)
    for last, (name, _, rows, side, count) in zip(counts, _sides(book, begun), strict=True):
        state.update(flat(name, _tail(rows, count, last)))
        state[f"{name}.alive-first"] = rows.alive[:count]
        state.update(_lists_of(side, name, getattr(begun, f"of_{name}")))
    return state


def _sides(book: Book, begun: Part) -> list[tuple[str, type[Any], Any, Standing, int]]:
    """Name, rows, lists and first count of either side."""
    index = book.index
    return [
        ("scenarios", Scenarios, index.scenarios, book.scenarios, len(begun.of_scenarios)),
        (
            "capabilities",
            Capabilities,
            index.capabilities,
            book.capabilities,
            len(begun.of_capabilities),
        ),
    ]


def _groups_of(index: Index, begun: Part) -> int:
    """How many sets of tags were known: they were numbered as they were met."""
    return int(index.capabilities.group[: len(begun.of_capabilities)].max(initial=-1)) + 1


def _lists_of(side: Standing, name: str, begun: Ints) -> Saved:
    """Lists and floors that are not those of ``begun``, and who came to hold whom."""
    first = Standing.of(side.keys, begun, side.holders.first)
    changed = (side.listed != first.listed).any(axis=1) | (side.floors != first.floors)
    rows = np.flatnonzero(changed)
    later = side.holders.later
    return {
        f"{name}.changed": rows,
        f"{name}.listed": side.listed[rows],
        f"{name}.floors": side.floors[rows],
        f"{name}.held": np.array(list(later), np.int64),
        f"{name}.holders.bounds": np.cumsum([0, *map(len, later.values())]),
        f"{name}.holders.values": np.array([one for each in later.values() for one in each], int),
    }


def _set_lists(side: Standing, name: str, saved: Saved) -> None:
    rows = saved[f"{name}.changed"]
    side.listed[rows] = saved[f"{name}.listed"]
    side.floors[rows] = saved[f"{name}.floors"]
    values = saved[f"{name}.holders.values"].tolist()
    bounds = saved[f"{name}.holders.bounds"].tolist()
    held = [values[first:last] for first, last in pairwise(bounds)]
    side.holders.later.update(zip(saved[f"{name}.held"].tolist(), held, strict=True))


def _tail(rows: T, first: int, last: int) -> T:
    """A copy of some rows, for ``put``."""
    if isinstance(rows, Lists | Terms):
        own = slice(*rows.bounds[[first, last]])
        bounds = rows.bounds[first : last + 1] - rows.bounds[first]
        fields = [bounds, *(each[own] for each in rows[1:])]
    else:
        fields = [
            _tail(each, first, last) if isinstance(each, tuple) else each[first:last]
            for each in rows
        ]
    return type(rows)(*fields)  # type: ignore[no-any-return]
