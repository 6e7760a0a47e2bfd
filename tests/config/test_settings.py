"""Production starts with everything stated, and not at all without."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from matching.engine.version import digest_of_sources
from tests.conftest import owner_address

KEY = secrets.token_hex(40) + "ghijklmnop"
STATED = {
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "DATABASE_URL": "postgres://checks@localhost/checks",
    "REDIS_URL": "rediss://redis.example:6379/2?ssl_cert_reqs=required",
    "SCENEBRIDGE_SECRET_KEY": KEY,
    "SCENEBRIDGE_HOSTS": "scenebridge.example",
    "SCENEBRIDGE_BASE_URL": "https://scenebridge.example",
    "SCENEBRIDGE_EMAIL_URL": "smtp+tls://post:p%40ss@mail.example:587",
}
HOME = settings.ROOT / ".run"
ENGINE = digest_of_sources()
NAMES = (
    *("CELERY_BROKER_URL", "ALLAUTH_TRUSTED_PROXY_COUNT", "DEFAULT_FROM_EMAIL"),
    *("DEMONSTRATION", "EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS"),
)
SHOW = f"""
import json
import os
from django.conf import settings
values = {{name: getattr(settings, name) for name in {NAMES}}}
values["cache"] = settings.CACHES["default"]["LOCATION"]
values["matching"] = [str(settings.MATCHING_HOME), os.environ["NUMBA_CACHE_DIR"]]
print(json.dumps(values))
"""


def start(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """What Python makes of the arguments under production's settings; else it shows some."""
    path = os.pathsep.join([str(settings.ROOT), str(settings.ROOT / "platform")])
    values = {**STATED, **changes}
    environment = {name: value for name, value in values.items() if value}
    return subprocess.run(
        [sys.executable, *(arguments or ["-c", SHOW])],
        cwd=settings.ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_production_takes_its_mail_server_and_cache_from_the_environment() -> None:
    assert json.loads(start().stdout) == {
        "CELERY_BROKER_URL": STATED["REDIS_URL"],
        "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
        "DEFAULT_FROM_EMAIL": "noreply@scenebridge.example",
        "DEMONSTRATION": False,
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example",
        "EMAIL_HOST_PASSWORD": "p@ss",
        "EMAIL_USE_TLS": True,
        "cache": "rediss://redis.example:6379/2?ssl_cert_reqs=required&db=15",
        "matching": [f"{HOME}/matching", f"{HOME}/matching/kernels/{ENGINE}"],
    }


def test_production_never_holds_invented_records() -> None:
    assert json.loads(start(SCENEBRIDGE_DEMONSTRATION="true").stdout)["DEMONSTRATION"] is False


def test_what_differs_is_stated_by_name() -> None:
    values = json.loads(
        start(
            REDIS_URL="unix:///run/redis.sock?db=3",
            SCENEBRIDGE_PROXY_COUNT="2",
            SCENEBRIDGE_EMAIL_FROM="desk@operator.example",
        ).stdout
    )

    assert values["cache"] == "unix:///run/redis.sock?db=15"
    assert values["ALLAUTH_TRUSTED_PROXY_COUNT"] == 2
    assert values["DEFAULT_FROM_EMAIL"] == "desk@operator.example"
    stated = start(SCENEBRIDGE_CACHE_URL="redis://cache.example/0")
    assert json.loads(stated.stdout)["cache"] == "redis://cache.example/0"


@pytest.mark.parametrize(
    ("given", "folder", "kernels"),
    [
        ({"SCENEBRIDGE_HOME": "/a/b"}, "/a/b/matching", f"/a/b/matching/kernels/{ENGINE}"),
        (
            {"SCENEBRIDGE_HOME": "/a", "SCENEBRIDGE_MATCHING_HOME": "/m"},
            "/m",
            f"/m/kernels/{ENGINE}",
        ),
        ({"SCENEBRIDGE_MATCHING_HOME": "/m", "NUMBA_CACHE_DIR": "/k"}, "/m", "/k"),
    ],
)
def test_what_ranking_keeps_lies_where_the_environment_says(
    given: dict[str, str], folder: str, kernels: str
) -> None:
    assert json.loads(start(**given).stdout)["matching"] == [folder, kernels]


@pytest.mark.parametrize("name", sorted(set(STATED) - {"DJANGO_SETTINGS_MODULE"}))
def test_production_does_not_start_without(name: str) -> None:
    started = start(**{name: ""})

    assert started.returncode != 0
    assert f"{name} must" in started.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SCENEBRIDGE_SECRET_KEY", "k" * 60),
        ("SCENEBRIDGE_SECRET_KEY", "only-for-tests"),
        ("SCENEBRIDGE_SECRET_KEY", f"django-insecure-{KEY}"),
        ("SCENEBRIDGE_SECRET_KEY", f"please-change-me-{KEY}"),
        ("DATABASE_URL", "postgres://postgres:postgres@localhost/scenebridge"),
        ("DATABASE_URL", "postgres://site:password@localhost/scenebridge"),
        ("DATABASE_OWNER_URL", "postgres://owner:owner@localhost/scenebridge"),
        ("DATABASE_OWNER_URL", "postgres://checks@localhost/checks"),
    ],
)
def test_production_refuses_default_secrets(name: str, value: str) -> None:
    started = start(**{name: value})

    assert started.returncode != 0
    assert f"{name} " in started.stderr.splitlines()[-1]
    assert value not in started.stderr


CHECK = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
CELERY = ("-m", "celery", "--app", "config")
PROCESSES = {
    "web": ("-c", "import config.wsgi"),
    "worker": (*CELERY, "worker", "--concurrency", "1", "--without-mingle", "--without-gossip"),
    "beat": (*CELERY, "beat", "--pidfile="),
    "relay": ("manage.py", "relay"),
    "command": ("manage.py", "rank"),
    "check": (*CHECK, "--database", "default"),
}


@pytest.mark.slow
@pytest.mark.parametrize("process", PROCESSES)
def test_no_process_of_production_starts_as_the_owner(
    environment: dict[str, str], process: str
) -> None:
    owner = owner_address(connection.settings_dict["NAME"])

    ended = start(*PROCESSES[process], **{**environment, "DATABASE_URL": owner})

    assert ended.returncode == 1
    assert "scenebridge_owner (may create databases, owns the database, owns tables" in ended.stderr


@pytest.mark.slow
def test_production_starts_as_the_role_of_the_site(environment: dict[str, str]) -> None:
    checked = start(*CHECK, "--database", "default", **environment)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "no issues (0 silenced)" in checked.stdout

    assert start(*PROCESSES["web"], **environment).returncode == 0


@pytest.mark.slow
def test_production_waits_for_a_database_that_is_away() -> None:
    away = "postgres://checks@127.0.0.1:1/checks"

    assert start(*PROCESSES["web"], DATABASE_URL=away).returncode == 0


@pytest.mark.slow
def test_check_deploy_has_nothing_to_say() -> None:
    checked = start(*CHECK)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "no issues (0 silenced)" in checked.stdout
