"""Publishing and delivering inside one database, without workers."""

import pytest
from django.db import transaction

from outbox import services
from outbox.models import Delivery, DeliveryState, Message
from tests.support.models import LedgerEntry

pytestmark = pytest.mark.django_db


def publish(topic: str, key: str = "support.ticket:1") -> Message:
    with transaction.atomic():
        return services.publish(topic=topic, key=key)


def test_publish_writes_one_delivery_per_listening_consumer() -> None:
    message = publish("ticket.close")

    assert list(message.deliveries.values_list("consumer", "state")) == [
        ("support.ledger", DeliveryState.PENDING)
    ]


def test_message_nobody_listens_to_has_no_delivery() -> None:
    assert not publish("ticket.unheard").deliveries.exists()


def test_deliver_has_its_effect_once_however_often_it_runs() -> None:
    delivery = publish("ticket.close").deliveries.get()

    assert [services.deliver(delivery.pk) for _ in range(3)] == [True, False, False]
    assert LedgerEntry.objects.count() == 1


def test_claim_returns_due_rows_once_and_counts_the_attempt() -> None:
    delivery = publish("ticket.close").deliveries.get()

    assert services.claim() == [delivery.pk]
    assert services.claim() == []
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.state) == (1, DeliveryState.PENDING)


def test_release_makes_a_claimed_row_due_again_without_counting() -> None:
    delivery = publish("ticket.close").deliveries.get()
    services.release(services.claim())

    delivery.refresh_from_db()
    assert delivery.attempts == 0
    assert services.claim() == [delivery.pk]


def test_failing_handler_leaves_no_effect_and_keeps_the_reason() -> None:
    delivery = publish("ticket.poison").deliveries.get()

    with pytest.raises(RuntimeError, match="always fails"):
        services.deliver(delivery.pk)

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.PENDING
    assert "this handler always fails" in delivery.last_error
    assert not LedgerEntry.objects.exists()


def test_poison_is_set_aside_after_its_attempts_and_can_be_revived(settings) -> None:
    settings.OUTBOX_MAX_ATTEMPTS = 3
    settings.OUTBOX_RETRY_SECONDS = (0,)
    delivery = publish("ticket.poison").deliveries.get()

    claimed = [services.claim() for _ in range(5)]

    assert claimed == [[delivery.pk]] * 3 + [[], []]
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DEAD
    assert services.revive(consumer="support.poison") == 1
    assert services.claim() == [delivery.pk]


def test_coalescing_consumer_serves_all_pending_rows_of_the_key_in_one_run() -> None:
    same = [publish("ticket.touch").deliveries.get() for _ in range(3)]
    other = publish("ticket.touch", key="support.ticket:2").deliveries.get()

    assert services.deliver(same[1].pk) is True

    assert LedgerEntry.objects.count() == 1
    done = set(Delivery.objects.filter(state=DeliveryState.DONE).values_list("pk", flat=True))
    assert done == {each.pk for each in same}
    other.refresh_from_db()
    assert other.state == DeliveryState.PENDING


def test_prune_removes_only_old_messages_that_everybody_has() -> None:
    done, waiting, fresh = (publish("ticket.close") for _ in range(3))
    for message in (done, fresh):
        services.deliver(message.deliveries.get().pk)
    LedgerEntry.objects.all().delete()
    Message.objects.filter(pk__in=[done.pk, waiting.pk]).update(created_at="2020-01-01T00:00Z")

    assert services.prune() == 1
    assert set(Message.objects.values_list("pk", flat=True)) >= {waiting.pk, fresh.pk}
    assert not Message.objects.filter(pk=done.pk).exists()
