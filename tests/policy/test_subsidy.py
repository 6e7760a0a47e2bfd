"""Subsidy arithmetic at its edges and against exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import InvalidInput
from policy.subsidy import MAX_FEN, NotCalculable, estimate

amounts = st.integers(min_value=0, max_value=MAX_FEN)
rates = st.integers(min_value=1, max_value=100)
caps = st.none() | st.integers(min_value=1, max_value=MAX_FEN)


@given(base=amounts, rate=rates, cap=caps)
def test_estimate_never_exceeds_rate_or_cap_and_loses_less_than_one_fen(
    base: int, rate: int, cap: int | None
) -> None:
    result = estimate(base_fen=base, rate_percent=rate, rate_is_maximum=False, cap_fen=cap)

    exact = Fraction(base) * Fraction(rate, 100)
    expected = exact if cap is None else min(exact, Fraction(cap))
    assert 0 <= expected - result.amount_fen < 1
    assert result.steps[-1].amount_fen == result.amount_fen


@pytest.mark.parametrize(
    ("base", "amount", "capped"),
    [
        (0, 0, False),
        (3, 0, False),  # 0.9 fen is cut off
        (4, 1, False),
        (3_333_333_333, 999_999_999, False),
        (3_333_333_334, 1_000_000_000, False),
        (3_333_333_337, 1_000_000_000, True),
        (MAX_FEN, 1_000_000_000, True),
    ],
)
def test_first_purchase_at_its_cap(base: int, amount: int, capped: bool) -> None:
    result = estimate(base_fen=base, rate_percent=30, rate_is_maximum=False, cap_fen=1_000_000_000)

    assert (result.amount_fen, result.capped) == (amount, capped)


def test_rule_that_only_sets_a_cap_gives_no_amount() -> None:
    with pytest.raises(NotCalculable, match="没有比例"):
        estimate(base_fen=500, rate_percent=None, rate_is_maximum=False, cap_fen=300)


@pytest.mark.parametrize("base", [-1, MAX_FEN + 1])
def test_base_outside_bigint_is_refused(base: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        estimate(base_fen=base, rate_percent=30, rate_is_maximum=False, cap_fen=None)
    assert "base_fen" in refusal.value.fields
