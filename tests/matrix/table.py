"""The permission matrix itself: who gets which answer, in a file that people read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.matrix.world import ACTORS, PROGRAMS

FILE = Path(__file__).with_name("expected.txt")
HEADER = """\
# Who gets which answer at each address: compared with the site by tests/web and tests/api
# (test_permission_matrix*.py), written anew by MATRIX_WRITE=1 after a change that is meant.
# Outcomes: done (wrote), shown, login (asked to sign in), forbidden, absent (404), method (405),
# invalid, conflict; * is everybody not named. Actors, sides and records: tests/matrix/world.py.
# A line for each side (own, rival, absent; - where the address names no record), equal ones
# together; addresses that answer everybody alike stand together above their lines.
"""

# Outcome by actor, for one method of a case and one side.
Line = dict[str, str]
# By "METHOD case" and side.
Table = dict[str, dict[str, Line]]


def read_table() -> Table:
    table: Table = {}
    names: list[str] = []
    lines: dict[str, Line] = {}
    for text in FILE.read_text(encoding="utf-8").splitlines():
        if not text.strip() or text.startswith("#"):
            names, lines = [], {}
        elif not text.startswith(" "):
            assert text not in table, f"twice: {text}"
            names.append(text)
            table[text] = lines
        else:
            sides, _, outcomes = text.strip().partition(": ")
            line = _line(outcomes, names[0])
            lines |= dict.fromkeys(sides.split(", "), line)
    return table


def _line(outcomes: str, name: str) -> Line:
    everybody = (*ACTORS, *PROGRAMS) if " api:" in name else ACTORS
    line: Line = {}
    rest = ""
    for part in outcomes.split(" | "):
        outcome, *actors = part.split()
        if actors == ["*"]:
            rest = outcome
        for actor in actors:
            assert actor == "*" or (actor in everybody and actor not in line), f"{name}: {part}"
            if actor != "*":
                line[actor] = outcome
    return {actor: line.get(actor, rest) for actor in everybody}


def write_table(table: Table) -> None:
    by_text: dict[tuple[bool, str], list[str]] = {}
    for name in sorted(table, key=lambda each: (each.split(" ", 1)[1], each)):
        is_api = " api:" in name
        by_text.setdefault((is_api, _block(table[name])), []).append(name)
    blocks = [
        "\n".join([*names, text])
        for (_, text), names in sorted(by_text.items(), key=lambda item: item[0][0])
    ]
    FILE.write_text("\n\n".join([HEADER.rstrip(), *blocks]) + "\n", encoding="utf-8")


def _block(lines: dict[str, Line]) -> str:
    by_text: dict[str, list[str]] = {}
    for side, line in lines.items():
        by_text.setdefault(_text(line), []).append(side)
    return "\n".join(f"    {', '.join(sides)}: {text}" for text, sides in by_text.items())


def _text(line: Line) -> str:
    """The most frequent outcome is everybody else's."""
    counts = Counter(line.values())
    rest = max(counts, key=lambda outcome: counts[outcome])
    named = {
        outcome: [actor for actor in line if line[actor] == outcome]
        for outcome in dict.fromkeys(line.values())
        if outcome != rest
    }
    parts = [f"{outcome} {' '.join(actors)}" for outcome, actors in named.items()]
    return " | ".join([*parts, f"{rest} *"])
