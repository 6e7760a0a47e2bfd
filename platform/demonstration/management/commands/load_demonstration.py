"""``manage.py load_demonstration``: fills an empty database with invented records."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.actor import Actor
from common.errors import DomainError, InvalidFiles
from common.progress import bar, unwatched
from demonstration.services import load_demonstration, reset_passwords, sign_ins
from demonstration.world import read_world
from taxonomy.seedset import read_files, read_seeds

CHANGED = "(changed; load_demonstration --reset-passwords puts it back)"


class Command(BaseCommand):
    help = "Load the invented records of seeds/demo/ into a database without organizations."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--directory", type=Path, default=settings.SEEDS_DIR / "demo")
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument(
            "--check", action="store_true", help="only validate the files; needs no database"
        )
        mode.add_argument(
            "--reset-passwords",
            action="store_true",
            help="give the invented people the passwords of this installation again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                seeds = read_seeds(read_files(settings.SEEDS_DIR))
                self.stdout.write(str(read_world(options["directory"], seeds)))
                return
            self._load(Actor.system("manage.py load_demonstration"), options)
        except InvalidFiles as error:
            lines = [error.message, *(str(problem) for problem in error.problems)]
            raise CommandError("\n".join(lines)) from None
        except DomainError as error:
            raise CommandError(error.message) from None

    def _load(self, actor: Actor, options: dict[str, Any]) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("这套设置不允许载入演示数据（DEMONSTRATION）。")
        if options["reset_passwords"]:
            reset_passwords(actor=actor)
        else:
            watch = bar if options["verbosity"] else unwatched
            load_demonstration(directory=options["directory"], actor=actor, watch=watch)
        found = sign_ins()
        if not found:
            self.stdout.write(
                "no demonstration here: the database has organizations of its own, "
                "or the accounts of the demonstration are closed"
            )
            return
        self.stdout.write("demonstration data (演示数据); sign in as")
        for each in found:
            self.stdout.write(f"  {each.email}  {each.password or CHANGED}  {each.presents}")
