"""``manage.py`` against a database that nobody has prepared."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.db import connection

from launcher.home import PROJECT
from tests.conftest import owner_address


def manage(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *arguments],
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", ["rank", "register_organization 某港务集团 91440000MA50000014"])
def test_command_without_its_tables_says_what_to_run_first(committed_db: str, command: str) -> None:
    name = connection.settings_dict["NAME"]
    with psycopg.connect(owner_address(name), autocommit=True) as owner:
        owner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    result = manage(committed_db, *command.split())

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("数据库还没有建好或不是当前版本：请先运行一次 ./deploy/run")
    assert "Traceback" not in result.stderr


def test_fault_of_a_statement_keeps_its_traceback(committed_db: str) -> None:
    code = "from django.db import connection; connection.cursor().execute('TABLE nowhere')"

    result = manage(committed_db, "shell", "-c", code)

    assert result.returncode == 1
    assert "Traceback" in result.stderr
    assert 'relation "nowhere" does not exist' in result.stderr
