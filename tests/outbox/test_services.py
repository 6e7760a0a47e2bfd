"""Publishing and delivering inside one database, without workers."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from outbox import services
from outbox.models import Delivery, DeliveryState, Message
from tests.support.models import LedgerEntry

pytestmark = pytest.mark.django_db


def deliver(pk: int) -> bool:
    """What a task does that was sent now."""
    return services.deliver(pk, Delivery.objects.get(pk=pk).attempts)


def claimed() -> list[int]:
    return [each.delivery_id for each in services.claim()]


def publish(topic: str, key: str = "support.ticket:1") -> Message:
    with transaction.atomic():
        return services.publish(topic=topic, key=key)


def test_publish_writes_one_delivery_per_listening_consumer() -> None:
    message = publish("support.ticket.close")

    assert list(message.deliveries.values_list("consumer", "state")) == [
        ("support.ledger", DeliveryState.PENDING)
    ]


def test_message_nobody_listens_to_has_no_delivery() -> None:
    assert not publish("support.ticket.unheard").deliveries.exists()


def test_deliver_has_its_effect_once_however_often_it_runs() -> None:
    delivery = publish("support.ticket.close").deliveries.get()

    assert [deliver(delivery.pk) for _ in range(3)] == [True, False, False]
    assert LedgerEntry.objects.count() == 1


def test_claim_returns_due_rows_once_and_counts_no_attempt() -> None:
    delivery = publish("support.ticket.close").deliveries.get()

    assert claimed() == [delivery.pk]
    assert claimed() == []
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.state) == (0, DeliveryState.PENDING)


def test_claim_names_the_queue_of_the_consumer() -> None:
    ordinary = publish("support.ticket.close").deliveries.get()
    elsewhere = publish("support.ticket.elsewhere").deliveries.get()
    unknown = Delivery.objects.create(message=ordinary.message, consumer="of.later.code", key="k")

    queues = {each.delivery_id: each.queue for each in services.claim()}

    assert queues == {ordinary.pk: "celery", elsewhere.pk: "support", unknown.pk: "celery"}


def test_delivery_nobody_runs_stays_pending_however_often_it_is_sent(settings) -> None:
    settings.OUTBOX_RESEND_SECONDS = 0
    delivery = publish("support.ticket.close").deliveries.get()

    assert [claimed() for _ in range(20)] == [[delivery.pk]] * 20
    assert deliver(delivery.pk) is True


def test_release_makes_a_claimed_row_due_again() -> None:
    delivery = publish("support.ticket.close").deliveries.get()
    services.release(services.claim())

    assert claimed() == [delivery.pk]


def test_handler_that_finds_somebody_else_at_it_is_asked_again_and_loses_no_run() -> None:
    delivery = publish("support.ticket.busy").deliveries.get()

    assert [deliver(delivery.pk) for _ in range(5)] == [False] * 5

    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.state) == (0, DeliveryState.PENDING)
    assert delivery.due_at > timezone.now() - dt.timedelta(seconds=1)
    assert not LedgerEntry.objects.exists()


def test_failing_handler_leaves_no_effect_and_keeps_the_reason() -> None:
    delivery = publish("support.ticket.poison").deliveries.get()

    with pytest.raises(RuntimeError, match="always fails"):
        deliver(delivery.pk)

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.PENDING
    assert "this handler always fails" in delivery.last_error
    assert not LedgerEntry.objects.exists()


def test_poison_is_set_aside_after_its_attempts_and_can_be_revived(settings, capsys) -> None:
    settings.OUTBOX_MAX_ATTEMPTS = 3
    delivery = publish("support.ticket.poison").deliveries.get()

    for _ in range(3):
        with pytest.raises(RuntimeError):
            deliver(delivery.pk)

    assert deliver(delivery.pk) is False
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DEAD, 3)
    call_command("outbox")
    shown = capsys.readouterr().out
    assert "support.poison dead: 1" in shown
    assert "this handler always fails" in shown

    call_command("outbox", revive=True, consumer="support.poison")
    assert "revived 1" in capsys.readouterr().out
    assert claimed() == [delivery.pk]


def test_failing_delivery_waits_longer_each_time(settings) -> None:
    settings.OUTBOX_MAX_ATTEMPTS = 5
    settings.OUTBOX_RETRY_SECONDS = (100, 1000)
    delivery = publish("support.ticket.poison").deliveries.get()
    waits = []

    for _ in range(3):
        with pytest.raises(RuntimeError):
            deliver(delivery.pk)
        delivery.refresh_from_db()
        waits.append(round((delivery.due_at - timezone.now()).total_seconds(), -2))

    assert waits == [100, 1000, 1000]


def test_copies_that_piled_up_run_a_failing_delivery_once(settings) -> None:
    settings.OUTBOX_MAX_ATTEMPTS = 8
    delivery = publish("support.ticket.poison").deliveries.get()

    with pytest.raises(RuntimeError):
        services.deliver(delivery.pk, 0)
    assert [services.deliver(delivery.pk, 0) for _ in range(20)] == [False] * 20
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.state) == (1, DeliveryState.PENDING)


def test_delivery_that_killed_its_worker_every_time_is_set_aside(settings) -> None:
    delivery = publish("support.ticket.close").deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(attempts=settings.OUTBOX_MAX_ATTEMPTS)

    assert claimed() == []
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DEAD
    assert "the worker ended" in delivery.last_error


def test_state_of_an_empty_outbox_is_said(capsys) -> None:
    call_command("outbox")
    assert capsys.readouterr().out == "everything is delivered\n"


def test_payload_takes_dates() -> None:
    with transaction.atomic():
        message = services.publish(topic="x", key="y", payload={"on": dt.date(2026, 11, 21)})

    message.refresh_from_db()
    assert message.payload == {"on": "2026-11-21"}


def test_coalescing_consumer_serves_all_pending_rows_of_the_key_in_one_run() -> None:
    same = [publish("support.ticket.touch").deliveries.get() for _ in range(3)]
    other = publish("support.ticket.touch", key="support.ticket:2").deliveries.get()

    assert deliver(same[1].pk) is True

    assert LedgerEntry.objects.count() == 1
    done = set(Delivery.objects.filter(state=DeliveryState.DONE).values_list("pk", flat=True))
    assert done == {each.pk for each in same}
    other.refresh_from_db()
    assert other.state == DeliveryState.PENDING


def test_prune_removes_only_old_messages_that_everybody_has() -> None:
    done, waiting, fresh = (publish("support.ticket.close") for _ in range(3))
    for message in (done, fresh):
        deliver(message.deliveries.get().pk)
    LedgerEntry.objects.all().delete()
    long_ago = "2020-01-01T00:00Z"
    ours = [done.pk, waiting.pk, fresh.pk]
    Message.objects.filter(pk__in=ours).update(created_at=long_ago)
    Delivery.objects.filter(message=done).update(done_at=long_ago)

    assert services.prune() == 1
    assert set(Message.objects.values_list("pk", flat=True)) >= {waiting.pk, fresh.pk}
    assert not Message.objects.filter(pk=done.pk).exists()


def test_settled_deliveries_are_done_without_a_run() -> None:
    first = publish("support.ticket.close").deliveries.get()
    waiting = services.pending(consumers="support.")
    second = publish("support.ticket.close", key="support.ticket:2").deliveries.get()

    services.settle(waiting)

    assert waiting == [first.pk]
    assert Delivery.objects.get(pk=first.pk).state == DeliveryState.DONE
    assert Delivery.objects.get(pk=first.pk).done_at is not None
    assert Delivery.objects.get(pk=second.pk).state == DeliveryState.PENDING
    assert not deliver(first.pk)
    assert LedgerEntry.objects.count() == 0


def test_pending_names_only_the_consumers_asked_for() -> None:
    publish("support.ticket.close")

    assert services.pending(consumers="matching.") == []


def test_dead_delivery_is_not_settled() -> None:
    delivery = publish("support.ticket.close").deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.DEAD)

    services.settle([delivery.pk])

    assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.DEAD
