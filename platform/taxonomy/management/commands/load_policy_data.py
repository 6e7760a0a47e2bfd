"""``manage.py load_policy_data``: takes over ``seeds/``, or only checks it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.actor import Actor
from common.errors import DomainError, InvalidFiles
from taxonomy.seedset import read_files, read_seeds
from taxonomy.services import load_policy_data

SHOWN = 40


class Command(BaseCommand):
    help = "Load the policy facts of seeds/ into the database (idempotent, all or nothing)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--directory", type=Path, default=settings.SEEDS_DIR)
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument(
            "--check", action="store_true", help="only validate the files; needs no database"
        )
        mode.add_argument(
            "--dry-run", action="store_true", help="show what would change, change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                seeds = read_seeds(read_files(options["directory"]))
                self.stdout.write(f"seeds are valid (digest {seeds.digest[:12]})")
                return
            result = load_policy_data(
                directory=options["directory"],
                actor=Actor.system("manage.py load_policy_data"),
                dry_run=options["dry_run"],
            )
        except InvalidFiles as error:
            lines = [error.message, *(str(problem) for problem in error.problems)]
            raise CommandError("\n".join(lines)) from None
        except DomainError as error:
            raise CommandError(error.message) from None
        if not result.changes:
            self.stdout.write(f"policy data unchanged (edition {result.edition.number})")
            return
        shown = result.changes if options["verbosity"] > 1 else result.changes[:SHOWN]
        if len(result.changes) > SHOWN and options["verbosity"] == 1 and result.edition.number == 1:
            shown = []  # the first load adds everything: a list of it says nothing
        for change in shown:
            self.stdout.write(f"  {change}")
        if shown and len(shown) < len(result.changes):
            self.stdout.write(f"  … and {len(result.changes) - len(shown)} more (--verbosity 2)")
        verb = "loaded" if result.applied else "would become"
        self.stdout.write(
            f"policy data {verb} edition {result.edition.number}: {len(result.changes)} changes"
        )
