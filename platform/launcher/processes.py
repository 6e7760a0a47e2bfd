"""Child processes that are remembered on disk, so that survivors of a crash can be found."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from launcher.home import Home

CLOCK_TOLERANCE_SECONDS = 2.0
STOP_SECONDS = 20.0
KILL_SECONDS = 5.0
LOG_BYTES = 5_000_000
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Doors close first, so that nobody is accepted whom nothing behind can serve; each group at once.
STOP_ORDER = (("web", "relay", "beat", "worker", "matcher"), ("redis",), ("postgresql", "initdb"))


@dataclass(frozen=True)
class Command:
    """How to start one process; ``stop_signal`` is the one that asks it to end in order."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    user: int | None = None
    group: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    directory: Path | None = None


class Processes:
    """Starts and stops the children of one data folder."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._record = home.root / "processes.json"
        self._running: dict[str, tuple[Command, subprocess.Popen[bytes]]] = {}

    def start(self, command: Command) -> subprocess.Popen[bytes]:
        path = self._home.logs / f"{command.name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log, uninterrupted():
            process = subprocess.Popen(  # noqa: S603 (our own command lines)
                list(command.argv),
                env=dict(command.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=command.directory or self._home.root,
                user=command.user,
                group=command.group,
                extra_groups=None if command.user is None else [],
                # Ctrl-C reaches the launcher alone, which then stops the children in order.
                start_new_session=True,
            )
            self._running[command.name] = (command, process)
            self._remember()
        return process

    def dead(self) -> list[Command]:
        """The commands whose process has ended by itself."""
        return [
            command for command, process in self._running.values() if process.poll() is not None
        ]

    def exit_status(self, name: str) -> int | None:
        return self._running[name][1].poll()

    def forget(self, name: str) -> None:
        """Take a command that has done its work off the list of what should run."""
        del self._running[name]

    def stop_all(self) -> None:
        """Stop everything in STOP_ORDER; a signal that arrives meanwhile waits."""
        with uninterrupted():
            for group in STOP_ORDER:
                self._stop([self._running.pop(name) for name in group if name in self._running])
            self._remember()

    def _stop(self, leaving: Sequence[tuple[Command, subprocess.Popen[bytes]]]) -> None:
        # Asking poll() first matters: the id of a child that was waited for may be anybody's.
        alive = [(command, process) for command, process in leaving if process.poll() is None]
        _end([(psutil.Process(process.pid), command.stop_signal) for command, process in alive])
        for _, process in alive:
            process.wait()

    def stop_survivors(self) -> list[str]:
        """End what an earlier launcher left running; returns their names.

        A process counts as ours only when its start time is the one remembered: ids are reused.
        """
        found: dict[str, tuple[psutil.Process, int]] = {}
        for name, entry in self._remembered().items():
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(int(entry["pid"]))
                same = abs(process.create_time() - entry["started"]) <= CLOCK_TOLERANCE_SECONDS
                if same and _is_alive(process):
                    found[name] = (process, int(entry["signal"]))
        for group in STOP_ORDER:
            _end([found[name] for name in group if name in found])
        self._record.unlink(missing_ok=True)
        return list(found)

    def _remember(self) -> None:
        entries = {}
        for name, (command, process) in self._running.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                entries[name] = {
                    "pid": process.pid,
                    "started": psutil.Process(process.pid).create_time(),
                    "signal": int(command.stop_signal),
                }
        # The folder is named because a copy of it must not end the processes of the original.
        text = json.dumps({"home": str(self._home.root), "processes": entries})
        draft = self._record.with_suffix(".new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._record)

    def _remembered(self) -> dict[str, dict[str, float]]:
        try:
            record = json.loads(self._record.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        if record.get("home") != str(self._home.root):
            return {}
        entries: dict[str, dict[str, float]] = record["processes"]
        return entries


def end_stray(pid_file: Path, program: str, path: Path) -> None:
    """Deal with a server's own pid file, for the moment between its start and our record of it.

    Ends the server when it is one: named ``program``, with ``path`` in its command line, started
    before the file was written. Forgets an id that now belongs to a foreign process, which would
    keep PostgreSQL from starting. A dead id stays: PostgreSQL itself deals with it best.
    """
    try:
        process = psutil.Process(int(pid_file.read_bytes().split(maxsplit=1)[0]))
        ours = (
            program in process.name()
            and any(str(path) in part for part in process.cmdline())
            and process.create_time() <= pid_file.stat().st_mtime + CLOCK_TOLERANCE_SECONDS
        )
    except psutil.ZombieProcess:
        ours = False
    except (FileNotFoundError, psutil.NoSuchProcess):
        return
    except (psutil.AccessDenied, ValueError, IndexError):
        ours = False
    if ours:
        _end([(process, signal.SIGINT)])
    pid_file.unlink(missing_ok=True)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold SIGINT, SIGTERM and SIGHUP back until the block ends.

    A child must not be started and then, by an exception out of a signal handler, be forgotten.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # handlers run in the main thread only
        return
    arrived: list[int] = []
    handlers = {
        each: signal.signal(each, lambda number, _: arrived.append(number)) for each in STOP_SIGNALS
    }
    try:
        yield
    finally:
        for each, handler in handlers.items():
            # None: whoever set it did so outside Python, where it cannot be given back.
            signal.signal(each, signal.SIG_DFL if handler is None else handler)
        for number in arrived:
            signal.raise_signal(number)


def _end(processes: Iterable[tuple[psutil.Process, int]]) -> None:
    """Ask all at once; kill those, and their children, that take longer than STOP_SECONDS."""
    family: list[psutil.Process] = []
    for process, number in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            family += [process, *process.children(recursive=True)]
            process.send_signal(number)
    _wait_for_end(family, STOP_SECONDS)
    for each in filter(_is_alive, family):
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    _wait_for_end(family, KILL_SECONDS)


def _wait_for_end(family: Sequence[psutil.Process], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(map(_is_alive, family)) and time.monotonic() < deadline:
        time.sleep(0.05)


def _is_alive(process: psutil.Process) -> bool:
    """A zombie is dead; whoever should collect an orphan's may be slow to, or never do it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
