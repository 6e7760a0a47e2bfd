"""Doors answer without compiled code: they start at once and stay small."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from matching.engine.version import digest_of_sources
from matching.services import rank_all
from tests.records import make_capability, make_scenario

READ = """
import sys
import django

django.setup()
from django.test import Client
from config import urls, wsgi

client = Client()
print([client.get(address).status_code for address in sys.argv[1:]])
print(sorted({"numba", "llvmlite"} & sys.modules.keys()))
"""


def test_pages_and_api_with_ranked_lists_load_no_compiled_code(committed_db: str) -> None:
    scenario, capability = make_scenario(name="码头巡检"), make_capability(name="巡检机器人")
    rank_all()
    addresses = [
        "/",
        f"/scenarios/{scenario.public_id}/",
        f"/capabilities/{capability.public_id}/",
        f"/api/v1/scenarios/{scenario.public_id}/matches/",
    ]
    path = os.pathsep.join([str(settings.ROOT), str(settings.ROOT / "platform")])

    read = subprocess.run(
        [sys.executable, "-c", READ, *addresses],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": committed_db,
            "PYTHONPATH": path,
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert read.stdout.splitlines() == [str([200] * len(addresses)), "[]"]


@pytest.mark.parametrize("changed", ["scoring.py", "kernel/points.py"])
def test_compiled_code_belongs_to_all_sources_of_the_engine(tmp_path: Path, changed: str) -> None:
    """numba itself asks for a function's own file only: after an upgrade of another file of the
    engine it would take up code with the old weights.
    """
    own = Path(os.environ["NUMBA_CACHE_DIR"]).name
    copy = shutil.copytree(settings.ROOT / "matching" / "engine", tmp_path / "engine")

    assert digest_of_sources(copy) == own
    with (copy / changed).open("a") as file:
        file.write("\n")
    assert digest_of_sources(copy) != own
