"""Consumers whose effects tests can count."""

from outbox.models import Message
from tests.support.models import LedgerEntry


def write_ledger(message: Message) -> None:
    LedgerEntry.objects.create(message=message, text=message.topic)


def recount(message: Message) -> None:
    LedgerEntry.objects.create(message=message, text=f"recount {message.key}")


def fail(message: Message) -> None:
    LedgerEntry.objects.create(message=message, text="before the failure")
    raise RuntimeError("this handler always fails")
