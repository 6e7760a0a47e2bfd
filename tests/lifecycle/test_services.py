"""advance() and available(): every state × role × transition, races, and what gets written."""

import pytest

from audit.models import AuditEvent
from common.actor import Actor, ActorKind, Grant
from common.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from lifecycle import transitions
from lifecycle.services import advance, available
from lifecycle.transitions import Lifecycle, Transition, register
from outbox.models import Message
from tests.races import at_once
from tests.support.models import Ticket, TicketState

CLERK = Actor(ActorKind.PERSON, user_id=1, label="clerk", grants=frozenset({Grant("clerk")}))
STRANGER = Actor(ActorKind.PERSON, user_id=2, label="stranger")
VISITOR = Actor(ActorKind.VISITOR)
ALLOWED = {
    (TicketState.OPEN, "close"): TicketState.CLOSED,
    (TicketState.CLOSED, "archive"): TicketState.ARCHIVED,
}


@pytest.mark.django_db
@pytest.mark.parametrize("state", TicketState)
@pytest.mark.parametrize("name", ["close", "archive"])
@pytest.mark.parametrize("actor", [CLERK, STRANGER, VISITOR], ids=lambda a: a.label or "visitor")
def test_advance_follows_the_table(state: TicketState, name: str, actor: Actor) -> None:
    ticket = Ticket.objects.create(title="a", state=state)
    target = ALLOWED.get((state, name))

    if actor is CLERK and target:
        assert advance(ticket, name, actor).state == target
    else:
        with pytest.raises(Conflict if actor is CLERK else Forbidden):
            advance(ticket, name, actor)
        ticket.refresh_from_db()
        assert ticket.state == state
        assert not AuditEvent.objects.filter(object_id=str(ticket.pk)).exists()


@pytest.mark.django_db
def test_advance_writes_state_event_and_message_together() -> None:
    ticket = Ticket.objects.create(title="a")

    advance(ticket, "close", CLERK, reason="已解决")

    event = AuditEvent.objects.get(object_id=str(ticket.pk), object_type="support.ticket")
    assert (event.verb, event.actor_label) == ("support.ticket.close", "clerk")
    assert event.details == {"from": "open", "to": "closed", "details": {"reason": "已解决"}}
    message = Message.objects.get(topic="support.ticket.close")
    assert (message.key, message.payload) == (
        f"support.ticket:{ticket.pk}",
        {"id": ticket.pk, "details": {"reason": "已解决"}},
    )
    assert message.deliveries.get().consumer == "support.ledger"


@pytest.mark.django_db
def test_guard_refuses_with_its_reason_and_writes_nothing() -> None:
    ticket = Ticket.objects.create(title="")

    with pytest.raises(InvalidInput, match="填写标题"):
        advance(ticket, "close", CLERK)
    assert not Message.objects.filter(topic="support.ticket.close").exists()


@pytest.mark.django_db
def test_available_lists_the_steps_of_state_and_actor() -> None:
    ticket = Ticket(title="a", state=TicketState.CLOSED)

    assert [each.name for each in available(ticket, CLERK)] == ["archive"]
    assert available(ticket, STRANGER) == []


@pytest.mark.django_db
def test_advance_refuses_a_missing_actor() -> None:
    with pytest.raises(Forbidden):
        advance(Ticket.objects.create(title="a"), "close", None)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_advance_leaves_unsaved_edits_of_the_caller_alone() -> None:
    ticket = Ticket.objects.create(title="a")
    ticket.title = "unsaved"

    assert advance(ticket, "close", CLERK).state == TicketState.CLOSED
    assert ticket.title == "unsaved"
    assert Ticket.objects.get(pk=ticket.pk).title == "a"


@pytest.mark.django_db
def test_advance_of_a_row_deleted_meanwhile_is_told() -> None:
    ticket = Ticket.objects.create(title="a")
    Ticket.objects.all().delete()

    with pytest.raises(NotFound):
        advance(ticket, "close", CLERK)


def test_of_two_people_who_decide_at_once_one_wins_and_the_other_is_told(committed_db: str) -> None:
    ticket = Ticket.objects.create(title="a")

    def decide() -> str:
        mine = Ticket.objects.get(pk=ticket.pk)
        try:
            advance(mine, "close", CLERK)
        except DomainError as error:
            return type(error).__name__
        return "won"

    outcomes = at_once(decide, decide)

    assert sorted(outcomes) == ["Conflict", "won"]
    assert AuditEvent.objects.filter(verb="support.ticket.close").count() == 1


def test_register_refuses_states_that_the_model_does_not_have() -> None:
    table = Lifecycle((Transition("melt", frozenset({"open"}), "liquid", "x", "融化"),))

    with pytest.raises(ValueError, match="liquid"):
        register(Ticket, table)


def test_register_refuses_a_name_given_twice() -> None:
    step = Transition("close", frozenset({"open"}), "closed", "support.close_ticket", "办结")

    with pytest.raises(ValueError, match="twice"):
        register(Ticket, Lifecycle((step, step)))


def test_check_finds_a_permission_that_no_rule_sets(monkeypatch) -> None:
    assert transitions.check_permissions() == []

    step = Transition("close", frozenset({"open"}), "closed", "support.misspelt", "办结")
    monkeypatch.setitem(transitions._lifecycles, Ticket, Lifecycle((step,)))
    [error] = transitions.check_permissions()
    assert "support.misspelt" in error.msg
