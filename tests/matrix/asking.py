"""The one test of the matrix, for the modules that share the cases among them."""

from __future__ import annotations

import fcntl
import os

from tests.matrix.case import Case
from tests.matrix.collection import all_cases
from tests.matrix.routes import methods_of
from tests.matrix.runner import ask, asked, check, faults_of, lines_of, told_apart
from tests.matrix.table import FILE, read_table, write_table
from tests.matrix.world import World


def faults_at(world: World, case: Case) -> list[str]:
    """Empty where everybody gets what the table says."""
    if os.environ.get("MATRIX_WRITE"):
        return _write(world, case)
    return list(check(world, case, read_table()))


def _write(world: World, case: Case) -> list[str]:
    """State what is; what is wrong whatever the table says stays wrong."""
    lines, faults = {}, []
    for method in methods_of(case.route):
        name, cells = f"{method} {case.name}", list(ask(world, case, method))
        lines[name] = lines_of(cells)
        faults += [fault for cell in cells for fault in faults_of(name, cell, lines[name])]
        faults += told_apart(name, cells, is_inside=case.is_inside)
    known = {name for each in all_cases() for name in asked(each)}
    with FILE.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        table = read_table() | lines
        write_table({name: table[name] for name in table if name in known})
    return faults
