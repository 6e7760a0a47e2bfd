"""Money as people write and read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import InvalidInput
from common.money import MAX_FEN, parse_fen, say_fen
from web.templatetags.scenebridge import money, yuan


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("0.01", 1),
        ("100", 10_000),
        ("¥100", 10_000),
        ("￥1,200,000.50 元", 120_000_050),
        ("1，200", 120_000),
        ("￥ 12,345,678.9", 1_234_567_890),
        ("1200万", 1_200_000_000),
        ("1.5 亿元", 15_000_000_000),
        ("0.000001万", 1),
        ("92233720368547758.07", MAX_FEN),
    ],
)
def test_amount_is_read_as_people_write_it(text: str, fen: int) -> None:
    assert parse_fen(text) == fen


@pytest.mark.parametrize(
    ("text", "message"),
    [
        *[(text, "无法识别") for text in ("", "abc", "-1", "1e5", "NaN", "١", "1.", ".5")],
        *[
            (text, "无法识别")
            for text in ("1，5万", "1,5", "1.5,0", "1 2", "1¥2", "1百万", "12,34,567", "1,2345")
        ],
        ("1.234", "精确到分"),
        ("0.0000001万", "精确到分"),
        ("92233720368547758.08", "过大"),
        ("9" * 20, "过大"),
        ("9" * 21, "无法识别"),
    ],
)
def test_what_is_no_amount_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        parse_fen(text)


@given(st.integers(min_value=0, max_value=MAX_FEN))
def test_every_amount_reads_back_from_yuan(fen: int) -> None:
    assert parse_fen(yuan(fen)) == fen


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (0, "0 元"),
        (5, "0.05 元"),
        (999_999, "9,999.99 元"),
        (1_000_000, "1 万元"),
        (30_000_000, "30 万元"),
        (1_000_000_000, "1,000 万元"),
        (9_999_999_999, "99,999,999.99 元"),
        (10_000_000_000, "1 亿元"),
        (12_345_670_000, "12,345.67 万元"),
        (12_300_000_000, "1.23 亿元"),
        (1_000_001, "10,000.01 元"),
        (10_000_000_001, "100,000,000.01 元"),
    ],
)
def test_amount_is_shown_in_the_unit_that_readers_expect(fen: int, shown: str) -> None:
    assert say_fen(fen) == money(fen) == shown


def test_absent_amount_is_a_dash() -> None:
    assert money(None) == yuan(None) == "—"


@given(st.integers(0, MAX_FEN))
def test_amount_that_is_shown_can_be_typed(fen: int) -> None:
    """Forms fill amounts in as they are shown, and read them back."""
    assert parse_fen(say_fen(fen)) == fen
