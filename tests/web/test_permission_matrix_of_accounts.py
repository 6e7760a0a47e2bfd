"""Everybody at the pages of accounts, the inbox and Django's admin site."""

from __future__ import annotations

import pytest

from tests.matrix.asking import faults_at
from tests.matrix.case import Case
from tests.matrix.cases import accounts, admin_site
from tests.matrix.collection import cases_of
from tests.matrix.world import World


@pytest.mark.parametrize("case", cases_of(accounts, admin_site), ids=lambda case: case.name)
def test_everybody_gets_what_the_matrix_says(world: World, case: Case) -> None:
    assert faults_at(world, case) == []
