"""Lets any command find its servers: those named, those running, or its own for the moment."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from launcher.home import Busy, Home, LauncherError

OWNER_ADDRESS = "DATABASE_OWNER_URL"
PATIENCE_SECONDS = 60.0  # for an instance that is just starting or stopping
# Commands that make tables; no other is told who owns them.
OWNERS = frozenset({"benchmark_matching", "migrate"})
# Commands that read files or code only.
SERVERLESS = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "evaluate_ranking",
        "help",
        "makemessages",
        "spectacular",
        "version",
    }
)


@contextmanager
def servers_for_command(arguments: Sequence[str]) -> Iterator[None]:
    """Set DATABASE_URL and REDIS_URL for a management command; exits with a message on failure."""
    with ExitStack() as stack:
        if needs_servers(arguments):
            try:
                found = _addresses(Home.from_environment(), stack)
                if arguments[0] not in OWNERS:
                    found = {each: at for each, at in found.items() if each != OWNER_ADDRESS}
                os.environ.update(found)
            except (LauncherError, OSError) as error:
                sys.exit(f"scenebridge: {error}")
            except ModuleNotFoundError as error:
                sys.exit(
                    f"scenebridge: Without DATABASE_URL the embedded servers are needed, but "
                    f"{error.name} is not installed. Run deploy/run once, or set DATABASE_URL."
                )
        yield


def needs_servers(arguments: Sequence[str]) -> bool:
    if not arguments or {"--help", "-h", "--version"} & set(arguments):
        return False
    if arguments[0] in {"load_policy_data", "load_demonstration"}:
        return "--check" not in arguments
    return arguments[0] not in SERVERLESS or "--database" in arguments


def _addresses(home: Home, stack: ExitStack) -> dict[str, str]:
    """Where the servers are, which last as long as ``stack``."""
    if given := os.environ.get("DATABASE_URL"):
        # The rest of a running instance belongs to its own database alone.
        running = home.read_env()
        return running if running.get("DATABASE_URL") == given else {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return _own(home, stack)
        except Busy:
            if values := _shared(home, stack):
                return values
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def _own(home: Home, stack: ExitStack) -> dict[str, str]:
    """Start servers for this command; at its end wait for the commands that came to use them."""
    from launcher.servers import servers

    with ExitStack() as opened:
        home.prepare()
        guests = opened.enter_context(home.guests_file.open("a"))
        running = opened.enter_context(servers(home))
        opened.callback(fcntl.flock, guests, fcntl.LOCK_EX)
        # Without this, `kill` would end the command and leave the servers.
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        stack.push(opened.pop_all())
        return running.environment


def _shared(home: Home, stack: ExitStack) -> dict[str, str]:
    """The servers of another process; nothing while it starts or stops them."""
    with ExitStack() as opened:
        guests = opened.enter_context(home.guests_file.open("a"))
        try:
            fcntl.flock(guests, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return {}
        if values := home.read_env():
            stack.push(opened.pop_all())
        return values
