"""The data folder: lock, addresses, a place for sockets."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from launcher import pytest_plugin
from launcher.home import PROJECT, SOCKET_PATH_LIMIT, Busy, Home, LauncherError


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where sockets lie that cannot lie inside; short as /tmp, and removed."""
    with tempfile.TemporaryDirectory(prefix="sb-") as folder:
        # Not tempfile.gettempdir itself: pytest asks it for tmp_path.
        fake = SimpleNamespace(gettempdir=lambda: folder)
        monkeypatch.setattr("launcher.home.tempfile", fake)
        yield Path(folder)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "run")


def test_home_is_dot_run_in_the_checkout_by_default() -> None:
    assert Home.from_environment({}).root == PROJECT / ".run"
    assert Home.from_environment({"SCENEBRIDGE_HOME": ""}).root == PROJECT / ".run"


def test_home_is_absolute_however_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Home.from_environment({"SCENEBRIDGE_HOME": "a/../b"}).root == tmp_path.resolve() / "b"


def test_lock_refuses_a_second_holder_and_names_the_first(home: Home) -> None:
    with home.locked(), pytest.raises(Busy, match=rf"id {os.getpid()}\b"), home.locked():
        pass
    with home.locked():
        pass


def test_lock_is_freed_when_its_holder_is_killed(home: Home, elsewhere: Path) -> None:
    holder = (
        "import pathlib, sys, launcher.home as h\n"
        "with h.Home(pathlib.Path(sys.argv[1])).locked():\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(home.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT / "platform"), "TMPDIR": str(elsewhere)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Busy), home.locked():
            pass
        process.kill()
    with home.locked():
        pass


def test_env_file_returns_what_was_written_and_is_private(home: Home) -> None:
    values = {"DATABASE_URL": "postgresql://u@/db?host=/a%20b", "REDIS_URL": "unix:///r"}
    home.prepare()
    assert home.read_env() == {}
    home.write_env(values)
    assert home.read_env() == values
    assert home.env_file.stat().st_mode & 0o777 == 0o600


def test_tail_is_the_end_of_the_log_even_with_broken_bytes(home: Home) -> None:
    home.prepare()
    assert home.tail("web") == ""
    (home.logs / "web.log").write_bytes(b"one\n\xff\nthree\n")
    assert home.tail("web", lines=2) == "\N{REPLACEMENT CHARACTER}\nthree"


def test_sockets_lie_inside_when_they_can() -> None:
    # Not tmp_path: pytest makes that private, and root's PostgreSQL is another account.
    assert Home(Path("/tmp")).sockets == Path("/tmp/sockets")


@pytest.mark.parametrize("name", ["d" * 100, "场" * 34, "a,b"])
def test_sockets_lie_elsewhere_when_the_path_is_long_or_has_a_comma(
    tmp_path: Path, elsewhere: Path, name: str
) -> None:
    home = Home(tmp_path / name)
    home.prepare()
    assert home.sockets.parent == elsewhere
    assert home.sockets.is_dir()
    other = Home(tmp_path / f"{name}2")
    other.prepare()
    assert other.sockets != home.sockets


def test_sockets_path_is_never_too_long(tmp_path: Path) -> None:
    home = Home(tmp_path / ("d" * 200))
    home.prepare()
    assert len(os.fsencode(home.sockets / "postgresql" / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_LIMIT


def test_a_link_in_place_of_the_socket_folder_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / ("d" * 100))
    (tmp_path / "trap").mkdir()
    home.root.mkdir()
    home.sockets.symlink_to(tmp_path / "trap")
    with pytest.raises(LauncherError, match="is a link"):
        home.prepare()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(home: Home) -> None:
    home.prepare()
    os.chown(home.root, 65534, 65534)
    with pytest.raises(LauncherError, match="belongs to another user"):
        home.prepare()


def test_a_folder_where_everybody_may_write_is_refused(home: Home) -> None:
    home.prepare()
    home.root.chmod(0o777)
    with pytest.raises(LauncherError, match="everybody may write"):
        home.prepare()


def test_leftovers_of_others_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "processes.json").write_text("{}")
    monkeypatch.setattr(pytest_plugin.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / f"{pytest_plugin.PREFIX}link").symlink_to(victim)
    pytest_plugin._remove_leftovers()

    assert (victim / "processes.json").exists()


def test_a_file_in_place_of_the_data_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(LauncherError, match="cannot be used"):
        Home(tmp_path / "run").prepare()
