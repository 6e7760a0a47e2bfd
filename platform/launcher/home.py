"""The data folder: where an instance keeps its servers' files, logs, lock and addresses."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SOCKET_PATH_LIMIT = 100  # bytes; the kernel allows 107 with the final NUL


class LauncherError(Exception):
    """A start that cannot succeed, with what to do about it."""


class Busy(LauncherError):
    """Another process runs the servers of this data folder."""


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
        """A folder for sockets: inside, or under /tmp when no server could use it there.

        The path of a socket is short, PostgreSQL takes a comma for the start of another folder,
        and run by root it is another account that must get through.
        """
        inside = self.root / "sockets"
        length = len(os.fsencode(inside / "postgresql" / ".s.PGSQL.5432.lock"))
        reachable = os.geteuid() != 0 or open_to_all(self.root)
        if length <= SOCKET_PATH_LIMIT and "," not in str(inside) and reachable:
            return inside
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"scenebridge-{os.geteuid()}-{digest}"

    def prepare(self) -> None:
        """Create the folders; raises LauncherError when they cannot be ours."""
        try:
            self.root.mkdir(mode=0o711, parents=True, exist_ok=True)
            self._refuse_foreign(self.root)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            self.sockets.mkdir(exist_ok=True)
            self._refuse_foreign(self.sockets)  # under /tmp it might be a trap laid there
            self.sockets.chmod(0o711)
        except OSError as error:
            raise LauncherError(
                f"The data folder {self.root} cannot be used: {error.strerror} ({error.filename}). "
                "Set SCENEBRIDGE_HOME to a folder of your own."
            ) from None

    def _refuse_foreign(self, folder: Path) -> None:
        # Whoever can write there could name processes for us to end, or serve our addresses.
        if not is_own_folder(folder):
            raise LauncherError(
                f"{folder} belongs to another user, is a link, or everybody may write there. "
                "Start as that user, or set SCENEBRIDGE_HOME to a folder of your own."
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run lock; raises Busy when another launcher holds it.

        The lock belongs to the open file, so that the kernel frees it when the holder is killed.
        """
        self.prepare()
        with (self.root / "lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.seek(0)
                holder = handle.read().strip() or "unknown"
                raise Busy(
                    f"Another process (id {holder}) runs the servers of {self.root}. "
                    "Stop it first, or set SCENEBRIDGE_HOME to another folder."
                ) from None
            handle.seek(0)
            handle.truncate()
            handle.write(str(os.getpid()))
            handle.flush()
            yield

    @property
    def guests_file(self) -> Path:
        """Shared lock of commands that use servers of another command, which waits for them."""
        return self.root / "guests"

    def read_env(self) -> dict[str, str]:
        try:
            lines = self.env_file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return {}
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


def is_own_folder(path: Path) -> bool:
    """A real folder (no link) of this user, in which nobody but its owner and group may write."""
    found = path.lstat()
    own = found.st_uid == os.geteuid() and not found.st_mode & stat.S_IWOTH
    return stat.S_ISDIR(found.st_mode) and own


def open_to_all(folder: Path) -> bool:
    """Whether every account may pass through the folder and all above it."""
    return all(each.stat().st_mode & stat.S_IXOTH for each in (folder, *folder.parents))
