"""Consumers whose effects tests can count."""

import time

from outbox.consumers import Busy
from outbox.models import Message
from tests.support.models import LedgerEntry


def write_ledger(message: Message) -> None:
    LedgerEntry.objects.create(message=message, text=message.topic)


def recount(message: Message) -> None:
    LedgerEntry.objects.create(message=message, text=f"recount {message.key}")


def write_slowly(message: Message) -> None:
    """Writes first and then lingers, so that a kill falls between effect and commit."""
    LedgerEntry.objects.create(message=message, text="slow")
    time.sleep(2)


def fail(message: Message) -> None:
    LedgerEntry.objects.create(message=message, text="before the failure")
    raise RuntimeError("this handler always fails")


def busy(message: Message) -> None:
    LedgerEntry.objects.create(message=message, text="before somebody else was found")
    raise Busy
