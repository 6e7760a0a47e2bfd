"""The lists of a generation, and what the change of one record does to them.

A list holds every counterpart whose entry is above its floor: SIZE of them after a full run, more
than are shown, so that a few may leave before the list must be made anew. Every change is exact:
the lists are then what a full run with the same term statistics would give.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from matching.engine.compiled import Part, Single, put_in, take_out
from matching.engine.index import Array, Index, Lists
from matching.engine.ranking import KEY_MASK, SIZE, TOP, entries, keys_of
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.text import Ints

_CLOSED = KEY_MASK << 20  # a floor that nothing passes


class Holders(NamedTuple):
    """Of each row of one side, those rows of the other whose lists hold it, or did so once:
    who came is always told, who left may still be.

    ``first``: by the lists of the full run; ``later``: by changes since.
    """

    first: Lists
    later: dict[int, list[int]]

    def of(self, row: int) -> Ints:
        begin, end = (
            self.first.bounds[row : row + 2] if row + 1 < len(self.first.bounds) else (0, 0)
        )
        later = np.array(self.later.get(row, []), np.int64)
        return np.concatenate([self.first.values[begin:end].astype(np.int64), later])

    def add(self, row: int, holders: Iterable[int]) -> None:
        self.later.setdefault(row, []).extend(holders)


def holders(listed: Ints, keys: Ints) -> Lists:
    """By each record of ``keys``, the rows of ``listed`` that hold it."""
    flat = listed.ravel()
    places = np.flatnonzero(flat)
    order = np.argsort(keys, kind="stable")
    held = order[np.searchsorted(keys, keys_of(flat[places]), sorter=order)]
    # Of 16 bits numpy sorts several times as fast.
    held = held.astype(np.uint16 if len(keys) <= 1 << 16 else np.int32)
    counts = np.bincount(held, minlength=len(keys))
    rows = (places // max(listed.shape[1], 1)).astype(np.int32)
    return Lists(np.concatenate([[0], np.cumsum(counts)]), rows[np.argsort(held, kind="stable")])


@dataclass
class Standing:
    """Lists of one side, best first: ``listed`` (rows, SIZE) entries, 0 for none.

    ``floors``: what is not in a list is not above its floor; 0 for lists that hold all there is.
    ``holders``: who of the other side has a row in its list.
    ``touched``: rows to be looked at for lists that have become short; ``shown``: those of which
    something else is shown than before.
    """

    keys: Ints
    listed: Ints
    floors: Ints
    holders: Holders
    rows: dict[int, int] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, keys: Ints, listed: Ints, holders: Lists) -> Standing:
        """``keys``: of all rows, also those that are room; ``listed``: of those that are not."""
        count = len(listed)
        every = np.zeros((len(keys), SIZE), np.int64)
        every[:count] = listed
        return cls(keys, every, _floors(every), Holders(holders, {}), _places(keys[:count]))

    def set(self, row: int, listed: Ints) -> list[int]:
        """Make a list anew from all entries that could be in it; returns the keys of those that
        are.
        """
        best = -np.sort(-listed)[:SIZE]
        self.listed[row] = 0
        self.listed[row, : len(best)] = best
        self.floors[row] = _floors(self.listed[row : row + 1])[0]
        self.touched.add(row)
        self.shown.add(row)
        keys: list[int] = keys_of(best[best > 0]).tolist()
        return keys

    def remove(self, rows: Ints, key: int) -> None:
        self._touch(rows, take_out(self.listed, rows, key))

    def insert(self, rows: Ints, new: Ints) -> None:
        """Each of ``new`` is above the floor of its row; what it pushes out becomes the floor."""
        self._touch(rows, put_in(self.listed, self.floors, rows, new))

    def _touch(self, rows: Ints, places: Ints) -> None:
        self.touched.update(rows[places < SIZE].tolist())
        self.shown.update(rows[places < TOP].tolist())

    def changed(self) -> dict[int, Ints]:
        """Lists by key that show something else since last asked, without those of what is gone."""
        keys = self.keys[list(self.shown)].tolist()
        found = {key: self.listed[self.rows[key]] for key in keys if key in self.rows}
        self.touched.clear()
        self.shown.clear()
        return found

    def short(self, rows: Ints) -> Ints:
        """Those that have lost so many that they must be made anew."""
        floors = self.floors[rows]
        short = (self.listed[rows, TOP - 1] == 0) & (floors > 0) & (floors < _CLOSED)
        return np.asarray(rows[short])


def _above(rows: Ints, new: Ints, floors: Ints) -> tuple[Ints, Ints]:
    """Those of the rows whose floor the new entry passes, and these entries."""
    passing = new > floors[rows]
    return rows[passing], new[passing]


def _floors(listed: Ints) -> Ints:
    return np.asarray(np.where(listed[:, -1] > 0, listed[:, -1] - 1, 0))


def _places(keys: Ints) -> dict[int, int]:
    return {key: row for row, key in enumerate(keys.tolist())}


class Held(NamedTuple):
    """Who holds each scenario, and each capability, in the lists of a full run."""

    scenarios: Lists
    capabilities: Lists

    @classmethod
    def of(cls, index: Index, lists: Part) -> Held:
        return cls(
            holders(lists.of_capabilities, index.scenarios.key[: index.scenario_count]),
            holders(lists.of_scenarios, index.capabilities.key[: index.capability_count]),
        )


class Book:
    """Index and lists of both sides, as they are after every change so far."""

    def __init__(self, index: Index, lists: Part, held: Held | None = None) -> None:
        """``lists`` of a full run, and who holds whom in them, which is found out otherwise."""
        self.index = index
        held = held or Held.of(index, lists)
        self.scenarios = Standing.of(index.scenarios.key, lists.of_scenarios, held.scenarios)
        self.capabilities = Standing.of(
            index.capabilities.key, lists.of_capabilities, held.capabilities
        )
        self._single = Single(index)

    def change_scenario(self, key: int, record: ScenarioRecord | None) -> None:
        """Put ``record`` in the place of what had the key; None: it is gone. Raises Full."""
        row = self.index.add_scenario(record) if record else None
        self._leave(key, self.scenarios, self.capabilities, self.index.scenarios.alive)
        if row is not None:
            self.scenarios.rows[key] = row
            self._enter(row, self.scenarios, self.capabilities)
        self._mend()

    def change_capability(self, key: int, record: CapabilityRecord | None) -> None:
        """As ``change_scenario``."""
        row = self.index.add_capability(record) if record else None
        self._leave(key, self.capabilities, self.scenarios, self.index.capabilities.alive)
        if row is not None:
            self.capabilities.rows[key] = row
            self._enter(row, self.capabilities, self.scenarios)
        self._mend()

    def touched(self) -> tuple[dict[int, Ints], dict[int, Ints]]:
        """Lists of scenarios and of capabilities that show something else than when last asked."""
        return self.scenarios.changed(), self.capabilities.changed()

    def _leave(self, key: int, own: Standing, others: Standing, alive: Array) -> None:
        row = own.rows.pop(key, None)
        if row is None:
            return
        others.remove(own.holders.of(row), key)
        alive[row] = 0
        own.listed[row] = 0
        own.floors[row] = _CLOSED

    def _enter(self, row: int, own: Standing, others: Standing) -> None:
        own.floors[row] = 0
        rows, scores = self._against(row, own, others.floors)
        self._make(row, rows, scores, own, others)
        entering, new = _above(rows, entries(scores, own.keys[row]), others.floors)
        others.insert(entering, new)
        own.holders.add(row, entering.tolist())

    def _make(self, row: int, rows: Ints, scores: Ints, own: Standing, others: Standing) -> None:
        """Make a list anew from all rows that could be in it."""
        for key in own.set(row, entries(scores, others.keys[rows])):
            others.holders.add(others.rows[key], [row])

    def _against(self, row: int, own: Standing, floors: Ints) -> tuple[Ints, Ints]:
        if own is self.scenarios:
            return self._single.of_scenario(row, floors)
        return self._single.of_capability(row, floors)

    def _mend(self) -> None:
        for own, others in (
            (self.scenarios, self.capabilities),
            (self.capabilities, self.scenarios),
        ):
            every = np.fromiter(own.touched, np.int64)
            for row in own.short(every).tolist():
                own.floors[row] = 0
                # Nothing is to be looked for on behalf of others.
                closed = np.full(len(others.floors), _CLOSED)
                rows, scores = self._against(row, own, closed)
                self._make(row, rows, scores, own, others)
