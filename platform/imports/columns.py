"""What one column of an import file holds; each noun states its own columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from imports.cells import fen, money, text
from taxonomy.vocabulary import Vocabulary


@dataclass(frozen=True)
class Reading:
    """A row half read: what the columns further left said, and what names mean."""

    vocabulary: Vocabulary
    values: dict[str, Any] = field(default_factory=dict)


Value = str | list[str]
# Raises ValueError that says what is wrong with the cell and what would be right.
Read = Callable[[Value, "Reading"], Any]


@dataclass(frozen=True)
class Column:
    """A column of the template.

    ``field`` names the value in the noun's facts; ``heading`` is what the template calls it,
    ``aliases`` are other headings that files use. ``split``: several values in one cell, between
    ；or ;. ``choices``: the labels of a closed list. ``read`` makes the value out of the cell.
    ``blank_says``: an empty cell is an answer too, so it does not count as not stated.
    """

    field: str
    heading: str
    help: str
    aliases: tuple[str, ...] = ()
    example: str = ""
    required: bool = False
    split: bool = False
    choices: tuple[str, ...] = ()
    read: Read = text
    blank_says: bool = False

    def reader(self, heading: str) -> Read:
        """How a column with this heading is read: under its name in the API, money is in fen."""
        return fen if self.read is money and heading == self.field else self.read
