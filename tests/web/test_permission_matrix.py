"""Everybody at the pages of records: who gets in; whoever is refused writes and is told nothing."""

from __future__ import annotations

import pytest

from tests.matrix.asking import faults_at
from tests.matrix.case import Case
from tests.matrix.cases import applications, facts, records
from tests.matrix.collection import cases_of
from tests.matrix.world import World


@pytest.mark.parametrize("case", cases_of(applications, facts, records), ids=lambda case: case.name)
def test_everybody_gets_what_the_matrix_says(world: World, case: Case) -> None:
    assert faults_at(world, case) == []
