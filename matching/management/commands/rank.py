"""``manage.py rank``: a full run, or word that nothing has changed."""

import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Max
from kombu.exceptions import OperationalError as BrokerLost

from common.progress import Watch, bar, unwatched
from matching import tasks
from matching.models import MatchRun
from matching.queries import Present, present, progress
from matching.services import RankingElsewhere, is_at_work, rank_all

# 平台默认: a worker that ranks the same news is done long before.
WAIT_SECONDS = 600.0
RETRY_SECONDS = 0.5
# 平台默认: matchers that have shown nothing for so long are not at work.
SILENCE_SECONDS = 60.0
NO_MATCHER = (
    "no progress for {seconds:.0f} s: no matcher seems to run. Start one with\n"
    "  celery --app config worker --queues matching -n matcher@%h\n"
    "What was asked for waits for it."
)


class Command(BaseCommand):
    help = "Rank every open scenario against every published capability."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="rank even if nothing has changed")
        parser.add_argument(
            "--workers",
            action="store_true",
            help="let the matchers rank, all at once, and show how far they are",
        )
        parser.add_argument(
            "--wait",
            type=float,
            default=WAIT_SECONDS,
            metavar="SECONDS",
            help="how long to wait for another ranking that is under way (default: %(default).0f)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        force, watch = options["force"], bar if options["verbosity"] > 0 else unwatched
        run = (
            _ranked_by_workers(force=force, watch=watch)
            if options["workers"]
            else self._rank(force=force, wait=options["wait"], watch=watch)
        )
        if run is None:
            self.stdout.write("ranking unchanged")
            return
        self.stdout.write(
            f"ranked generation {run.generation}: {run.scenario_count} scenarios × "
            f"{run.capability_count} capabilities in {time.monotonic() - began:.1f} s"
        )

    def _rank(self, *, force: bool, wait: float, watch: Watch) -> MatchRun | None:
        """What another run has ranked meanwhile is not ranked again, what it missed is."""
        deadline = time.monotonic() + wait
        waiting = False
        while True:
            try:
                return rank_all(force=force, watch=watch)
            except RankingElsewhere as error:
                if time.monotonic() > deadline:
                    raise CommandError(error.message) from None
            if watch is not unwatched and not waiting:
                self.stderr.write("another ranking is under way; waiting for its end")
            waiting = True
            time.sleep(RETRY_SECONDS)


def _ranked_by_workers(*, force: bool, watch: Watch) -> Present | None:
    """The generation that the matchers show after being asked, None when nothing has changed."""
    before = present()
    percents = _percents(force=force, before=before)
    done = 0
    for percent in watch(range(100), "匹配"):
        while done <= percent:
            done = next(percents, 100)
    for _ in percents:
        pass
    after = present()
    changed = after and (before is None or after.generation > before.generation)
    return after if changed else None


def _percents(*, force: bool, before: Present | None) -> Iterator[int]:
    """Ask the matchers, and tell now and then how far they are, until they are done."""
    last = _ask(force=force)
    heard, moved = None, time.monotonic()
    while True:
        shown, under_way = present(), progress()
        if shown and shown != before:
            if shown.generation > last:
                return
            if before and shown.generation == before.generation:
                if not force:
                    return  # found to be up to date
            else:
                # It was under way before, and may have read before what is to be ranked.
                last = _ask(force=force)
            before = shown
        if (shown, under_way) != heard:
            heard, moved = (shown, under_way), time.monotonic()
        if time.monotonic() - moved > SILENCE_SECONDS:
            # Reading and finishing show no progress, but hold a lock.
            if is_at_work():
                moved = time.monotonic()
                continue
            raise CommandError(NO_MATCHER.format(seconds=SILENCE_SECONDS))
        yield under_way.percent if under_way else 0
        time.sleep(RETRY_SECONDS)


def _ask(*, force: bool) -> int:
    """Returns the generation that was last begun before."""
    last = MatchRun.objects.aggregate(last=Max("generation"))["last"] or 0
    try:
        tasks.rank_all.delay(force=force)
    except BrokerLost as error:
        raise CommandError(f"the broker does not answer: {error}") from None
    return last
