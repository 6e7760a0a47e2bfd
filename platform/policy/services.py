"""Verbs on policy facts."""

from policy import subsidy
from policy.models import PolicyRule


def estimate_subsidy(*, rule: PolicyRule, base_fen: int) -> subsidy.Estimate:
    """Apply ``rule`` to ``base_fen``; raises InvalidInput (see ``subsidy.estimate``)."""
    return subsidy.estimate(
        base_fen=base_fen,
        rate_percent=rule.rate_percent,
        rate_is_maximum=rule.rate_is_maximum,
        cap_fen=rule.cap_fen,
    )
