"""``manage.py rank``: a full run, or word that nothing has changed."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.progress import bar, unwatched
from matching.models import MatchRun
from matching.services import RankingElsewhere, rank_all

# 平台默认: a worker that ranks the same news is done long before.
WAIT_SECONDS = 600.0
RETRY_SECONDS = 0.5


class Command(BaseCommand):
    help = "Rank every open scenario against every published capability."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="rank even if nothing has changed")
        parser.add_argument(
            "--wait",
            type=float,
            default=WAIT_SECONDS,
            metavar="SECONDS",
            help="how long to wait for another ranking that is under way (default: %(default).0f)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        run = self._rank(
            force=options["force"], wait=options["wait"], shown=options["verbosity"] > 0
        )
        if run is None:
            self.stdout.write("ranking unchanged")
            return
        self.stdout.write(
            f"ranked generation {run.generation}: {run.scenario_count} scenarios × "
            f"{run.capability_count} capabilities in {time.monotonic() - began:.1f} s"
        )

    def _rank(self, *, force: bool, wait: float, shown: bool) -> MatchRun | None:
        """What another run has ranked meanwhile is not ranked again, what it missed is."""
        deadline = time.monotonic() + wait
        waiting = False
        while True:
            try:
                return rank_all(force=force, watch=bar if shown else unwatched)
            except RankingElsewhere as error:
                if time.monotonic() > deadline:
                    raise CommandError(error.message) from None
            if shown and not waiting:
                self.stderr.write("another ranking is under way; waiting for its end")
            waiting = True
            time.sleep(RETRY_SECONDS)
