"""``manage.py load_demonstration``: fills an empty database with invented records."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.actor import Actor
from common.errors import DomainError, InvalidFiles
from common.progress import bar, unwatched
from demonstration.services import load_demonstration
from demonstration.world import read_world


class Command(BaseCommand):
    help = "Load the invented records of seeds/demo/ into a database without organizations."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--directory", type=Path, default=settings.SEEDS_DIR / "demo")
        parser.add_argument(
            "--check", action="store_true", help="only validate the files; needs no database"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                self.stdout.write(str(read_world(options["directory"])))
                return
            if not settings.DEMONSTRATION:
                raise CommandError("这套设置不允许载入演示数据（DEMONSTRATION）。")
            sign_ins = load_demonstration(
                directory=options["directory"],
                actor=Actor.system("manage.py load_demonstration"),
                watch=bar if options["verbosity"] else unwatched,
            )
        except InvalidFiles as error:
            lines = [error.message, *(str(problem) for problem in error.problems)]
            raise CommandError("\n".join(lines)) from None
        except DomainError as error:
            raise CommandError(error.message) from None
        if sign_ins is None:
            self.stdout.write("demonstration data left out: this database has organizations")
            return
        self.stdout.write("demonstration data (演示数据); sign in as")
        for each in sign_ins:
            self.stdout.write(f"  {each.email}  {each.password}  {each.presents}")
