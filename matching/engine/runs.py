"""Runs of characters that texts have in common, in time near linear in the texts."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SharedRuns:
    """Runs of two signs and more: of which pair, where they begin in the text asked for and in
    the one offered, and how many signs they have; ascending by pair and by place in the latter.
    """

    pair: Ints
    asked: Ints
    offered: Ints
    length: Ints

    def joined(self, other: SharedRuns) -> SharedRuns:
        """With the runs of other pairs."""
        order = np.argsort(np.concatenate([self.pair, other.pair]), kind="stable")
        return SharedRuns(
            *(
                np.concatenate([getattr(each, name.name) for each in (self, other)])[order]
                for name in fields(self)
            )
        )


def shared_runs(
    terms: Ints, begins: Ints, ends: Ints, asked: Ints, offered: Ints
) -> tuple[SharedRuns, list[int]]:
    """For each pair of texts the runs of ``Runs.shared_with``; and the pairs that are left to it,
    since they have more terms in common than signs.

    ``terms``: at each place of all texts the number of the sign there and the next one together,
    0 where no run may reach over; ``begins`` and ``ends`` of each text, behind each of which is
    one place more; ``asked`` and ``offered``: the numbers of the two texts of each pair.
    """
    kinds, size = int(terms.max(initial=0)) + 1, len(terms)
    searched = np.unique(asked)
    here, text = ranges(begins[searched], ends[searched])
    keys = searched[text] * kinds + terms[here]
    order = np.argsort(keys, kind="stable")
    here, keys = here[order], keys[order]
    there, pair = ranges(begins[offered], ends[offered])
    there, pair = there[terms[there] > 0], pair[terms[there] > 0]
    wanted = asked[pair] * kinds + terms[there]
    first, last = (np.searchsorted(keys, wanted, side) for side in ("left", "right"))
    lengths = ends - begins
    many = np.bincount(pair, last - first, len(asked)) > lengths[asked] + lengths[offered]
    last = np.where(many[pair], first, last)
    met, place = ranges(first, last)
    runs = _longest(pair[place], here[met], there[place], size)
    return runs, np.flatnonzero(many).tolist()


def _longest(pair: Ints, here: Ints, there: Ints, size: int) -> SharedRuns:
    """Of places where the same term stands ``here`` and ``there``: the longest runs that end at
    each place there, the first of several, as far as none is longer at the next place.
    """
    ways = ((2 * pair + 1) * size + there - here) * size + there
    order = np.argsort(ways)
    number = np.arange(len(ways))
    begun = np.diff(ways[order], prepend=-2) != 1
    lengths = np.empty_like(number)
    lengths[order] = number - np.maximum.accumulate(np.where(begun, number, 0)) + 2
    ends = pair * size + there
    order = np.lexsort((here, -lengths, ends))
    order = order[np.diff(ends[order], prepend=-1) != 0]
    ends, found = ends[order], lengths[order]
    onward = (np.diff(ends) == 1) & (np.diff(found) == 1)
    order = order[~np.append(onward, False)[: len(order)]]
    back = lengths[order] - 2
    return SharedRuns(pair[order], here[order] - back, there[order] - back, lengths[order])


def ranges(begins: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """All numbers from each beginning to its end, in one row; and which of them each is of."""
    counts = ends - begins
    which = np.repeat(np.arange(len(counts)), counts)
    return np.arange(len(which)) + np.repeat(ends - np.cumsum(counts), counts), which


class Runs:
    """Every run of characters of a text: its suffix automaton (Blumer et al. 1985).

    A state stands for runs that end at the same places of the text, first at ``_ends``; the
    longest has ``_lengths`` characters, the shorter ones are its endings. ``_links`` leads to the
    state of the next shorter ending, ``_next`` to the state of the runs that are one character
    longer. State 0 is the empty run.
    """

    def __init__(self, text: str) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._links = [-1]
        self._lengths = [0]
        self._ends = [0]
        whole = 0
        for character in text:
            whole = self._append(whole, character)

    def _append(self, before: int, character: str) -> int:
        """Add ``character`` to the text that ``before`` stands for; returns the whole's state."""
        length = self._lengths[before] + 1
        whole = self._add({}, 0, length, length)
        state = before
        while state >= 0 and character not in self._next[state]:
            self._next[state][character] = whole
            state = self._links[state]
        if state >= 0:
            self._links[whole] = self._ending(state, character)
        return whole

    def _ending(self, state: int, character: str) -> int:
        """The state of exactly the run of ``state`` and ``character``, split off if need be."""
        known = self._next[state][character]
        length = self._lengths[state] + 1
        if self._lengths[known] == length:
            return known
        split = self._add(dict(self._next[known]), self._links[known], length, self._ends[known])
        while state >= 0 and self._next[state].get(character) == known:
            self._next[state][character] = split
            state = self._links[state]
        self._links[known] = split
        return split

    def _add(self, onward: dict[str, int], link: int, length: int, end: int) -> int:
        self._next.append(onward)
        self._links.append(link)
        self._lengths.append(length)
        self._ends.append(end)
        return len(self._next) - 1

    def shared_with(self, other: str) -> list[tuple[int, int, int]]:
        """Start in ``other``, start in the text (the first of several) and length of the runs
        that both have: all that can be drawn out on neither side, in order. None holds a space.
        """
        longest = self._longest(other)
        return [
            (end - length + 1, own_end - length, length)
            for end, ((length, own_end), (onward, _)) in enumerate(
                zip(longest, [*longest[1:], (0, 0)], strict=False)
            )
            if length and onward != length + 1
        ]

    def _longest(self, other: str) -> list[tuple[int, int]]:
        """For each place of ``other`` the longest shared run that ends there: its length, and
        where it first ends in the text.
        """
        found = []
        state = length = 0
        for character in other:
            onward = self._next[state].get(character)
            while onward is None and state:
                state = self._links[state]
                length = self._lengths[state]
                onward = self._next[state].get(character)
            if onward is None or character == " ":
                state = length = 0
            else:
                state = onward
                length += 1
            found.append((length, self._ends[state]))
        return found
