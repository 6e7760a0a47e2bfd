"""Runs of characters that two texts have in common, in time linear in both."""

from __future__ import annotations


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
