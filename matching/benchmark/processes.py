"""Other processes that work in the benchmark's own database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

REDIS_DATABASE = 14
STOP_SECONDS = 20


def environment() -> dict[str, str]:
    """The database that ``connection`` leads to, and a part of Redis that no site uses."""
    database, mark, options = os.environ["DATABASE_URL"].partition("?")
    server = database.rpartition("/")[0]
    redis = urlsplit(settings.REDIS_URL)._replace(path=f"/{REDIS_DATABASE}").geturl()
    if settings.REDIS_URL.startswith("unix:"):
        redis = f"{settings.REDIS_URL.partition('?')[0]}?db={REDIS_DATABASE}"
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}{mark}{options}",
        "REDIS_URL": redis,
        "SCENEBRIDGE_MATCHING_HOME": str(settings.MATCHING_HOME),
    }


@contextmanager
def running(arguments: list[str]) -> Iterator[None]:
    """Python with these arguments, for as long as the block lasts."""
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, *arguments],
        cwd=settings.ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
