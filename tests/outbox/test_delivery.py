"""Delivery through a real relay, a real worker and a real Redis, with everything that can break."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
import redis
from django.db import connection, transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError as BrokerLost

from outbox import relay, services
from outbox.models import Delivery, DeliveryState, Message
from outbox.services import Claim
from tests.processes import RELAY, process, start_worker, wait_until
from tests.races import at_once
from tests.support.models import LedgerEntry


def publish(topic: str, count: int = 1) -> None:
    with transaction.atomic():
        for number in range(count):
            services.publish(topic=topic, key=f"support.ticket:{number}")


def undelivered() -> int:
    return Delivery.objects.exclude(state=DeliveryState.DONE).count()


def test_message_reaches_its_consumer_within_seconds(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with process(RELAY, environment, tmp_path / "relay.log"):
        worker = start_worker(environment, tmp_path)
        try:
            publish("support.ticket.close", 20)
            wait_until(lambda: undelivered() == 0, seconds=15, what="20 deliveries")
        finally:
            worker.stop()

    assert LedgerEntry.objects.count() == 20


def test_delivery_arrives_by_a_worker_of_the_queue_that_its_consumer_names(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with process(RELAY, environment, tmp_path / "relay.log"):
        ordinary = start_worker(environment, tmp_path)
        try:
            publish("support.ticket.elsewhere", 3)
            publish("support.ticket.close")  # behind the three, were they in the same queue
            wait_until(LedgerEntry.objects.exists, what="the delivery in the ordinary queue")
            assert undelivered() == 3

            other = start_worker(environment, tmp_path, "support")
            try:
                wait_until(lambda: undelivered() == 0, what="the deliveries in the other queue")
            finally:
                other.kill()
        finally:
            ordinary.kill()

    assert LedgerEntry.objects.count() == 4


def test_worker_killed_between_effect_and_commit_loses_and_doubles_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with process(RELAY, environment, tmp_path / "relay.log"):
        worker = start_worker(environment, tmp_path)
        publish("support.ticket.slow")
        wait_until(lambda: worker.says("outbox.deliver["), what="the task to begin")
        worker.kill()
        assert LedgerEntry.objects.count() == 0

        worker = start_worker(environment, tmp_path)
        try:
            wait_until(lambda: undelivered() == 0, what="the delivery after the kill")
        finally:
            worker.stop()

    assert LedgerEntry.objects.count() == 1


def test_flushed_redis_loses_nothing(
    environment: dict[str, str], broker: redis.Redis, tmp_path: Path
) -> None:
    publish("support.ticket.close", 30)
    with process(RELAY, environment, tmp_path / "relay.log"):
        wait_until(lambda: broker.llen("celery") >= 30, what="30 queued tasks")
        broker.flushdb()
        worker = start_worker(environment, tmp_path)
        try:
            wait_until(lambda: undelivered() == 0, what="30 deliveries after the flush")
        finally:
            worker.stop()

    assert LedgerEntry.objects.count() == 30


def test_relay_killed_after_claiming_sends_again(
    environment: dict[str, str], tmp_path: Path
) -> None:
    publish("support.ticket.close", 5)
    assert len(services.claim()) == 5  # a relay that dies here has sent nothing

    worker = start_worker(environment, tmp_path)
    try:
        with process(RELAY, environment, tmp_path / "relay.log"):
            wait_until(lambda: undelivered() == 0, what="5 deliveries of the next relay")
    finally:
        worker.stop()

    assert LedgerEntry.objects.count() == 5


def test_every_task_run_three_times_has_one_effect(
    environment: dict[str, str], broker: redis.Redis, tmp_path: Path
) -> None:
    publish("support.ticket.close", 10)
    for claim in services.claim() * 3:
        services.deliver(claim.delivery_id, claim.attempt)

    assert LedgerEntry.objects.count() == 10


def test_two_relays_at_once_send_each_row_once(committed_db: str) -> None:
    publish("support.ticket.close", 300)
    sent: list[int] = []

    def run() -> int:
        return relay.send_due(lambda claim: sent.append(claim.delivery_id))

    assert sum(at_once(run, run)) == 300
    assert sorted(sent) == sorted(Delivery.objects.values_list("pk", flat=True))


def test_broker_that_is_away_leaves_the_rows_due(committed_db: str) -> None:
    publish("support.ticket.close", 3)

    def refuse(claim: Claim) -> None:
        raise BrokerLost("away")

    assert relay.send_due(refuse) == 0
    assert len(services.claim()) == 3


def test_relay_survives_the_loss_of_its_connection(committed_db: str) -> None:
    stop = threading.Event()
    pids: list[int] = []

    def run() -> None:
        connection.ensure_connection()
        pids.append(connection.connection.info.backend_pid)
        relay.run(stop)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_until(lambda: pids, what="the relay")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", pids)
        publish("support.ticket.unclaimed")
        Delivery.objects.bulk_create(
            [Delivery(message=Message.objects.latest("pk"), consumer="support.ledger", key="k")]
        )
        wait_until(
            lambda: Delivery.objects.filter(due_at__gt=Now()).exists(), what="the next claim"
        )
        assert thread.is_alive()
    finally:
        stop.set()
        thread.join()


def test_duplicate_of_a_running_delivery_is_left_alone_at_once(committed_db: str) -> None:
    publish("support.ticket.slow")
    delivery = Delivery.objects.get()
    results: dict[str, bool] = {}

    def run() -> None:
        results["first"] = services.deliver(delivery.pk, 0)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: Delivery.objects.filter(attempts=1).exists(), what="the first run")
    time.sleep(0.2)  # between counting the run and holding the row
    started = time.monotonic()
    results["second"] = services.deliver(delivery.pk, 1)
    waited = time.monotonic() - started
    thread.join()

    assert results == {"first": True, "second": False}
    assert waited < 1
    assert LedgerEntry.objects.count() == 1


def test_coalescing_runs_for_one_key_never_overlap(committed_db: str) -> None:
    """Else the slower run, which read the older state, would write last."""
    publish("support.ticket.touch")
    first = Delivery.objects.get()
    with transaction.atomic(), connection.cursor() as cursor:
        # What a run in another worker holds.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"outbox support.recount {first.key}"],
        )
        outcome: list[bool] = []

        def run() -> None:
            outcome.append(services.deliver(first.pk, 0))
            connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        assert outcome == [False]
        assert LedgerEntry.objects.count() == 0

    first.refresh_from_db()
    assert (first.attempts, first.state) == (0, DeliveryState.PENDING)
    assert services.deliver(first.pk, 0) is True


def test_poison_is_set_aside_and_others_pass(environment: dict[str, str], tmp_path: Path) -> None:
    with process(RELAY, environment, tmp_path / "relay.log"):
        worker = start_worker(environment, tmp_path)
        try:
            publish("support.ticket.poison")
            publish("support.ticket.close")
            wait_until(
                lambda: Delivery.objects.filter(state=DeliveryState.DEAD).exists(),
                what="the poison to be set aside",
            )
        finally:
            worker.stop()

    assert list(LedgerEntry.objects.values_list("text", flat=True)) == ["support.ticket.close"]


def test_publish_outside_a_transaction_is_refused(committed_db: str) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        services.publish(topic="support.ticket.close", key="support.ticket:1")
    assert not Message.objects.filter(topic="support.ticket.close").exists()


def test_message_of_a_change_that_is_rolled_back_never_existed(committed_db: str) -> None:
    with transaction.atomic():
        services.publish(topic="support.ticket.close", key="support.ticket:1")
        transaction.set_rollback(True)

    assert not Message.objects.filter(topic="support.ticket.close").exists()
    assert not Delivery.objects.exists()
