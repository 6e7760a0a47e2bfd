"""Runs that two texts share, against comparing every piece with every piece."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.runs import Runs, shared_runs
from matching.engine.text import Ints, codes

few = st.text(st.sampled_from("ab "), max_size=40)
some = st.text(st.sampled_from("水泵降噪光 "), max_size=40)
texts = few | some | st.text(max_size=20)


def shared(text: str, other: str) -> list[str]:
    return [other[start : start + length] for start, _, length in Runs(text).shared_with(other)]


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("", "", []),
        ("", "水泵", []),
        ("水泵", "", []),
        ("水", "水", ["水"]),
        ("水泵降噪", "降噪水泵", ["降噪", "水泵"]),
        ("水泵 降噪", "水泵 降噪", ["水泵", "降噪"]),
        ("水泵降 泵降噪音", "水泵降噪音", ["水泵降", "泵降噪音"]),
        ("abcbc", "abcbcbc", ["abcbc", "bcbc"]),
        ("aab", "abaab", ["ab", "aab"]),
        ("aaaa", "aa aaaaaa", ["aa", "aaaa", "aaaa", "aaaa"]),
        ("𠀀泵", "泵𠀀泵", ["泵", "𠀀泵"]),
    ],
)
def test_runs_that_cannot_be_drawn_out_in_the_order_in_which_they_begin(
    text: str, other: str, expected: list[str]
) -> None:
    assert shared(text, other) == expected


@given(texts, texts)
@settings(max_examples=500, deadline=None)
def test_runs_are_those_of_comparing_every_piece(text: str, other: str) -> None:
    found = Runs(text).shared_with(other)

    # What is shared and neither one character more before nor one behind.
    common = {
        (start, end)
        for start in range(len(other))
        for end in range(start + 1, len(other) + 1)
        if other[start:end] in text and " " not in other[start:end]
    }
    longest = [
        (start, end)
        for start, end in sorted(common)
        if not {(start - 1, end), (start, end + 1)} & common
    ]
    assert [(start, start + length) for start, _, length in found] == longest
    assert [own for _, own, _ in found] == [text.find(other[start:end]) for start, end in longest]


@given(texts)
@settings(deadline=None)
def test_a_text_shares_with_itself_its_words_alone(text: str) -> None:
    assert shared(text, text) == [word for word in text.split(" ") if word]


def laid_out(pieces: list[str]) -> tuple[Ints, Ints, Ints]:
    """The numbered terms of texts in one row, and where each text begins and ends."""
    row = "\n".join(["", *pieces, ""])
    points, pairs = codes(row)
    said = ~np.isin(points, [ord(" "), ord("\n")])
    pairs = np.where(said[:-1] & said[1:], pairs, -1)
    ends = np.cumsum([len(each) + 1 for each in pieces])
    begins = ends - [len(each) for each in pieces]
    return np.unique(np.append(pairs, -1), return_inverse=True)[1], begins, ends + 0


@given(
    st.lists(st.text(st.sampled_from("ab 水泵\U00020000"), max_size=30), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6),
)
@settings(max_examples=500, deadline=None)
def test_runs_of_many_pairs_are_those_of_each(
    pieces: list[str], drawn: list[tuple[int, int]]
) -> None:
    pairs = [(one % len(pieces), other % len(pieces)) for one, other in drawn]
    terms, begins, ends = laid_out(pieces)
    asked, offered = np.array(pairs, np.int64).reshape(-1, 2).T

    runs, left = shared_runs(terms, begins, ends, asked, offered)

    rows = zip(*(each.tolist() for each in vars(runs).values()), strict=True)
    assert [
        (pair, own - begins[asked[pair]], start - begins[offered[pair]], length)
        for pair, own, start, length in rows
    ] == [
        (pair, own, start, length)
        for pair, (one, other) in enumerate(pairs)
        if pair not in left
        for start, own, length in Runs(pieces[one]).shared_with(pieces[other])
        if length > 1
    ]


def test_texts_that_repeat_themselves_are_left_and_no_others() -> None:
    pieces = ["水泵降噪" * 5, "水泵降噪", "泵" * 20]
    terms, begins, ends = laid_out(pieces)

    _, left = shared_runs(terms, begins, ends, np.array([1, 2, 0]), np.array([1, 2, 0]))

    assert left == [1, 2]
