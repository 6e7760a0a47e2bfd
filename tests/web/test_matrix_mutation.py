"""The matrix is itself tested: a page without its permission and scoping makes it fail."""

from __future__ import annotations

import pytest

from tests.matrix.case import Case
from tests.matrix.collection import PAGES, cases_of
from tests.matrix.mutation import guarded, is_caught
from tests.matrix.table import read_table
from tests.matrix.world import World


@pytest.mark.parametrize("case", cases_of(*PAGES), ids=lambda case: case.name)
def test_a_page_that_lets_everybody_in_is_found(world: World, case: Case) -> None:
    table = read_table()

    missed = [
        (method, "visitors" if of_visitors else "others")
        for method, of_visitors in guarded(case, table)
        if not is_caught(world, case, table, method, of_visitors=of_visitors)
    ]

    assert missed == []
