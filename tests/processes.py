"""Real processes for tests: the same commands that an instance runs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.ROOT


class Process:
    """A child with its log; ``kill`` takes its whole session at once."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def stop(self) -> None:
        self._child.terminate()
        try:
            self._child.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def says(self, text: str) -> bool:
        return text in self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.poll() is None

    @property
    def failed(self) -> bool:
        """Whether it ended, and not well."""
        return bool(self._child.poll())


@contextlib.contextmanager
def process(arguments: list[str], environment: dict[str, str], log: Path) -> Iterator[Process]:
    child = Process(arguments, environment, log)
    try:
        yield child
    finally:
        if child.running:
            child.stop()


def wait_until(condition: Callable[[], object], *, seconds: float = 30, what: str = "") -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what or condition}"
        time.sleep(0.05)


WORKER = ["-m", "celery", "--app", "config", "worker", "--loglevel", "INFO", "--concurrency", "1"]
WORKER += ["--without-mingle", "--without-gossip"]
RELAY = ["manage.py", "relay"]
DEFAULT_QUEUE, MATCHING_QUEUE = settings.CELERY_TASK_DEFAULT_QUEUE, settings.MATCHING_QUEUE


def start_worker(environment: dict[str, str], folder: Path, *queues: str) -> Process:
    name = "-".join(queues or [DEFAULT_QUEUE])
    taken = ["--queues", ",".join(queues or [DEFAULT_QUEUE]), "--hostname", f"{name}@%h"]
    worker = Process([*WORKER, *taken], environment, folder / f"{name}.log")
    wait_until(lambda: worker.says("ready."), what="the worker")
    return worker
