"""``manage.py relay``: hands due outbox deliveries to Celery until it is told to stop."""

import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from outbox import relay


class Command(BaseCommand):
    help = "Send due outbox deliveries to Celery; runs until SIGTERM or Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def finish(signum: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, finish)
        signal.signal(signal.SIGINT, finish)
        relay.run(stop)
