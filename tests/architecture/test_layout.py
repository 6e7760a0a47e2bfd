"""The shape of the house: what may lie where, and who may point at whom."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT: Path = settings.ROOT
TOP_LEVEL = {
    "manage.py",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "seeds",
    "platform",
    "matching",
    "templates",
    "tests",
    "deploy",
}
# From the top: each app may point only at apps below it (the same order as .importlinter).
LAYERS = [
    "notifications",
    "demonstration",
    "matching",
    "catalogue",
    "applications",
    "scenarios",
    "capabilities",
    "imports",
    "reviews",
    "tokens",
    "authorities",
    "organizations",
    "files",
    "taxonomy",
    "policy",
    "accounts",
    "lifecycle",
    "outbox",
    "audit",
    "common",
]


def tracked_files() -> list[str]:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout: what belongs to the project cannot be told")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_top_level_holds_only_what_the_customer_fixed() -> None:
    names = {name.split("/")[0] for name in tracked_files()}

    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_platform_is_a_source_root_and_never_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_app_names_shadow_neither_standard_library_nor_distributions() -> None:
    ours = {path.parent.name for path in (ROOT / "platform").glob("*/__init__.py")}
    installed = {
        name
        for name, distributions in packages_distributions().items()
        if distributions != ["scenebridge"]
    }

    assert ours & set(sys.stdlib_module_names) == set()
    assert ours & installed == set()


def test_foreign_keys_point_downwards() -> None:
    upward = []
    for model in apps.get_models():
        label = model._meta.app_label
        if label not in LAYERS:
            continue
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not field.is_relation or field.auto_created or target is None:
                continue
            other = target._meta.app_label
            if other in LAYERS and LAYERS.index(other) < LAYERS.index(label):
                upward.append(f"{model.__name__}.{field.name} → {other}")

    assert upward == []


def test_tests_mirror_the_source() -> None:
    rooms = {path.name for path in (ROOT / "platform").iterdir() if path.is_dir()} | {"matching"}
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}

    assert folders - {"architecture", "journeys", "seeds"} <= rooms


@pytest.mark.parametrize("lock", sorted((ROOT / "deploy").glob("*.lock")), ids=lambda p: p.name)
def test_lock_files_hold_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    pins = re.findall(r"^[A-Za-z0-9._-]+==\S+", text, re.MULTILINE)

    assert pins
    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(pins)


def test_vendored_files_keep_their_licence() -> None:
    for folder in (ROOT / "platform" / "web" / "static" / "vendor").iterdir():
        assert (folder / "LICENSE").is_file(), folder.name


def test_templates_hold_no_inline_script_or_style() -> None:
    offending = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=", path.read_text("utf-8"))
    ]

    assert offending == []
