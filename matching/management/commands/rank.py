"""``manage.py rank``: a full run, or word that nothing has changed."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import Conflict
from common.progress import bar, unwatched
from matching.services import rank_all


class Command(BaseCommand):
    help = "Rank every open scenario against every published capability."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="rank even if nothing has changed")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            run = rank_all(force=options["force"], watch=bar if options["verbosity"] else unwatched)
        except Conflict as error:
            raise CommandError(error.message) from None
        if run is None:
            self.stdout.write("ranking unchanged")
            return
        self.stdout.write(
            f"ranked generation {run.generation}: {run.scenario_count} scenarios × "
            f"{run.capability_count} capabilities in {time.monotonic() - began:.1f} s"
        )
