"""Faults in YAML files come with file, line and field."""

from pathlib import Path

import pytest

from common import seedfile
from common.errors import Problem
from common.seedfile import SeedModel


class Item(SeedModel):
    code: str
    size: int


class Items(SeedModel):
    items: list[Item]


def faults(tmp_path: Path, content: bytes) -> list[Problem]:
    path = tmp_path / "items.yaml"
    path.write_bytes(content)
    file, problems = seedfile.read(path, Items, name="items.yaml")
    assert (file is None) == bool(problems)
    return problems


def test_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "items.yaml"
    path.write_text("items:\n  - code: a\n    size: 1\n", encoding="utf-8")

    file, problems = seedfile.read(path, Items, name="items.yaml")

    assert problems == []
    assert file is not None
    assert file.content.items[0].size == 1
    assert str(file.problem(("items", 0, "size"), "太小")) == "items.yaml:3: items[0].size: 太小"


@pytest.mark.parametrize(
    ("content", "line", "field"),
    [
        (b"items:\n  - code: a\n    size: big\n", 3, "items[0].size"),
        (b"items:\n  - code: a\n", 2, "items[0].size"),
        (b"items:\n  - code: a\n    size: 1\n    colour: red\n", 4, "items[0].colour"),
        (b"items:\n  - code: a\n   size: 1\n", 3, ""),
        (b"items:\n  - code: a\n    size: 1\n    size: 2\n", 4, ""),
        (b"", 1, ""),
        ("items:\n  - code: 广州\n".encode("gb18030"), 2, ""),
    ],
    ids=["type", "missing", "unknown", "indent", "twice", "empty", "encoding"],
)
def test_each_fault_names_its_place(tmp_path: Path, content: bytes, line: int, field: str) -> None:
    problems = faults(tmp_path, content)

    assert [(each.file, each.line, each.field) for each in problems] == [
        ("items.yaml", line, field)
    ]


def test_every_fault_of_a_file_is_reported(tmp_path: Path) -> None:
    problems = faults(tmp_path, b"items:\n  - size: x\n  - code: b\n    size: y\n")

    assert [each.field for each in problems] == ["items[0].code", "items[0].size", "items[1].size"]
