"""Runs that two texts share, against comparing every piece with every piece."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.runs import Runs

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
