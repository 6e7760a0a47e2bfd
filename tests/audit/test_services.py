"""The audit log: written with the change, never changed."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

import audit.services
from audit.models import AuditEvent
from common.actor import Actor
from common.errors import Forbidden
from tests.support.models import Ticket


@pytest.mark.django_db
def test_record_keeps_actor_verb_object_and_details() -> None:
    ticket = Ticket.objects.create(title="a")

    event = audit.services.record(
        actor=Actor.system("nightly"), verb="ticket.note", obj=ticket, details={"n": 1}
    )

    event.refresh_from_db()
    assert (event.actor_kind, event.actor_label, event.verb) == ("system", "nightly", "ticket.note")
    assert (event.object_type, event.object_id) == ("support.ticket", str(ticket.pk))
    assert event.details == {"n": 1}
    assert event.at is not None


@pytest.mark.django_db
def test_record_takes_dates_and_the_longest_address() -> None:
    ticket = Ticket.objects.create(title="a")
    actor = Actor.system(f"{'a' * 242}@example.org")

    event = audit.services.record(
        actor=actor, verb="v", obj=ticket, details={"due": dt.date(2026, 11, 21)}
    )

    event.refresh_from_db()
    assert event.details == {"due": "2026-11-21"}
    assert len(event.actor_label) == 254


@pytest.mark.django_db
def test_record_refuses_a_missing_actor() -> None:
    ticket = Ticket.objects.create(title="a")

    with pytest.raises(Forbidden):
        audit.services.record(actor=None, verb="ticket.note", obj=ticket)  # type: ignore[arg-type]


def test_record_outside_a_transaction_is_refused(committed_db: str) -> None:
    ticket = Ticket.objects.create(title="a")

    with pytest.raises(RuntimeError, match="transaction"):
        audit.services.record(actor=Actor.system("x"), verb="v", obj=ticket)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET verb = 'other'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
    ],
)
def test_database_refuses_to_change_events(statement: str) -> None:
    ticket = Ticket.objects.create(title="a")
    audit.services.record(actor=Actor.system("x"), verb="v", obj=ticket)

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEvent.objects.filter(verb="v").count() == 1
