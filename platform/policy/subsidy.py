"""Subsidy arithmetic: facts in, amounts and the steps to them out. No database.

All amounts are integer fen; fractions of a fen are cut off, never rounded up (THREATS A26).
"""

from __future__ import annotations

from dataclasses import dataclass

from common.errors import DomainError, InvalidInput
from common.money import MAX_FEN


@dataclass(frozen=True)
class Step:
    """One line of the calculation, in words that name the figure it comes from."""

    label: str
    amount_fen: int


@dataclass(frozen=True)
class Estimate:
    """What a rule would give for a base amount; ``capped`` says that the cap decided."""

    base_fen: int
    amount_fen: int
    capped: bool
    is_maximum: bool
    steps: tuple[Step, ...]


class NotCalculable(DomainError):
    """The text sets a cap but no rate: no amount follows from a base."""

    code = "not_calculable"
    status = 422


def estimate(
    *, base_fen: int, rate_percent: int | None, rate_is_maximum: bool, cap_fen: int | None
) -> Estimate:
    """``min(base * rate / 100, cap)``.

    ``is_maximum`` marks results that an authority may still lower: the text says 不超过.
    Raises InvalidInput for a base that is negative or beyond BIGINT, NotCalculable without rate.
    """
    if rate_percent is None:
        raise NotCalculable("原文只定了最高金额，没有比例，无法测算。")
    if not 0 <= base_fen <= MAX_FEN:
        raise InvalidInput(
            "金额超出可计算的范围。",
            fields={"base_fen": [f"请输入 0 到 {MAX_FEN} 之间的整数（分）。"]},
        )
    amount = base_fen * rate_percent // 100
    steps = [Step("计算基数", base_fen), Step(f"基数 × {rate_percent}%", amount)]
    if cap_fen is None:
        steps.append(Step("测算结果", amount))
        return Estimate(base_fen, amount, False, rate_is_maximum, tuple(steps))
    given = min(amount, cap_fen)
    steps += [Step("最高金额", cap_fen), Step("测算结果（取较小者）", given)]
    return Estimate(base_fen, given, amount > cap_fen, rate_is_maximum, tuple(steps))
