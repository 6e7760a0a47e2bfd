"""Databases and people that tests share."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from accounts.second_factor import SHOWN, has_second_factor
from common.actor import Actor
from outbox.models import Delivery
from taxonomy.services import load_policy_data
from tests.matrix.build import standing_world
from tests.matrix.people import PROVED_BY
from tests.matrix.world import World

# Playwright's synchronous interface keeps an event loop in the thread of the tests, and Django
# takes that for asynchronous code. Nothing here awaits anything.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

TEMPLATE = f"template_{os.environ.get('PYTEST_XDIST_TESTRUNUID', 'single')}"


@contextmanager
def _server() -> Iterator[psycopg.Connection]:
    """A connection of the owner's to another database, for making and dropping those of tests."""
    with psycopg.connect(owner_address("postgres"), autocommit=True) as server:
        yield server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put modules of journeys among the others, far from each other.

    Processes take modules in this order; side by side, browsers and the sites that they visit
    would be waited for longer than their tests wait.
    """
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    journeys = [name for name in modules if name.startswith("tests/journeys/")]
    others = [name for name in modules if name not in journeys]
    apart = len(others) // (len(journeys) + 1)
    for place, name in enumerate(journeys):
        others.insert(place * (apart + 1), name)
    items[:] = [item for name in others for item in modules[name]]


def _use_database(name: str) -> str:
    """Point Django at another database; returns the one used before."""
    before = str(connection.settings_dict["NAME"])
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name
    return before


@pytest.fixture(scope="session", autouse=True)
def _matching_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Snapshots of this process's databases, also for the processes that it starts.

    Compiled kernels stay in ``.run/``, so that not every run compiles them.
    """
    settings.MATCHING_HOME = tmp_path_factory.mktemp("matching")
    os.environ["SCENEBRIDGE_MATCHING_HOME"] = str(settings.MATCHING_HOME)


@pytest.fixture(scope="session", autouse=True)
def _files_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Uploads of this process, also for the sites that it starts."""
    settings.FILES_HOME = tmp_path_factory.mktemp("files")
    os.environ["SCENEBRIDGE_FILES_HOME"] = str(settings.FILES_HOME)


@pytest.fixture(scope="session", autouse=True)
def _whole_sign_in() -> Iterator[None]:
    """``force_login`` leaves what a sign-in leaves: who has a second factor has shown it too."""
    forced = Client.force_login

    def sign_in(client: Client, user: User, backend: str | None = None) -> None:
        forced(client, user, backend)
        if has_second_factor(user):
            session = client.session
            session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": SHOWN, "at": time.time()}]
            session[PROVED_BY] = str(user.pk)
            session.save()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "force_login", sign_in)
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """One migrated database with the policy facts as template, one clone a worker.

    Workers wait for each other at the lock: the first makes the template, the others clone it.
    """
    lock = Path(tmp_path_factory.getbasetemp()).parent / f"{TEMPLATE}.lock"
    name = f"test_{os.getpid()}"
    with django_db_blocker.unblock(), _server() as server:
        with lock.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
            if found.fetchone() is None:
                server.execute(f'CREATE DATABASE "{TEMPLATE}_draft"')
                _use_database(f"{TEMPLATE}_draft")
                call_command("migrate", verbosity=0)  # as the owner; from here on as the site
                load_policy_data(directory=settings.SEEDS_DIR, actor=Actor.system("tests"))
                Delivery.objects.all().delete()  # tests begin with none waiting
                connections.close_all()
                server.execute(f'ALTER DATABASE "{TEMPLATE}_draft" RENAME TO "{TEMPLATE}"')
            _clone(server, name)
        _use_database(name)
    yield
    with django_db_blocker.unblock(), _server() as server:
        connections.close_all()
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def committed_db(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A database of one's own in which commits are real, for threads, workers and browsers.

    Cloned from the template in a tenth of a second and dropped afterwards; yields its address.
    """
    with django_db_blocker.unblock(), cloned_database(request.node.nodeid) as name:
        before = _use_database(name)
        try:
            yield address_of(name)
        finally:
            _use_database(before)


@contextmanager
def cloned_database(owner: str) -> Iterator[str]:
    """The name of a database with the policy facts, for whatever ``owner`` names."""
    name = f"test_{os.getpid()}_{abs(hash(owner))}"
    with _server() as server:
        _clone(server, name)
        try:
            yield name
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _clone(server: psycopg.Connection, name: str) -> None:
    """All is copied but the privileges on the database itself, which ``migrate`` took back."""
    server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    server.execute(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC')


def address_of(database: str) -> str:
    return os.environ["DATABASE_URL"].replace("/scenebridge?", f"/{database}?")


def owner_address(database: str) -> str:
    """For whoever may do what the site itself may not."""
    return os.environ["DATABASE_OWNER_URL"].replace("/scenebridge?", f"/{database}?")


def redis_address() -> str:
    """A Redis database of this test process."""
    number = 1 + int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)
    return f"{os.environ['REDIS_URL'].split('?')[0]}?db={number}"


@pytest.fixture
def environment(committed_db: str) -> dict[str, str]:
    """A database and a Redis database of this test's own, for processes that it starts."""
    address = redis_address()
    with redis.Redis.from_url(address) as client:
        client.flushdb()
    return {"DATABASE_URL": committed_db, "REDIS_URL": address}


@pytest.fixture
def broker(environment: dict[str, str]) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(environment["REDIS_URL"]) as client:
        yield client


@pytest.fixture
def system() -> Actor:
    return Actor.system("tests")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once for a module and undone after it; each request in it is undone by itself."""
    with django_db_blocker.unblock(), standing_world() as world:
        yield world
