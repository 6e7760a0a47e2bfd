#!/usr/bin/env python3
"""Django's commands; starts the embedded servers by itself when nothing else is running."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

    from launcher.attach import servers_for_command

    with servers_for_command(sys.argv[1:]):
        from django.core.management import execute_from_command_line
        from django.db import ProgrammingError

        try:
            execute_from_command_line(sys.argv)
        except ProgrammingError:
            if not migrations_are_missing():
                raise
            sys.exit(
                "数据库还没有建好或不是当前版本：请先运行一次 ./deploy/run"
                "（自备数据库时运行 manage.py migrate 和 manage.py load_policy_data）。"
            )


def migrations_are_missing() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


if __name__ == "__main__":
    main()
