"""The lists of a generation, and what the change of one record does to them.

A list holds every counterpart whose entry is above its floor: SIZE of them after a full run, more
than are shown, so that a few may leave before the list must be made anew. Every change is exact:
the lists are then what a full run with the same term statistics would give.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from matching.engine.compiled import Part, Single, put_in, take_out
from matching.engine.index import Array, Index
from matching.engine.ranking import KEY_MASK, SIZE, TOP, entries
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.text import Ints

_CLOSED = KEY_MASK << 20  # a floor that nothing passes


@dataclass
class Standing:
    """Lists of one side, best first: ``listed`` (rows, SIZE) entries, 0 for none.

    ``floors``: what is not in a list is not above its floor; 0 for lists that hold all there is.
    ``touched``: rows to be looked at for lists that have become short; ``shown``: those of which
    something else is shown than before.
    """

    keys: Ints
    listed: Ints
    floors: Ints
    rows: dict[int, int] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, keys: Ints, count: int, listed: Ints) -> Standing:
        """``keys``: of all rows, also those that are room; ``listed``: of the first ``count``."""
        every = np.zeros((len(keys), SIZE), np.int64)
        every[:count] = listed
        return cls(keys, every, _floors(every), _places(keys[:count]))

    def set(self, row: int, listed: Ints) -> None:
        """Make a list anew from all entries that could be in it."""
        best = -np.sort(-listed)[:SIZE]
        self.listed[row] = 0
        self.listed[row, : len(best)] = best
        self.floors[row] = _floors(self.listed[row : row + 1])[0]
        self.touched.add(row)
        self.shown.add(row)

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


class Book:
    """Index and lists of both sides, as they are after every change so far."""

    def __init__(self, index: Index, lists: Part) -> None:
        self.index = index
        self.scenarios = Standing.of(index.scenarios.key, index.scenario_count, lists.of_scenarios)
        self.capabilities = Standing.of(
            index.capabilities.key, index.capability_count, lists.of_capabilities
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
        # Lists whose floor it passes hold it: quicker than to look through all lists.
        rows, scores = self._against(row, own, others.floors)
        holding, _ = _above(rows, entries(scores, own.keys[row]), others.floors)
        others.remove(holding, key)
        alive[row] = 0
        own.listed[row] = 0
        own.floors[row] = _CLOSED

    def _enter(self, row: int, own: Standing, others: Standing) -> None:
        own.floors[row] = 0
        rows, scores = self._against(row, own, others.floors)
        own.set(row, entries(scores, others.keys[rows]))
        others.insert(*_above(rows, entries(scores, own.keys[row]), others.floors))

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
                own.set(row, entries(scores, others.keys[rows]))
