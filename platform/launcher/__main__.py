"""``python -m launcher``: the whole site on this machine until Ctrl-C (see ``deploy/run``)."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from types import FrameType

from launcher.home import PROJECT, Home, LauncherError
from launcher.processes import Command
from launcher.servers import Servers, servers

READY_SECONDS = 120.0
RESTARTS_ALLOWED = 8  # within RESTART_WINDOW_SECONDS, for one process
RESTART_WINDOW_SECONDS = 120.0
# Doors close first, so that nobody is accepted whom nothing behind can serve.
STOP_ORDER = ("web", "relay", "beat", "worker")


class Stopped(Exception):
    """A signal asked the launcher to stop."""


def main() -> int:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _stop)
    home = Home.from_environment()
    port = os.environ.get("SCENEBRIDGE_PORT", "8000")
    try:
        with servers(home) as running:
            _refuse_taken_port(port)
            os.environ.update(running.environment)
            os.environ["SCENEBRIDGE_HOME"] = str(home.root)
            os.environ.setdefault("SCENEBRIDGE_BASE_URL", f"http://127.0.0.1:{port}")
            _prepare_data()
            try:
                _serve(running, port)
            finally:
                for name in STOP_ORDER:
                    running.processes.stop(name)
    except Stopped:
        print("stopped", flush=True)
        return 0
    except LauncherError as error:
        print(f"scenebridge: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def _stop(signum: int, frame: FrameType | None) -> None:
    # A second signal must not interrupt the orderly stop that the first one began.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped


def _refuse_taken_port(port: str) -> None:
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise LauncherError(f"SCENEBRIDGE_PORT={port} is not a port number.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as error:
            raise LauncherError(
                f"Port {port} cannot be used ({error.strerror}). "
                "Set SCENEBRIDGE_PORT to another one, such as 8001."
            ) from None


def _prepare_data() -> None:
    """Migrate and load what the policies say, in this process: one interpreter start fewer."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    import django
    from django.core.management import CommandError, call_command
    from django.db import connections

    django.setup()
    try:
        call_command("migrate", verbosity=0)
        call_command("load_policy_data", verbosity=1)
    except CommandError as error:
        raise LauncherError(str(error)) from None
    finally:
        connections.close_all()


def commands(port: str) -> list[Command]:
    """The site's own processes; ``deploy/compose.yaml`` starts the same four."""
    program = [sys.executable, "-m"]
    manage = [sys.executable, str(PROJECT / "manage.py")]
    celery = [*program, "celery", "--app", "config"]
    return [
        Command(
            "web",
            [*program, "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
            + ["--workers", "2", "--worker-class", "gthread", "--threads", "4"]
            + ["--access-logfile", "-", "--no-control-socket"],
            os.environ,
            directory=PROJECT,
        ),
        Command(
            "worker",
            [*celery, "worker", "--loglevel", "INFO", "--concurrency", "1", "--without-mingle"]
            + ["--without-gossip"],
            os.environ,
            directory=PROJECT,
        ),
        Command(
            "beat",
            [*celery, "beat", "--loglevel", "INFO", "--pidfile="],
            os.environ,
            directory=PROJECT,
        ),
        Command("relay", [*manage, "relay"], os.environ, directory=PROJECT),
    ]


def _serve(running: Servers, port: str) -> None:
    for command in commands(port):
        running.processes.start(command)
    _wait_until_ready(running, port)
    print(f"ready: http://127.0.0.1:{port}", flush=True)
    restarts: dict[str, list[float]] = {}
    while True:
        time.sleep(0.3)
        for command in running.processes.dead():
            _restart(command, running, restarts)


def _restart(command: Command, running: Servers, restarts: dict[str, list[float]]) -> None:
    now = time.monotonic()
    recent = [t for t in restarts.get(command.name, []) if now - t < RESTART_WINDOW_SECONDS]
    if len(recent) >= RESTARTS_ALLOWED:
        raise LauncherError(
            f"{command.name} keeps ending; gave up. The end of its log:\n"
            f"{running.home.tail(command.name)}"
        )
    restarts[command.name] = [*recent, now]
    print(f"{command.name} ended; starting it again", flush=True)
    running.processes.start(command)


def _wait_until_ready(running: Servers, port: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        for command in running.processes.dead():
            raise LauncherError(
                f"{command.name} did not start. The end of its log:\n"
                f"{running.home.tail(command.name)}"
            )
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise LauncherError(f"The site did not answer. The end of its log:\n{running.home.tail('web')}")


if __name__ == "__main__":
    sys.exit(main())
