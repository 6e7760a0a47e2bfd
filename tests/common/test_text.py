"""Text is cleaned once, and nothing invisible or misleading gets through (THREATS A17, A18)."""

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.text import clean_line, clean_text


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  港口 岸电\t\n", "港口 岸电"),
        ("一\r\n二\r三\n四", "一\n二\n三\n四"),
        ("智\u200b能\u200d机\ufeff器\u00ad人\u2060", "智能机器人"),
        ("\u200e广州\u200f\u061c", "广州"),
        ("e\u0301", "é"),
        ("（预算：１００万元）", "（预算：１００万元）"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("\u3164\u2800\u200b", ""),
        ("", ""),
    ],
)
def test_text_is_stored_as_it_reads(typed: str, stored: str) -> None:
    assert clean_text(typed) == stored


@pytest.mark.parametrize("mark", list("\x00\x01\x08\x0b\x0c\x1b\x7f\x85\u202a\u202e\u2066\u2069"))
def test_control_and_bidirectional_characters_are_refused_with_their_place(mark: str) -> None:
    with pytest.raises(ValueError, match="第 3 个字是不可见的控制字符"):
        clean_text(f"广州{mark}市")


def test_place_of_a_refused_character_counts_what_people_see() -> None:
    with pytest.raises(ValueError, match="第 3 个字"):
        clean_text("广\u200b\u200b州\x00")


def test_lone_surrogates_and_what_no_spreadsheet_holds_are_refused() -> None:
    for mark in ("\ud800", "\udfff", "\ufffe", "\uffff"):
        with pytest.raises(ValueError, match="第 1 个字"):
            clean_text(mark)


def test_no_control_or_direction_mark_of_unicode_survives() -> None:
    """Each of a million characters: left alone, removed or refused; these are never left."""
    steering = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    survivors = set()
    for mark in map(chr, range(sys.maxunicode + 1)):
        steers = mark in "\u200e\u200f\u061c" or unicodedata.bidirectional(mark) in steering
        if steers or unicodedata.category(mark) in {"Cc", "Cs"}:
            try:
                cleaned = clean_text(f"a{mark}b")
            except ValueError:
                continue
            survivors |= {mark} & set(cleaned)

    assert survivors == {"\t", "\n"}


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    for clean in (clean_text, clean_line):
        try:
            once = clean(text)
        except ValueError:
            continue
        assert clean(once) == once


def test_line_has_single_spaces_and_no_breaks() -> None:
    assert clean_line(" 港口\u3000\u3000岸电\n智能\t巡检\u2028 ") == "港口 岸电 智能 巡检"
