"""The small world, as a folder of seeds that a test may change."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

SMALL_WORLD = Path(__file__).with_name("small-world.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(SMALL_WORLD, tmp_path / "world.yaml")
    return tmp_path


@pytest.fixture
def edit(folder: Path) -> Callable[[str, str], int]:
    """Replaces the first occurrence; returns its line."""

    def replace(old: str, new: str) -> int:
        path = folder / "world.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace
