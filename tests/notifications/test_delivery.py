"""From a verb to the inbox and the mail, through relay, worker and Redis."""

from __future__ import annotations

from pathlib import Path

from notifications.models import Notification
from outbox.models import Delivery, DeliveryState
from scenarios.services import close_scenario
from tests.processes import RELAY, process, start_worker, wait_until
from tests.records import SYSTEM, make_member, make_organization, make_scenario


def test_news_reach_inbox_and_mail_by_relay_and_worker(
    environment: dict[str, str], tmp_path: Path
) -> None:
    host = make_organization()
    editor = make_member(host)
    scenario = make_scenario(host)
    Delivery.objects.update(state=DeliveryState.DONE)
    close_scenario(scenario=scenario, actor=SYSTEM)
    own = Delivery.objects.filter(consumer__startswith="notifications.")

    with process(RELAY, environment, tmp_path / "relay.log"):
        worker = start_worker(environment, tmp_path)
        try:
            wait_until(
                lambda: own.filter(consumer="notifications.mail", state="done").exists(),
                what="the mail",
            )
        finally:
            worker.stop()

    assert Notification.objects.filter(user=editor.user_id).count() == 1
    assert not own.exclude(state=DeliveryState.DONE).exists()
