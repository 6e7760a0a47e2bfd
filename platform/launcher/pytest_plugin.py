"""Servers for a test run, named in the environment before Django reads its settings.

Loaded with ``-p``: a fixture or a conftest would come too late. Each run has servers of its own in
a temporary folder, so that runs never meet each other or a running instance.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from launcher.home import Home, LauncherError, is_own_folder
from launcher.processes import Processes
from launcher.servers import Options, servers

PREFIX = "scenebridge-test-"
_running = contextlib.ExitStack()


def _start() -> None:
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)  # run by root, PostgreSQL is another account and must get through
    _running.callback(shutil.rmtree, folder, ignore_errors=True)
    options = Options(durable=False, max_connections=200)
    started = _running.enter_context(servers(Home(folder), options=options))
    os.environ.update(started.environment)


def _remove_leftovers() -> None:
    """Of runs that were killed: nobody will ever start in their folders again."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        home = Home(folder)
        with contextlib.suppress(LauncherError, OSError):
            # Everybody may write in /tmp: a folder or link laid there by others is not ours.
            if is_own_folder(folder) and (home.root / "processes.json").exists():
                with home.locked():
                    Processes(home).stop_survivors()
                    shutil.rmtree(home.root)


# Parallel workers inherit the addresses from the process that started them.
if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
    _start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _running.close()
