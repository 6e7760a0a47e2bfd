"""The kernel's own figures: time, memory, growth, processes, and differences to the reference.

Each ranking runs in processes of its own, as it does in workers: they map the snapshot, have the
kernel at hand, and begin when all are ready. What is timed is the ranking of all pairs in both
directions and the merging of parts; laying out the index is told apart.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from matching.benchmark.data import Data
from matching.engine import compiled, files
from matching.engine.index import Index
from matching.engine.profile import STANDARD
from matching.engine.ranking import TOP, TopList, keys_of, rank, scores_of
from matching.engine.scoring import Scorer
from matching.engine.text import Ints

SEED = 20261121


@dataclass(frozen=True)
class Ranked:
    """``seconds`` of the ranking, ``memory`` of the largest process in bytes."""

    seconds: float
    memory: int
    lists: compiled.Part


class Bench:
    """One set of records, laid out once in a folder of its own."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._home = tempfile.TemporaryDirectory(prefix="scenebridge-benchmark-")
        self.folder = Path(self._home.name) / "snapshot"
        began = time.perf_counter()
        index = Index.build(data.scenarios, data.capabilities, data.tables, STANDARD)
        files.save(index, self.folder)
        self.build_seconds = time.perf_counter() - began
        self.size = sum(file.stat().st_size for file in self.folder.iterdir())
        self._blocks = len(index.blocks.rows) - 1
        self._scenario_keys = index.scenarios.key
        self._capability_keys = index.capabilities.key
        self.model = index.encoder.model

    def close(self) -> None:
        self._home.cleanup()

    def rank(self, processes: int) -> Ranked:
        edges = [self._blocks * each // processes for each in range(processes + 1)]
        files.write(self.folder / "floors.npy", np.zeros(len(self._scenario_keys), np.int64))
        context = get_context("spawn")
        ready = context.Barrier(processes)
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            pool.submit(compiled.warm).result()  # compiles, once: else its memory would count
        with ProcessPoolExecutor(
            processes, mp_context=context, initializer=_prepare, initargs=(ready, self.folder)
        ) as pool:
            list(pool.map(_wait, range(processes)))
            began = time.perf_counter()
            waiting = [
                pool.submit(_rank, self.folder, share, edges[share], edges[share + 1])
                for share in range(processes)
            ]
            memory = max(each.result() for each in waiting)
            merged = compiled.merged([_part(self.folder, share) for share in range(processes)])
            seconds = time.perf_counter() - began
        return Ranked(seconds, memory, merged)

    def differences(self, lists: compiled.Part, sample: int) -> int:
        """Places of lists, of ``sample`` scenarios and as many capabilities, that are not what
        the reference says: another record, or another score.
        """
        chance = np.random.default_rng(SEED)
        data = self._data
        found = 0
        asked = chance.choice(len(data.scenarios), min(sample, len(data.scenarios)), replace=False)
        scorer = Scorer(data.capabilities, data.tables, self.model, STANDARD)
        expected = rank((data.scenarios[each] for each in asked), scorer).of_scenarios
        found += _different(expected, self._scenario_keys, lists.of_scenarios)
        offered = chance.choice(
            len(data.capabilities), min(sample, len(data.capabilities)), replace=False
        )
        chosen = [data.capabilities[each] for each in offered]
        scorer = Scorer(chosen, data.tables, self.model, STANDARD)
        ordered = sorted(data.scenarios, key=lambda each: each.key)
        expected = rank(ordered, scorer).of_capabilities
        return found + _different(expected, self._capability_keys, lists.of_capabilities)


def _different(expected: dict[int, TopList], keys: Ints, listed: Ints) -> int:
    rows = {key: row for row, key in enumerate(keys[: len(listed)].tolist())}
    found = 0
    for key, own in expected.items():
        shown = listed[rows[key]][:TOP]
        shown = shown[shown > 0]
        size = max(len(shown), len(own.keys))
        found += sum(
            one != other
            for one, other in zip(
                _places(keys_of(shown), scores_of(shown), size),
                _places(own.keys, own.scores, size),
                strict=True,
            )
        )
    return found


def _places(keys: Ints, scores: Ints, size: int) -> Iterable[tuple[int, int]]:
    pairs = list(zip(keys.tolist(), scores.tolist(), strict=True))
    return chain(pairs, [(0, 0)] * (size - len(pairs)))


_ready = None


def _prepare(ready: object, folder: Path) -> None:
    global _ready  # noqa: PLW0603
    _ready = ready
    compiled.warm()
    files.load(folder)


def _wait(number: int) -> None:
    """Each process takes one, and none goes on before all have."""
    _ready.wait()  # type: ignore[attr-defined]


def _rank(folder: Path, share: int, first: int, last: int) -> int:
    """Peak memory of this process so far, in bytes."""
    floors = files.mapped(folder / "floors.npy", "r+")
    lists = compiled.rank_part(files.load(folder), first, last, shared=floors)
    files.write(folder / f"part-{share}-scenarios.npy", lists.of_scenarios)
    files.write(folder / f"part-{share}-capabilities.npy", lists.of_capabilities)
    return _peak()


def _peak() -> int:
    """In bytes. ``getrusage`` would tell the parent's peak, which a process begins with."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kilobytes) * 1024


def _part(folder: Path, share: int) -> compiled.Part:
    return compiled.Part(
        files.mapped(folder / f"part-{share}-scenarios.npy"),
        files.mapped(folder / f"part-{share}-capabilities.npy"),
    )
