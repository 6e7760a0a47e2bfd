"""What the matching worker keeps in its process: compiled code, snapshot, present lists.

The only place that reaches numba; ``matching.services`` comes here when it ranks, and nobody else.
Every process of every worker has the same state: the snapshot of the run, then its changes in the
order of their keys (``MatchChange``). A process that has fallen behind follows them.
"""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import structlog
from django.conf import settings

from matching.engine import checkpoint, compiled, files
from matching.engine.book import Book, Held
from matching.engine.index import Index, Lists
from matching.engine.text import Ints
from matching.models import CurrentRun, MatchChange, MatchPart, MatchRun, Side
from matching.pipeline import unpacked

log = structlog.get_logger(__name__)

Blocks = Callable[[Iterable[int]], Iterable[int]]

# 平台默认: a process that starts follows so many changes within a second.
CHECKPOINT_CHANGES = 32
_CHECKPOINT = "changes.npz"
_FORSAKEN_SECONDS = 6 * 3600

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class SnapshotMissing(Exception):
    """This host has no snapshot of the run: only a full run will do."""


@dataclass
class _Kept:
    """``mark``: key and moment (microseconds) of the last change taken in, zeros for none;
    ``unsaved``: changes since the checkpoint.
    """

    run: int
    book: Book
    begun: compiled.Part
    folder: Path
    mark: tuple[int, int] = (0, 0)
    unsaved: int = 0


_kept: _Kept | None = None


def warm() -> None:
    """Be ready for the first task: compile or load the kernel, map the present snapshot."""
    with _one_of_this_host("kernels"):
        compiled.warm()
    pointer = CurrentRun.objects.select_related("run").defer("run__statistics").first()
    if pointer is not None:
        try:
            book_of(pointer.run)
        except SnapshotMissing:
            log.info("matching_no_snapshot", generation=pointer.run.generation)
        else:
            remember()


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
    for name, array in files.flat("held", Held.of(index, ranked)):
        files.write(folder / f"{name}.npy", array)
    return [
        dict(zip(keys[: len(listed)].tolist(), listed, strict=True))
        for keys, listed in (
            (index.scenarios.key, ranked.of_scenarios),
            (index.capabilities.key, ranked.of_capabilities),
        )
    ]


def book_of(run: MatchRun) -> Book:
    """The lists of a run after all its changes so far. Raises SnapshotMissing."""
    global _kept
    _kept, behind = _shortest_way(run)
    for change in behind:
        take_in(run, change)
    _kept.book.touched()
    return _kept.book


def take_in(run: MatchRun, change: MatchChange) -> None:
    """Do to the lists at hand what the change says."""
    kept = _at_hand(run)
    record = unpacked(Side(change.side), change.record)
    if change.side == Side.SCENARIO:
        kept.book.change_scenario(change.record_id, record)
    else:
        kept.book.change_capability(change.record_id, record)
    kept.mark = _mark(change)
    kept.unsaved += 1


def forget() -> None:
    """Drop what may not agree with the database: a change that failed half-way."""
    global _kept  # noqa: PLW0603
    _kept = None


def remember() -> None:
    """Save the lists at hand, for processes that start, when much has changed since the last time.

    Not within a transaction: what is saved must have been committed.
    """
    if _kept is None or _kept.unsaved < CHECKPOINT_CHANGES:
        return
    file = _kept.folder / _CHECKPOINT
    with _one_of_this_host("changes"):
        saved = checkpoint.read(file, "mark")
        since = checkpoint.mark_of(saved)[0] if saved else 0
        changes = MatchChange.objects.filter(run=_kept.run, pk__lte=_kept.mark[0])
        _kept.unsaved = changes.filter(pk__gt=since).count()  # others save too
        if _kept.unsaved < CHECKPOINT_CHANGES or not _is_mark(changes.last(), _kept.mark):
            return
        with suppress(FileNotFoundError):  # the run is over
            checkpoint.save(_kept.book, _kept.begun, file, _kept.mark)
            _kept.unsaved = 0


def _at_hand(run: MatchRun) -> _Kept:
    if _kept is None or _kept.run != run.pk:
        raise RuntimeError("the lists of this run are not at hand")
    return _kept


def _shortest_way(run: MatchRun) -> tuple[_Kept, list[MatchChange]]:
    """Lists to begin with, and the changes that they lack."""
    for kept in _beginnings(run):
        behind = _behind(run, kept)
        if behind is not None:
            return kept, behind
    raise RuntimeError("the snapshot itself lacks no change")


def _beginnings(run: MatchRun) -> Iterator[_Kept]:
    """Whence to follow the changes, the shortest way first."""
    if _kept is not None and _kept.run == run.pk:
        yield _kept
    saved = checkpoint.read(folder_of(run) / _CHECKPOINT)
    if saved is not None:
        kept = _begun(run)
        try:
            checkpoint.restore(kept.book, kept.begun, saved)
        except (KeyError, ValueError) as error:  # another version's
            log.warning("matching_checkpoint_unreadable", error=repr(error))
        else:
            kept.mark = checkpoint.mark_of(saved)
            yield kept
    yield _begun(run)


def _begun(run: MatchRun) -> _Kept:
    """As the full run left it. Raises SnapshotMissing."""
    folder = folder_of(run)
    try:
        lists = compiled.Part(
            files.mapped(folder / "scenarios.npy"), files.mapped(folder / "capabilities.npy")
        )
        held = Held(
            *(
                files.unflat(
                    f"held.{side}", Lists, lambda name: files.mapped(folder / f"{name}.npy")
                )
                for side in Held._fields
            )
        )
    except FileNotFoundError as error:
        raise SnapshotMissing from error
    return _Kept(run.pk, Book(_index(run), lists, held), lists, folder)


def _behind(run: MatchRun, kept: _Kept) -> list[MatchChange] | None:
    """The changes that are to be taken in. None when the last one taken in is not there: its
    transaction failed later, or the database is another.
    """
    changes = list(run.changes.filter(pk__gte=kept.mark[0]))
    if kept.mark == (0, 0):
        return changes
    return changes[1:] if changes and _is_mark(changes[0], kept.mark) else None


def _is_mark(change: MatchChange | None, mark: tuple[int, int]) -> bool:
    return change is not None and _mark(change) == mark


def _mark(change: MatchChange) -> tuple[int, int]:
    return change.pk, (change.created_at - _EPOCH) // _MICROSECOND


def clear(over: Iterable[MatchRun], shown: MatchRun | None = None) -> None:
    """Remove the snapshots of runs that are over, what runs that were killed have left on this
    host, and the parts of the run that is shown.
    """
    with _one_of_this_host("changes"):
        for run in over:
            if run.snapshot is not None:
                shutil.rmtree(folder_of(run), ignore_errors=True)
        _clear_forsaken()
    if shown is None:
        return
    for file in folder_of(shown).glob("part-*.npy"):
        file.unlink(missing_ok=True)


def _clear_forsaken() -> None:
    """A run's folder has its name before the database knows of it."""
    runs = MatchRun.objects.exclude(snapshot=None)
    known = {each.hex for each in runs.values_list("snapshot", flat=True) if each}
    long_ago = time.time() - _FORSAKEN_SECONDS
    for folder in (settings.MATCHING_HOME / "snapshots").glob("*"):
        with suppress(FileNotFoundError):
            if folder.name not in known and folder.stat().st_mtime < long_ago:
                shutil.rmtree(folder, ignore_errors=True)


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
