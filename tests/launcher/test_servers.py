"""Embedded servers: start, stop, and what earlier crashes left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from launcher.home import Busy, Home
from launcher.processes import Command, Processes, end_stray, uninterrupted
from launcher.servers import Options, Servers, servers

FAST = Options(durable=False)
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def home() -> Iterator[Home]:
    """Not below tmp_path, which is private to root: PostgreSQL is another account then."""
    folder = Path(tempfile.mkdtemp(prefix="scenebridge-launcher-"))
    folder.chmod(0o711)
    yield Home(folder)
    shutil.rmtree(folder)


def start(home: Home) -> Servers:
    """Servers that nobody stops, as after ``kill -9`` of the launcher; the run lock is free."""
    code = (
        "import os, pathlib, sys\n"
        "from launcher.home import Home\n"
        "from launcher.servers import Options, servers\n"
        "home = Home(pathlib.Path(sys.argv[1]))\n"
        "with servers(home, options=Options(durable=False), environ={}):\n"
        "    os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(home.root)], check=False, timeout=120)
    return Servers(home, Processes(home), home.read_env())


def pids(home: Home) -> dict[str, int]:
    record = json.loads((home.root / "processes.json").read_text())
    return {name: entry["pid"] for name, entry in record["processes"].items()}


def test_servers_answer_refuse_a_second_launcher_and_leave_nothing(home: Home) -> None:
    with servers(home, options=FAST, environ={}) as running:
        assert home.read_env() == running.environment
        with psycopg.connect(running.environment["DATABASE_OWNER_URL"]) as connection:
            assert connection.info.server_version >= 180000
        with redis.Redis.from_url(running.environment["REDIS_URL"]) as client:
            assert client.ping()
        with pytest.raises(Busy), servers(home, options=FAST, environ={}):
            pass
        assert client.ping()  # the second attempt did no harm
        started = pids(home)
    assert set(started) == {"postgresql", "redis"}
    assert all(is_gone(pid) for pid in started.values())
    assert not home.env_file.exists()


def test_named_servers_are_not_started(home: Home) -> None:
    given = {"DATABASE_URL": "postgresql://elsewhere/db", "REDIS_URL": "redis://elsewhere/0"}
    with servers(home, environ=given) as running:
        assert given.items() <= running.environment.items()
        assert not (home.root / "processes.json").exists()


def test_survivors_of_a_killed_launcher_are_ended_and_data_stays(home: Home) -> None:
    left = start(home)
    with psycopg.connect(left.environment["DATABASE_OWNER_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    before = pids(home)
    with servers(home, options=FAST, environ={}) as running:
        assert all(is_gone(pid) for pid in before.values())
        with psycopg.connect(running.environment["DATABASE_OWNER_URL"]) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert (
            running.environment["SCENEBRIDGE_SECRET_KEY"]
            == left.environment["SCENEBRIDGE_SECRET_KEY"]
        )


def test_tables_of_an_older_data_folder_pass_to_the_owner(home: Home) -> None:
    """There everything belonged to the superuser, whom the site signed in as."""
    with servers(home, options=FAST, environ={}) as running:
        superuser = running.environment["DATABASE_URL"].replace("scenebridge@", "postgres@")
        with psycopg.connect(superuser) as connection:
            for table in ("kept", "django_migrations"):
                connection.execute(f"CREATE TABLE {table} (answer serial)")
            connection.execute("CREATE FUNCTION told() RETURNS int LANGUAGE sql RETURN 42")
    with servers(home, options=FAST, environ={}) as running:
        with psycopg.connect(running.environment["DATABASE_OWNER_URL"]) as owner:
            owner.execute("ALTER TABLE kept ADD COLUMN more text")
            owner.execute("INSERT INTO kept DEFAULT VALUES")
            owner.execute("ALTER FUNCTION told() RENAME TO said")
        with psycopg.connect(running.environment["DATABASE_URL"], autocommit=True) as site:
            site.execute("SELECT FROM django_migrations")
            for refused in ("SELECT FROM kept", "CREATE TABLE own ()", "DROP TABLE kept"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    site.execute(refused)


def test_servers_that_no_record_knows_are_ended(home: Home) -> None:
    start(home)
    before = pids(home)
    (home.root / "processes.json").unlink()  # killed between start and record
    with servers(home, options=FAST, environ={}):
        assert all(is_gone(pid) for pid in before.values())


def test_killed_servers_start_again_though_their_ids_name_a_foreign_process(home: Home) -> None:
    start(home)
    for pid in pids(home).values():
        os.kill(pid, signal.SIGKILL)
    foreign = subprocess.Popen(SLEEP)
    try:
        data = home.root / "postgresql" / "postmaster.pid"
        lines = data.read_text().splitlines()
        data.write_text("\n".join([str(foreign.pid), *lines[1:], ""]))
        lock = next(home.sockets.rglob("*.lock"))
        lock.write_text(str(foreign.pid))
        with servers(home, options=FAST, environ={}) as running:
            with psycopg.connect(running.environment["DATABASE_OWNER_URL"]) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


def test_a_remembered_id_with_another_start_time_is_left_alone(home: Home) -> None:
    home.prepare()
    foreign = subprocess.Popen(SLEEP)
    try:
        entry = {"pid": foreign.pid, "started": time.time() - 3600, "signal": 9}
        record = {"home": str(home.root), "processes": {"web": entry}}
        (home.root / "processes.json").write_text(json.dumps(record))
        assert Processes(home).stop_survivors() == []
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


def test_a_copied_folder_leaves_the_processes_of_the_original_alone(
    home: Home, tmp_path: Path
) -> None:
    home.prepare()
    original = Processes(home)
    process = original.start(Command("web", SLEEP, os.environ))
    try:
        shutil.copytree(home.root, tmp_path / "copy")
        assert Processes(Home(tmp_path / "copy")).stop_survivors() == []
        assert process.poll() is None
    finally:
        original.stop_all()
    assert process.poll() is not None


def test_a_pid_file_that_names_a_foreign_process_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "postmaster.pid"
    file.write_text(f"{os.getpid()}\n")
    end_stray(file, "postgres", tmp_path)
    assert not file.exists()


def test_a_pid_file_with_a_dead_id_is_left_to_the_server(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    file = tmp_path / "postmaster.pid"
    file.write_text(f"{dead.pid}\n")
    end_stray(file, "postgres", tmp_path)
    assert file.exists()


def test_a_process_that_ignores_its_signal_is_killed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("launcher.processes.STOP_SECONDS", 0.2)
    home.prepare()
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True); time.sleep(600)"
    )
    processes = Processes(home)
    process = processes.start(Command("web", [sys.executable, "-c", stubborn], os.environ))
    wait_until(lambda: home.tail("web") == "deaf")
    processes.stop_all()
    assert process.poll() is not None


def test_signals_wait_for_the_end_of_an_uninterrupted_block() -> None:
    # Started in the background of a script, Python leaves SIGINT ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    finished = False

    def work() -> None:
        nonlocal finished
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            finished = True

    try:
        with pytest.raises(KeyboardInterrupt):
            work()
    finally:
        signal.signal(signal.SIGINT, before)
    assert finished
