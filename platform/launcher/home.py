"""The data folder: where an instance keeps its servers' files, logs, lock and addresses."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
SOCKET_PATH_LIMIT = 100  # bytes; the kernel allows 107 with the final NUL


class LauncherError(Exception):
    """A start that cannot succeed, with what to do about it."""


@dataclass(frozen=True)
class Home:
    """``SCENEBRIDGE_HOME``: by default ``.run/`` in the checkout."""

    root: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Home:
        return cls(Path(environ.get("SCENEBRIDGE_HOME") or PROJECT / ".run").expanduser().resolve())

    @property
    def env_file(self) -> Path:
        """Addresses of the running servers, one ``NAME=value`` a line."""
        return self.root / "env"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def sockets(self) -> Path:
        """A folder whose path is short enough for a socket, however deep the data folder lies."""
        inside = self.root / "sockets"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
            return inside
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"scenebridge-{os.getuid()}-{digest}"

    def prepare(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        # The fallback lies in a folder that everybody may write: it must be ours, not a trap.
        if self.sockets.is_symlink() or not os.stat(self.sockets).st_mode & 0o700:
            raise LauncherError(f"{self.sockets} is not a private folder of this user; remove it.")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run lock; raises LauncherError when another launcher holds it.

        The lock belongs to the open file, so that the kernel frees it when the holder is killed.
        """
        self.prepare()
        with open(self.root / "lock", "a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.seek(0)
                raise LauncherError(
                    f"Another process (id {handle.read().strip() or 'unknown'}) runs the servers of "
                    f"{self.root}. Stop it first, or set SCENEBRIDGE_HOME to another folder."
                ) from None
            handle.seek(0)
            handle.truncate()
            handle.write(str(os.getpid()))
            handle.flush()
            yield

    def is_locked(self) -> bool:
        lock = self.root / "lock"
        if not lock.exists():
            return False
        with open(lock) as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    def read_env(self) -> dict[str, str]:
        if not self.env_file.exists():
            return {}
        lines = self.env_file.read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def write_env(self, values: Mapping[str, str]) -> None:
        draft = self.env_file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text("".join(f"{k}={v}\n" for k, v in values.items()), encoding="utf-8")
        draft.replace(self.env_file)

    def tail(self, name: str, lines: int = 15) -> str:
        """The last lines of a process's log, for messages about its failure."""
        log = self.logs / f"{name}.log"
        if not log.exists():
            return ""
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
