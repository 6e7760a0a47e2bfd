"""The audit log: written with the change, never changed."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

import audit.services
from audit.models import AuditEvent
from audit.queries import events_of
from common.actor import Actor
from common.errors import Forbidden
from scenarios.queries import stated_facts
from scenarios.services import change_scenario, submit_scenario
from tests.records import make_member, make_scenario, user_of
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
def test_database_refuses_the_site_to_change_events(statement: str) -> None:
    ticket = Ticket.objects.create(title="a")
    audit.services.record(actor=Actor.system("x"), verb="v", obj=ticket)

    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEvent.objects.filter(verb="v").count() == 1


@pytest.mark.django_db
def test_digests_of_one_verb_after_another_join_up() -> None:
    scenario = make_scenario(published=False)
    editor = make_member(scenario.organization)
    facts = stated_facts(scenario).model_copy(update={"problem": "夜间无人值守"})
    change_scenario(scenario=scenario, facts=facts, actor=editor)
    submit_scenario(scenario=scenario, actor=editor)

    events = [*events_of(scenario)]

    assert [event.verb.rpartition(".")[2] for event in events] == ["create", "change", "submit"]
    assert events[0].before == ""
    assert all(len(event.after) == 64 for event in events)
    assert [event.before for event in events[1:]] == [event.after for event in events[:-1]]
    assert len({event.after for event in events}) == 3
    assert {event.organization_id for event in events} == {scenario.organization_id}


@pytest.mark.django_db
def test_event_tells_address_and_number_of_the_request(client: Client, settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    scenario = make_scenario(published=False)
    editor = make_member(scenario.organization)
    client.force_login(user_of(editor))

    client.post(
        f"/scenarios/{scenario.public_id}/submit/",
        REMOTE_ADDR="10.0.0.1",
        headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.7"},
    )

    event = AuditEvent.objects.filter(verb="scenarios.scenario.submit").get()
    assert (event.address, len(event.request_id)) == ("192.0.2.7", 36)
    assert (event.actor_user_id, event.token_id) == (editor.user_id, None)
