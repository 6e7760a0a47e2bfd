"""Lets any command find its servers: those named, those running, or its own for the moment."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from launcher.home import Home, LauncherError

# Commands that read files or code only.
SERVERLESS = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "help",
        "makemessages",
        "spectacular",
        "version",
    }
)


@contextmanager
def servers_for_command(arguments: Sequence[str]) -> Iterator[None]:
    """Set DATABASE_URL and REDIS_URL for a management command; exits with a message on failure."""
    if "DATABASE_URL" in os.environ or not needs_servers(arguments):
        yield
        return
    home = Home.from_environment()
    try:
        if home.is_locked():
            os.environ.update(_running_instance(home))
            yield
            return
        from launcher.servers import servers

        with servers(home) as running:
            os.environ.update(running.environment)
            yield
    except LauncherError as error:
        sys.exit(f"scenebridge: {error}")


def needs_servers(arguments: Sequence[str]) -> bool:
    if not arguments or {"--help", "-h", "--version"} & set(arguments):
        return False
    return arguments[0] not in SERVERLESS and "--check" not in arguments[1:]


def _running_instance(home: Home) -> dict[str, str]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if values := home.read_env():
            return values
        time.sleep(0.1)
    raise LauncherError(f"The instance in {home.root} is starting or stopping; try again shortly.")
