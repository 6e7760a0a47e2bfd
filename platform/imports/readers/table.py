"""A table, and what is known of it while it is being read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from common.errors import InvalidFiles, Problem
from common.text import clean_line
from imports.readers.values import Value, as_value

# 平台默认 (no clause or paper states them): the rows of a file, and all its text, which a small
# .xlsx can repeat without end.
MAX_ROWS = 50_000
MAX_CHARACTERS = 50_000_000
# Faults that are listed; the rest are counted.
MAX_FAULTS = 200
PROGRESS_EVERY = 500

EMPTY = "文件是空的，请填写后重新上传"

Progress = Callable[[int], None]

_REQUIRED_MARK = re.compile(r"\s*(?:\*|\(必填\))$")


@dataclass(frozen=True)
class Row:
    """One record; ``line`` is the number a person sees in Excel or an editor, from 1.

    ``values`` leaves out empty cells; a JSON array of scalars is a list.
    """

    line: int
    values: dict[str, Value]


@dataclass(frozen=True)
class Table:
    """A file read without fault: ``letters`` gives a heading's column (not for .jsonl).

    ``digest`` is the SHA-256 of the bytes, in hex.
    """

    name: str
    headings: list[str]
    rows: list[Row]
    letters: dict[str, str]
    digest: str


def clean_heading(text: str) -> str:
    """A heading in NFKC on one line, without the mark of required columns (``*``, ``（必填）``).

    Raises ValueError like ``clean_line``.
    """
    return _REQUIRED_MARK.sub("", clean_line(unicodedata.normalize("NFKC", text))).strip()


def place(heading: str, letter: str = "") -> str:
    """Where a value stands, for ``Problem.field``: ``C 列“年份”``, or the heading alone."""
    if not letter:
        return heading
    return f"{letter} 列“{heading}”" if heading else f"{letter} 列"


class Reading:
    """What one file has given so far: rows and faults."""

    def __init__(self, name: str, progress: Progress | None = None) -> None:
        self.name = name
        self.rows: list[Row] = []
        self._progress = progress
        self._problems: list[Problem] = []
        self._unlisted = 0
        self._characters = 0

    def fault(self, line: int, message: str, field: str = "") -> None:
        if len(self._problems) < MAX_FAULTS:
            self._problems.append(Problem(self.name, line, field, message))
        else:
            self._unlisted += 1

    def refuse(self, message: str, line: int = 1) -> NoReturn:
        """End here: a fault of the file as a whole."""
        raise InvalidFiles(
            f"文件“{self.name}”无法导入，没有保存任何内容。",
            [Problem(self.name, line, "", message)],
        )

    def check(self) -> None:
        """Raises InvalidFiles if there was any fault."""
        if not self._problems:
            return
        count = len(self._problems) + self._unlisted
        if self._unlisted:
            last = self._problems[-1].line
            message = f"另有 {self._unlisted} 处问题没有列出，请先改正以上各处"
            self._problems.append(Problem(self.name, last, "", message))
        raise InvalidFiles(
            f"文件“{self.name}”有 {count} 处需要改正，没有保存任何内容。", self._problems
        )

    def value(self, line: int, field: str, raw: Any) -> Value | None:
        """``raw`` as text or list of texts; None if it is empty, or unusable (then a fault)."""
        try:
            value = as_value(raw)
        except ValueError as error:
            self.fault(line, str(error), field)
            return None
        self._characters += sum(map(len, value))
        if self._characters > MAX_CHARACTERS:
            self.refuse("文件中的文字过多，请拆成几个文件分别导入", line)
        return value or None

    def add(self, line: int, values: dict[str, Value]) -> None:
        if not values:
            return
        if len(self.rows) == MAX_ROWS:
            self.refuse(f"超过 {MAX_ROWS} 行数据，请拆成几个文件分别导入", line)
        self.rows.append(Row(line, values))
        if self._progress and len(self.rows) % PROGRESS_EVERY == 0:
            self._progress(len(self.rows))
