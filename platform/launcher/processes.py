"""Child processes that are remembered on disk, so that survivors of a crash can be found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from launcher.home import Home

CLOCK_TOLERANCE_SECONDS = 2.0


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
        with open(self._home.logs / f"{command.name}.log", "ab") as log:
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

    def stop(self, name: str, timeout: float = 20.0) -> None:
        """Ask the process to end; kill its whole session when it does not."""
        command, process = self._running.pop(name, (None, None))
        if command is None or process is None:
            return
        if process.poll() is None:
            process.send_signal(command.stop_signal)
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._remember()

    def stop_survivors(self) -> list[str]:
        """End what an earlier launcher left running; returns their names.

        A process counts as ours only when its start time is the one remembered: ids are reused.
        """
        survivors = []
        for name, entry in self._remembered().items():
            try:
                process = psutil.Process(entry["pid"])
                if abs(process.create_time() - entry["started"]) > CLOCK_TOLERANCE_SECONDS:
                    continue
                family = [*process.children(recursive=True), process]
                process.send_signal(entry["signal"])
                _, alive = psutil.wait_procs(family, timeout=10)
                for each in alive:
                    each.kill()
                psutil.wait_procs(alive, timeout=5)
            except psutil.NoSuchProcess:
                continue
            survivors.append(name)
        self._record.unlink(missing_ok=True)
        return survivors

    def _remember(self) -> None:
        entries = {}
        for name, (command, process) in self._running.items():
            try:
                started = psutil.Process(process.pid).create_time()
            except psutil.NoSuchProcess:
                continue
            entries[name] = {
                "pid": process.pid,
                "started": started,
                "signal": int(command.stop_signal),
            }
        draft = self._record.with_suffix(".new")
        draft.write_text(json.dumps(entries), encoding="utf-8")
        draft.replace(self._record)

    def _remembered(self) -> dict[str, dict[str, int]]:
        try:
            entries: dict[str, dict[str, int]] = json.loads(self._record.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return entries
