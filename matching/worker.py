"""What the matching worker keeps in its process: compiled code, snapshot, present lists.

The only place that reaches numba; ``matching.services`` comes here when it ranks, and nobody else.
Every process of every worker has the same state: the snapshot of the run, then its changes in the
order of their keys (``MatchChange``). A process that has fallen behind follows them.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import structlog
from django.conf import settings

from matching.engine import compiled, files
from matching.engine.book import Book
from matching.engine.index import Index
from matching.engine.text import Ints
from matching.models import CurrentRun, MatchChange, MatchPart, MatchRun, Side
from matching.pipeline import unpacked

log = structlog.get_logger(__name__)

Blocks = Callable[[Iterable[int]], Iterable[int]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class SnapshotMissing(Exception):
    """This host has no snapshot of the run: only a full run will do."""


@dataclass
class _Held:
    run: int
    book: Book
    change: int  # the last one taken in, 0 for none


_held: _Held | None = None


def warm() -> None:
    """Be ready for the first task: compile or load the kernel, map the present snapshot."""
    with _one_of_this_host("kernels"):
        compiled.warm()
    pointer = CurrentRun.objects.select_related("run").first()
    if pointer is not None:
        try:
            book_of(pointer.run)
        except SnapshotMissing:
            log.info("matching_no_snapshot", generation=pointer.run.generation)


def keep(run: MatchRun, index: Index, *versions: Mapping[int, datetime]) -> None:
    """Write the snapshot of a run, the versions of its records by side, and floors that its parts
    raise together.
    """
    folder = folder_of(run)
    folder.parent.mkdir(parents=True, exist_ok=True)
    files.save(index, folder)
    files.write(folder / "floors.npy", np.zeros(index.scenario_count, np.int64))
    for side, known in zip(Side, versions, strict=True):
        moments = [(key, (when - _EPOCH) // _MICROSECOND) for key, when in known.items()]
        files.write(folder / f"versions-{side}.npy", np.array(moments, np.int64).reshape(-1, 2))


def versions_of(run: MatchRun) -> list[dict[int, datetime]]:
    """The versions of the records that a run read, by side."""
    return [
        {key: _EPOCH + moment * _MICROSECOND for key, moment in files.mapped(file).tolist()}
        for file in (folder_of(run) / f"versions-{side}.npy" for side in Side)
    ]


def rank_part(run: MatchRun, part: MatchPart, blocks: Blocks) -> None:
    folder = folder_of(run)
    with _one_of_this_host("kernels"):
        compiled.warm()
    index = _index(run)
    floors = files.mapped(folder / "floors.npy", "r+")
    lists = compiled.rank_part(
        index, part.first_block, part.last_block, shared=floors, blocks=blocks
    )
    files.write(folder / f"part-{part.number}-scenarios.npy", lists.of_scenarios)
    files.write(folder / f"part-{part.number}-capabilities.npy", lists.of_capabilities)


def merge(run: MatchRun) -> list[dict[int, Ints]]:
    """The lists of all parts as one, by side and record; kept beside the snapshot.

    Raises SnapshotMissing.
    """
    folder = folder_of(run)
    index = _index(run)
    try:
        parts = [
            compiled.Part(
                files.mapped(folder / f"part-{number}-scenarios.npy"),
                files.mapped(folder / f"part-{number}-capabilities.npy"),
            )
            for number in run.parts.values_list("number", flat=True)
        ]
    except FileNotFoundError as error:
        raise SnapshotMissing from error
    ranked = compiled.merged(parts)
    files.write(folder / "scenarios.npy", ranked.of_scenarios)
    files.write(folder / "capabilities.npy", ranked.of_capabilities)
    return [
        dict(zip(keys[: len(listed)].tolist(), listed, strict=True))
        for keys, listed in (
            (index.scenarios.key, ranked.of_scenarios),
            (index.capabilities.key, ranked.of_capabilities),
        )
    ]


def book_of(run: MatchRun) -> Book:
    """The lists of a run after all its changes so far. Raises SnapshotMissing."""
    global _held  # noqa: PLW0603
    if _held is None or _held.run != run.pk or not _is_on_the_way(run, _held):
        _held = None
        folder = folder_of(run)
        try:
            lists = compiled.Part(
                files.mapped(folder / "scenarios.npy"), files.mapped(folder / "capabilities.npy")
            )
        except FileNotFoundError as error:
            raise SnapshotMissing from error
        _held = _Held(run.pk, Book(_index(run), lists), 0)
    held = _held
    for change in run.changes.filter(pk__gt=held.change):
        take_in(run, change)
    held.book.touched()
    return held.book


def take_in(run: MatchRun, change: MatchChange) -> None:
    """Do to the held lists what the change says."""
    if _held is None or _held.run != run.pk:
        raise RuntimeError("the lists of this run are not at hand")
    record = unpacked(Side(change.side), change.record)
    if change.side == Side.SCENARIO:
        _held.book.change_scenario(change.record_id, record)
    else:
        _held.book.change_capability(change.record_id, record)
    _held.change = change.pk


def forget() -> None:
    """Drop what may not agree with the database: a change that failed half-way."""
    global _held  # noqa: PLW0603
    _held = None


def _is_on_the_way(run: MatchRun, held: _Held) -> bool:
    """Whether the last change taken in was committed: else its transaction failed later."""
    return held.change == 0 or run.changes.filter(pk=held.change).exists()


def clear(over: Iterable[MatchRun], shown: MatchRun | None = None) -> None:
    """Remove the snapshots of runs that are over, and the parts of the one that is shown."""
    for run in over:
        if run.snapshot is not None:
            shutil.rmtree(folder_of(run), ignore_errors=True)
    if shown is None:
        return
    for file in folder_of(shown).glob("part-*.npy"):
        file.unlink(missing_ok=True)


def folder_of(run: MatchRun) -> Path:
    if run.snapshot is None:
        raise SnapshotMissing
    return settings.MATCHING_HOME / "snapshots" / run.snapshot.hex


@contextmanager
def _one_of_this_host(what: str) -> Iterator[None]:
    """Others wait: two that compile the same at once take twice as long."""
    settings.MATCHING_HOME.mkdir(parents=True, exist_ok=True)
    with (settings.MATCHING_HOME / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _index(run: MatchRun) -> Index:
    try:
        return files.load(folder_of(run))
    except FileNotFoundError as error:
        raise SnapshotMissing from error
