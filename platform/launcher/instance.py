"""One instance: servers, data, the site's five processes, and somebody to watch them."""

from __future__ import annotations

import http.client
import io
import os
import signal
import socket
import sys
import time
from types import FrameType
from urllib.parse import urlsplit

from launcher.home import PROJECT, Home, LauncherError
from launcher.processes import STOP_SIGNALS, Command
from launcher.servers import Servers, servers

READY_SECONDS = 120.0
PORT_SECONDS = 3.0  # orphans of a killed web server let go of its port within a second
RESTARTS_ALLOWED = 8  # within RESTART_WINDOW_SECONDS, for one process
RESTART_WINDOW_SECONDS = 300.0
OLDEST_POSTGRESQL = 18


class Stopped(BaseException):
    """A signal asked the launcher to stop. No mere Exception: libraries swallow those."""


class StopSignals:
    """Raises Stopped at the first signal; later ones must not disturb the orderly stop."""

    def __init__(self) -> None:
        self._arrived = False
        for each in STOP_SIGNALS:
            if each != signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:  # nohup
                signal.signal(each, self._stop)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        if not self._arrived:
            self._arrived = True
            raise Stopped

    def check(self) -> None:
        """Raise Stopped again: an exception raised inside a destructor or a callback is lost."""
        if self._arrived:
            raise Stopped


def main() -> int:
    """Run until a signal or an error; returns the exit status."""
    stop = StopSignals()
    _mend_streams()
    try:
        port = _port()
        _check_addresses()
        with servers(Home.from_environment()) as running:
            _refuse_taken_port(port)
            os.environ.update(running.environment)
            os.environ["SCENEBRIDGE_HOME"] = str(running.home.root)
            os.environ.setdefault("SCENEBRIDGE_BASE_URL", f"http://127.0.0.1:{port}")
            _prepare_data()
            os.environ.pop("DATABASE_OWNER_URL", None)  # no part of the running site may have it
            _serve(running, port, stop)
    except Stopped:
        _say("stopped")
        return 0
    except (LauncherError, OSError) as error:
        print(f"scenebridge: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def _mend_streams() -> None:
    """Make it harmless that standard streams are closed, or know no Chinese."""
    while (spare := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass  # else the next file that is opened would be taken for standard output
    os.close(spare)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _say(text: str) -> None:
    try:
        print(text, flush=True)
    except OSError:  # the reader of a pipe went away: the site runs on without one
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _port() -> int:
    text = os.environ.get("SCENEBRIDGE_PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise LauncherError(f"SCENEBRIDGE_PORT={text} is not a port number (1 to 65535).")
    return int(text)


def _refuse_taken_port(port: int) -> None:
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if time.monotonic() > deadline:
                    raise LauncherError(
                        f"Port {port} cannot be used ({error.strerror}). "
                        "Set SCENEBRIDGE_PORT to another one, such as 8001."
                    ) from None
            else:
                return
        time.sleep(0.2)


def _check_addresses() -> None:
    for name, schemes in (
        ("DATABASE_URL", ("postgresql", "postgres")),
        ("DATABASE_OWNER_URL", ("postgresql", "postgres")),
        ("REDIS_URL", ("redis", "rediss", "unix")),
    ):
        if url := os.environ.get(name):
            try:
                parts = urlsplit(url)
                well_formed = parts.scheme in schemes and parts.port != 0
            except ValueError:
                well_formed = False
            if not well_formed:
                raise LauncherError(f"{name} must be an address such as {schemes[0]}://host/name.")


def _prepare_data() -> None:
    """Migrate, load facts and demonstration, rank; in this process: fewer interpreter starts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    os.environ.setdefault("PGCONNECT_TIMEOUT", "10")  # a silent address must not be waited for
    import django
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError, connections

    report = io.StringIO()
    try:
        django.setup()
        _check_postgresql()
        _check_redis()
        call_command("migrate", verbosity=0)
        call_command("load_policy_data", stdout=report)
        # The site runs without either, and another instance on the same database may be at it.
        optional = [("rank", {"wait": 0})]
        if settings.DEMONSTRATION:
            optional.insert(0, ("load_demonstration", {}))
        for name, options in optional:
            try:
                call_command(name, verbosity=0, stdout=report, **options)
            except CommandError as error:
                report.write(f"{error}\n")
    except (CommandError, ImproperlyConfigured) as error:
        raise LauncherError(str(error)) from None
    except DatabaseError as error:
        raise LauncherError(f"The database could not be prepared: {error}") from None
    finally:
        connections.close_all()
    _say(report.getvalue().rstrip())


def _check_postgresql() -> None:
    from django.db import OperationalError, connection

    place = without_password(os.environ["DATABASE_URL"])
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise LauncherError(f"PostgreSQL at {place} cannot be reached: {error}") from None
    if (version := connection.pg_version // 10000) < OLDEST_POSTGRESQL:  # type: ignore[attr-defined]
        raise LauncherError(
            f"PostgreSQL at {place} is version {version}; {OLDEST_POSTGRESQL} or newer is needed."
        )


def _check_redis() -> None:
    import redis

    url = os.environ["REDIS_URL"]
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=10, socket_timeout=10) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise LauncherError(
            f"Redis at {without_password(url)} cannot be reached: {error}"
        ) from None


def without_password(url: str) -> str:
    """The address as messages may show it; a password may also stand among the parameters."""
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    return parts._replace(
        netloc=user.partition(":")[0] + at + place, query="", fragment=""
    ).geturl()


def commands(port: int) -> list[Command]:
    """The site's own processes, the same five that the README names for production.

    In the order of their start.
    """
    celery = "celery --app config"
    alone = "--loglevel INFO --without-mingle --without-gossip"
    lines = {
        "web": f"gunicorn config.wsgi --bind 127.0.0.1:{port} --workers 2 --worker-class gthread"
        " --threads 4 --no-control-socket",
        "worker": f"{celery} worker --queues celery --concurrency 1 -n worker@%h {alone}",
        "beat": f"{celery} beat --loglevel INFO --pidfile=",
        "relay": "manage relay",
        "matcher": f"{celery} worker --queues matching --concurrency 2 -n matcher@%h {alone}",
    }
    return [
        Command(name, [sys.executable, "-m", *line.split()], os.environ, directory=PROJECT)
        for name, line in lines.items()
    ]


def _serve(running: Servers, port: int, stop: StopSignals) -> None:
    """Start the site and restart what ends, until Stopped."""
    stop.check()
    *first, matcher = commands(port)
    for command in first:
        running.processes.start(command)
    _wait_until_ready(running, port)
    running.processes.start(matcher)  # its warming up keeps no visitor waiting
    _say(f"ready: http://127.0.0.1:{port}")
    restarts: dict[str, list[float]] = {}
    while True:
        stop.check()
        time.sleep(0.3)
        for command in running.processes.dead():
            _restart(command, running, restarts.setdefault(command.name, []))


def _restart(command: Command, running: Servers, times: list[float]) -> None:
    """Start it again: at once the first time, then after pauses of 1, 2, 4 … seconds.

    A killed PostgreSQL, for one, refuses to start while an orphaned backend lives.
    """
    now = time.monotonic()
    times[:] = [each for each in times if now - each < RESTART_WINDOW_SECONDS]
    if len(times) >= RESTARTS_ALLOWED:
        raise LauncherError(
            f"{command.name} keeps ending; gave up. The end of its log:\n"
            f"{running.home.tail(command.name)}"
        )
    if times and now - times[-1] < min(2.0 ** (len(times) - 1), 15):
        return
    times.append(now)
    _say(f"{command.name} ended; starting it again")
    running.processes.start(command)


def _wait_until_ready(running: Servers, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        for command in running.processes.dead():
            raise LauncherError(
                f"{command.name} did not start. The end of its log:\n"
                f"{running.home.tail(command.name)}"
            )
        if _answers(port):
            return
        time.sleep(0.1)
    raise LauncherError(f"The site did not answer. The end of its log:\n{running.home.tail('web')}")


def _answers(port: int) -> bool:
    # Not urllib: that would ask a proxy named in the environment.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
