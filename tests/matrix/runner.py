"""Asks at every address as everybody, and compares with the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.matrix.case import Case
from tests.matrix.cells import Answer
from tests.matrix.routes import methods_of
from tests.matrix.table import Line, Table
from tests.matrix.world import World, strangers_words

# Of nobody in particular: where these are all answers, other records are answered alike.
CLOSED = {"method", "login"}


@dataclass(frozen=True)
class Cell:
    side: str
    actor: str
    answer: Answer


def asked(case: Case) -> list[str]:
    """``METHOD case``, as the table names them."""
    return [f"{method} {case.name}" for method in methods_of(case.route)]


def ask(world: World, case: Case, method: str) -> Iterator[Cell]:
    """Every actor about every side, each request undone before the next.

    A method that the address does not have is asked about one side alone.
    """
    for side in case.sides:
        outcomes = set()
        path, body = case.path(world, side), case.body(method, world, side)
        for actor in world.at_the_door(of_api=case.is_api):
            answer = world.callers[actor].call(method, path, body)
            outcomes.add(answer.outcome)
            yield Cell(side, actor, answer)
        if outcomes <= CLOSED:
            return


def check(world: World, case: Case, table: Table) -> Iterator[str]:
    """All that is wrong at the address; as it is found, so that one may stop at the first."""
    for method in methods_of(case.route):
        cells = []
        expected = table.get(f"{method} {case.name}", {})
        for cell in ask(world, case, method):
            cells.append(cell)
            yield from faults_of(f"{method} {case.name}", cell, expected)
        yield from told_apart(f"{method} {case.name}", cells, is_inside=case.is_inside)


def lines_of(cells: list[Cell]) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for cell in cells:
        found.setdefault(cell.side, {})[cell.actor] = cell.answer.outcome
    return found


def faults_of(name: str, cell: Cell, expected: dict[str, Line]) -> Iterator[str]:
    """In words: another outcome, a write of somebody refused, words of the rival."""
    who = f"{name} {cell.side} {cell.actor}"
    wanted = expected.get(cell.side, {}).get(cell.actor, "nothing stated")
    if cell.answer.outcome != wanted:
        yield f"{who}: {cell.answer.outcome} ({cell.answer.status}), expected {wanted}"
    if cell.answer.outcome != "done" and cell.answer.wrote:
        yield f"{who}: wrote {dict(cell.answer.wrote)}"
    for word in strangers_words(cell.actor):
        if word in cell.answer.text:
            yield f"{who}: was told {word}"


def told_apart(name: str, cells: list[Cell], *, is_inside: bool = False) -> Iterator[str]:
    """Where a record of others answers "absent", it must answer like one that does not exist.

    ``is_inside``: what is absent is below a record of one's own, which may refuse by itself.
    """
    absent = {
        cell.actor: cell.answer
        for cell in cells
        if cell.side == "absent" and not (is_inside and cell.answer.outcome == "forbidden")
    }
    for cell in cells:
        if cell.side == "absent" or cell.answer.outcome != "absent" or cell.actor not in absent:
            continue
        other = absent[cell.actor]
        if (cell.answer.status, cell.answer.comparable) != (other.status, other.comparable):
            yield f"{name} {cell.side} {cell.actor}: not like an absent record"
