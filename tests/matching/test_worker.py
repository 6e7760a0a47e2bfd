"""What a process of the matching worker has at hand: never other lists than the database."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import transaction

from matching import worker
from matching.engine import checkpoint
from matching.engine.ranking import TOP, keys_of, scores_of
from matching.models import CurrentRun, MatchChange, MatchRun, Side
from matching.services import rank_all, rank_changed
from tests.matching.test_services import Changer, stored
from tests.records import make_capability, make_scenario

pytestmark = pytest.mark.django_db
EVERY = 3


@pytest.fixture
def changer(monkeypatch: pytest.MonkeyPatch) -> Changer:
    """Of a present generation."""
    monkeypatch.setattr(worker, "CHECKPOINT_CHANGES", EVERY)
    monkeypatch.setattr("matching.services.DRIFT_PERCENT", 10**6)
    changer = Changer(4)
    for _ in range(8):
        changer.add_scenario()
        changer.add_capability()
    rank_all()
    return changer


def present() -> MatchRun:
    return CurrentRun.objects.get().run


def file_of(run: MatchRun) -> Path:
    return worker.folder_of(run) / "changes.npz"


def saved_until(run: MatchRun) -> int:
    """Key of the last change in the checkpoint, 0 for none."""
    saved = checkpoint.read(file_of(run))
    return checkpoint.mark_of(saved)[0] if saved else 0


def last(run: MatchRun) -> int:
    return run.changes.values_list("pk", flat=True).last() or 0


def change(changer: Changer, times: int) -> None:
    for _ in range(times):
        rank_changed(changer.edit_scenario())


class Start:
    """A process that starts: its lists, and the changes that it had to follow."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        worker.forget()
        self.followed: list[int] = []
        taking = worker.take_in

        def take_in(run: MatchRun, change: MatchChange) -> None:
            self.followed.append(change.pk)
            taking(run, change)

        with monkeypatch.context() as patch:
            patch.setattr(worker, "take_in", take_in)
            book = worker.book_of(present())
        self.lists: dict[tuple[str, int], Any] = {}
        for side, own in ((Side.SCENARIO, book.scenarios), (Side.CAPABILITY, book.capabilities)):
            for key, row in own.rows.items():
                listed = own.listed[row][:TOP]
                listed = listed[listed > 0]
                pairs = zip(keys_of(listed).tolist(), scores_of(listed).tolist(), strict=True)
                self.lists[side, key] = list(pairs)


def test_process_that_starts_follows_only_what_came_after_the_checkpoint(
    changer: Changer, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(changer, EVERY - 1)
    worker.remember()
    assert saved_until(present()) == 0
    change(changer, 1)
    worker.remember()
    assert saved_until(present()) == last(present())
    rank_changed(changer.remove_capability())
    rank_changed(changer.add_capability())

    start = Start(monkeypatch)

    assert start.followed == list(present().changes.values_list("pk", flat=True))[EVERY:]
    assert start.lists == stored()


def test_processes_save_in_turn(changer: Changer) -> None:
    """Each counts from what is saved, not from what it has saved itself."""
    change(changer, EVERY)
    mine = worker._kept
    worker.forget()
    worker.book_of(present())
    worker.remember()
    until = saved_until(present())
    change(changer, 1)
    worker.remember()
    assert saved_until(present()) == until

    worker._kept = mine
    change(changer, EVERY - 2)
    worker.remember()
    assert saved_until(present()) == until
    change(changer, 1)
    worker.remember()
    assert saved_until(present()) == last(present()) > until


def test_change_that_was_rolled_back_is_never_saved(
    changer: Changer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored()
    with transaction.atomic():
        change(changer, EVERY)
        transaction.set_rollback(True)

    worker.remember()

    assert not file_of(present()).exists()
    assert Start(monkeypatch).lists == stored() == before


def test_checkpoint_that_the_database_knows_nothing_of_is_not_used(
    changer: Changer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a backup was restored: the keys that follow are given a second time."""
    before = stored()
    with transaction.atomic():
        change(changer, EVERY)
        worker.remember()
        assert saved_until(present()) == last(present())
        transaction.set_rollback(True)
    assert Start(monkeypatch).lists == stored() == before

    scenario = changer.scenarios[0]
    again = {"id": saved_until(present()), "run": present(), "side": Side.SCENARIO}
    MatchChange.objects.create(**again, record_id=scenario.pk, record=None)
    assert (Side.SCENARIO, scenario.pk) not in Start(monkeypatch).lists


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", None])
def test_unreadable_checkpoint_is_as_good_as_none(
    content: bytes | None, changer: Changer, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(changer, EVERY)
    worker.remember()
    if content is None:  # another version's
        saved = checkpoint.read(file_of(present()))
        assert saved is not None
        del saved["scenarios.held"]
        with file_of(present()).open("wb") as opened:
            np.savez(opened, allow_pickle=False, **saved)
    else:
        file_of(present()).write_bytes(content)

    start = Start(monkeypatch)

    assert len(start.followed) == EVERY
    assert start.lists == stored()
    change(changer, EVERY)
    worker.remember()
    assert Start(monkeypatch).followed == []


def test_checkpoint_goes_with_its_snapshot(changer: Changer) -> None:
    change(changer, EVERY)
    worker.remember()
    run = present()
    folder = worker.folder_of(run)
    change(changer, EVERY)

    worker.clear([run])
    worker.remember()

    assert not folder.exists()


def test_what_is_kept_again_is_what_was_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    make_scenario(name="巡检")
    make_capability(name="巡检")
    rank_all()

    assert Start(monkeypatch).lists == stored()


def test_what_killed_runs_left_on_disk_goes_with_the_next_run(changer: Changer) -> None:
    snapshots = worker.folder_of(present()).parent
    names = ["0" * 32, "1" * 32 + ".new", "2" * 32]
    for name in names:
        (snapshots / name).mkdir()
        (snapshots / name / "floors.npy").touch()
    for name in names[:2]:
        os.utime(snapshots / name, (0, 0))
    os.utime(worker.folder_of(present()), (0, 0))

    worker.clear([])

    # A run that has just begun is not known to the database yet.
    assert {each.name for each in snapshots.iterdir()} >= {names[2], present().snapshot.hex}
    assert not {each.name for each in snapshots.iterdir()} & set(names[:2])
    shutil.rmtree(snapshots / names[2])
