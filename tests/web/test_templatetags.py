"""Money as readers expect it."""

import pytest

from web.templatetags.scenebridge import money, yuan


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (None, "—"),
        (0, "0 元"),
        (5, "0.05 元"),
        (999_999, "9,999.99 元"),
        (1_000_000, "1 万元"),
        (30_000_000, "30 万元"),
        (1_000_000_000, "1,000 万元"),
        (9_999_999_999, "9,999.99 万元"),
        (10_000_000_000, "1 亿元"),
        (12_345_678_900, "1.23 亿元"),
    ],
)
def test_money_chooses_the_unit(fen: int | None, shown: str) -> None:
    assert money(fen) == shown


def test_yuan_keeps_every_fen() -> None:
    assert yuan(123_456_789) == "1,234,567.89 元"
    assert yuan(None) == "—"
