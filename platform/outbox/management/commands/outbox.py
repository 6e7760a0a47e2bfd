"""``manage.py outbox``: what waits, what is dead, and bringing the dead back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from outbox import queries, services


class Command(BaseCommand):
    help = "Show undelivered messages by consumer; --revive gives dead ones new attempts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--revive", action="store_true", help="try dead deliveries again")
        parser.add_argument("--consumer", help="with --revive: only this consumer's")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["revive"]:
            self.stdout.write(f"revived {services.revive(consumer=options['consumer'])}")
            return
        rows = queries.unfinished_by_consumer()
        for row in rows:
            self.stdout.write(
                f"{row['consumer']} {row['state']}: {row['count']}, oldest {row['oldest']:%F %T %Z}"
            )
            if row["error"]:
                self.stdout.write(f"    {row['error'].strip().splitlines()[-1]}")
        if not rows:
            self.stdout.write("everything is delivered")
