"""Weights that the engine has room for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching.engine.profile import STANDARD


def test_tags_and_focus_may_promise_what_fits_in_16_bits() -> None:
    replace(STANDARD, tag=20_000, host_focus=7_000, supplier_focus=5_767)

    with pytest.raises(ValueError, match="tags and focus give more than 32767"):
        replace(STANDARD, tag=20_000, host_focus=7_000, supplier_focus=5_768)


def test_a_score_may_be_what_a_list_can_hold() -> None:
    most = (1 << 20) - 1 - sum(STANDARD.maxima().values())
    replace(STANDARD, nearness=most)

    with pytest.raises(ValueError, match="a score can be more than 1048575"):
        replace(STANDARD, nearness=most + 1)


def test_no_part_takes_points_away() -> None:
    with pytest.raises(ValueError, match="no part can take points away"):
        replace(STANDARD, scale=-1)
