"""One whole instance, as ``deploy/run`` starts it: killed in parts, killed at all, stopped."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from launcher import instance
from launcher.attach import needs_servers
from launcher.home import PROJECT, Home, LauncherError

PARTS = ("web", "worker", "matcher", "beat", "relay", "redis", "postgresql")
NAMED = ("DATABASE_URL", "REDIS_URL", "SCENEBRIDGE_SECRET_KEY", "DJANGO_SETTINGS_MODULE")
NAMED += ("SCENEBRIDGE_MATCHING_HOME",)
START_SECONDS = 90


def wait_until(condition: Callable[[], object], what: str, seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited too long: {what}"
        time.sleep(0.1)


def clean_environment(home: Home, port: int = 0) -> dict[str, str]:
    """The test run's own servers must not be used."""
    kept = {name: value for name, value in os.environ.items() if name not in NAMED}
    return kept | {"SCENEBRIDGE_HOME": str(home.root), "SCENEBRIDGE_PORT": str(port)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Instance:
    """A launcher in a process of its own; collects what it prints."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.port = free_port()
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "launcher"],
            env=clean_environment(home, self.port),
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def wait_until_ready(self) -> None:
        ready = f"ready: http://127.0.0.1:{self.port}\n"
        wait_until(lambda: ready in self.lines or self.process.poll() is not None, "ready line")
        assert ready in self.lines, "".join(self.lines)

    def sign_ins(self) -> list[tuple[str, str, str]]:
        """Address, password and English role of each, as printed before the ready line."""
        printed = "".join(self.lines).partition("ready: ")[0]
        return re.findall(r"^  (\S+@\S+)  (\S+)  ([a-z ]+) \S", printed, re.MULTILINE)

    def healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def pids(self) -> dict[str, int]:
        record = json.loads((self.home.root / "processes.json").read_text())
        return {name: entry["pid"] for name, entry in record["processes"].items()}

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        status = self.process.wait(60)
        self._reader.join(10)
        return status


def processes_of(home: Home) -> list[str]:
    """Living processes that name the data folder in their environment or command line."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), process.environ().get("SCENEBRIDGE_HOME", "")]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(home.root) in word for word in words):
            found.append(f"{process.pid} {' '.join(words)}")
    return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A private folder with a space in its name, so deep that sockets need a place elsewhere.

    Private: run by root, PostgreSQL keeps its files under /var/lib then.
    """
    home = Home(tmp_path / "a b" / ("d" * 80))
    yield home
    marker = home.root / "postgresql-folder"
    if marker.exists():
        shutil.rmtree(marker.read_text())


def manage(home: Home, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *arguments],
        env=clean_environment(home),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.slow
def test_instance_survives_kills_keeps_data_and_stops_cleanly(home: Home) -> None:
    first = Instance(home)
    try:
        first.wait_until_ready()
        assert first.healthy()
        sign_ins = first.sign_ins()
        assert [role for _, _, role in sign_ins] == [
            *("publisher", "supplier", "administrator of content and catalogues"),
            *("administrator of the system", "auditor"),
        ]
        manage(home, "shell", "-c", "from accounts.models import User; User.objects.count()")
        with psycopg.connect(home.read_env()["DATABASE_OWNER_URL"], autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

        for part in PARTS:
            before = first.pids()[part]
            os.kill(before, signal.SIGKILL)
            wait_until(lambda p=part, b=before: first.pids().get(p, b) != b, f"{part} again")
            wait_until(first.healthy, f"healthz after {part} was killed")
        assert first.process.poll() is None
    finally:
        first.end(signal.SIGKILL)

    second = Instance(home)
    try:
        second.wait_until_ready()
        assert second.healthy()
        assert second.sign_ins() == sign_ins
        with psycopg.connect(home.read_env()["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        refused = Instance(home)
        assert refused.process.wait(START_SECONDS) == 1
        assert second.healthy()
    finally:
        status = second.end(signal.SIGINT)
    assert status == 0
    assert second.lines[-1] == "stopped\n"
    assert "Traceback" not in "".join(second.lines)
    wait_until(lambda: not processes_of(home), f"end of {processes_of(home)}", 15)

    # Without an instance, a command starts servers of its own, on the same data.
    code = (
        "from django.db import connection\n"
        "cursor = connection.cursor(); cursor.execute('TABLE kept'); print(cursor.fetchall())"
    )
    assert "[(42,)]" in manage(home, "shell", "-c", code)
    wait_until(lambda: not processes_of(home), f"end of {processes_of(home)}", 15)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_the_start_leaves_nothing(home: Home, number: int) -> None:
    launcher = Instance(home)
    wait_until((home.logs / "initdb.log").exists, "initdb")
    assert launcher.end(number) == 0
    assert launcher.lines == ["stopped\n"]
    wait_until(lambda: not processes_of(home), f"end of {processes_of(home)}", 15)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SCENEBRIDGE_PORT": "http"}, "SCENEBRIDGE_PORT=http is not a port number"),
        ({"SCENEBRIDGE_PORT": "65536"}, "SCENEBRIDGE_PORT=65536 is not a port number"),
        ({"DATABASE_URL": "mysql://u:geheim@h/x"}, "DATABASE_URL must be an address"),
        ({"DATABASE_URL": "postgresql://u:geheim@h:x/x"}, "DATABASE_URL must be an address"),
        (
            {"DATABASE_URL": "postgresql://u:geheim@127.0.0.1:1/x", "REDIS_URL": "redis://h"},
            "PostgreSQL at postgresql://u@127.0.0.1:1/x cannot be reached",
        ),
    ],
)
def test_a_start_that_cannot_succeed_says_why(
    tmp_path: Path, change: dict[str, str], message: str
) -> None:
    result = subprocess.run(
        [sys.executable, "-P", "-m", "launcher"],
        env=clean_environment(Home(tmp_path / "run"), free_port()) | change,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    assert result.returncode == 1
    assert message in result.stderr
    assert "geheim" not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_a_taken_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "PORT_SECONDS", 0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(LauncherError, match="cannot be used"):
            instance._refuse_taken_port(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p%40@h:5/db?sslmode=require", "postgresql://u@h:5/db"),
        ("postgresql://h/db?password=p", "postgresql://h/db"),
        ("redis://:p@h:6379/0", "redis://@h:6379/0"),
    ],
)
def test_addresses_are_shown_without_password(url: str, shown: str) -> None:
    assert instance.without_password(url) == shown


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("", False),
        ("migrate", True),
        ("migrate --check", True),
        ("migrate --help", False),
        ("check", False),
        ("check --database default", True),
        ("load_policy_data", True),
        ("load_policy_data --check", False),
        ("load_demonstration", True),
        ("load_demonstration --check", False),
    ],
)
def test_only_commands_that_need_servers_start_them(line: str, needed: bool) -> None:
    assert needs_servers(line.split()) is needed
