"""Subsidy arithmetic: facts in, amounts and the steps to them out. No database.

All amounts are integer fen; fractions of a fen are cut off, never rounded up (THREATS A26).
"""

from __future__ import annotations

from dataclasses import dataclass

from common.errors import InvalidInput

MAX_FEN = 2**63 - 1  # BIGINT


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


def estimate(
    *, base_fen: int, rate_percent: int | None, rate_is_maximum: bool, cap_fen: int | None
) -> Estimate:
    """``min(base * rate / 100, cap)``; without a rate, the lesser of base and cap.

    ``is_maximum`` marks results that an authority may still lower: the text says 不超过, or names
    a cap without a rate. Raises InvalidInput for a negative base or one beyond BIGINT.
    """
    if not 0 <= base_fen <= MAX_FEN:
        raise InvalidInput(
            "金额超出可计算的范围。",
            fields={"base_fen": [f"请输入 0 到 {MAX_FEN} 之间的整数（分）。"]},
        )
    steps = [Step("计算基数", base_fen)]
    amount = base_fen
    if rate_percent is not None:
        amount = base_fen * rate_percent // 100
        steps.append(Step(f"基数 × {rate_percent}%", amount))
    capped = cap_fen is not None and amount > cap_fen
    if cap_fen is not None:
        steps.append(Step("最高金额", cap_fen))
        amount = min(amount, cap_fen)
    steps.append(Step("测算结果（取较小者）" if cap_fen is not None else "测算结果", amount))
    return Estimate(
        base_fen=base_fen,
        amount_fen=amount,
        capped=capped,
        is_maximum=rate_is_maximum or rate_percent is None,
        steps=tuple(steps),
    )
