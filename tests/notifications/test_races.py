"""Two at once: real threads on a database of their own."""

from __future__ import annotations

from django.core import mail
from django.db import transaction

from notifications.enums import Category, Mode
from notifications.models import Digest, Notification
from notifications.receivers import notify
from notifications.services import choose_modes, write_digests
from outbox.models import Delivery, Message
from scenarios.services import close_scenario
from tests.inboxes import deliver_news, forget_news, make_yesterday
from tests.races import at_once
from tests.records import SYSTEM, make_member, make_organization, make_scenario, user_of


def test_two_beats_write_one_digest(committed_db: str) -> None:
    host = make_organization()
    people = [make_member(host) for _ in range(5)]
    for person in people:
        choose_modes(actor=person, modes={Category.REVIEW: Mode.DAILY})
    scenario = make_scenario(host)
    forget_news()
    close_scenario(scenario=scenario, actor=SYSTEM)
    deliver_news()
    make_yesterday()

    written = at_once(write_digests, write_digests)
    mail.outbox.clear()
    deliver_news()

    waiting = {user_of(person).email for person in people}
    assert (
        sum(written)
        == Digest.objects.count()
        == Delivery.objects.filter(consumer="notifications.mail_digest").count()
    )
    mailed = [each.to[0] for each in mail.outbox]
    assert len(mailed) == len(set(mailed))
    assert waiting <= set(mailed)


def test_message_that_arrives_twice_at_once_is_told_once(committed_db: str) -> None:
    host = make_organization()
    people = [make_member(host) for _ in range(3)]
    scenario = make_scenario(host)
    close_scenario(scenario=scenario, actor=SYSTEM)
    message = Message.objects.get(topic="scenarios.scenario.close")

    def tell() -> None:
        with transaction.atomic():
            notify(message)

    at_once(tell, tell, tell)

    told = Notification.objects.filter(message_id=message.pk)
    for person in people:
        assert told.filter(user=person.user_id).count() == 1


def test_cap_of_a_day_holds_for_news_that_come_at_once(committed_db: str, settings) -> None:
    settings.NOTIFICATION_MAIL_CAP = 1
    host = make_organization()
    person = make_member(host)
    rows = [make_scenario(host) for _ in range(4)]
    forget_news()
    for scenario in rows:
        close_scenario(scenario=scenario, actor=SYSTEM)
    messages = Message.objects.filter(topic="scenarios.scenario.close")

    def tell(message: Message) -> None:
        with transaction.atomic():
            notify(message)

    at_once(*(lambda message=message: tell(message) for message in messages))

    modes = Notification.objects.filter(user=person.user_id).values_list("mode", flat=True)
    assert sorted(modes) == [Mode.AT_ONCE, *[Mode.DAILY] * 3]


def test_preferences_chosen_twice_at_once_stand_once(committed_db: str) -> None:
    person = make_member(make_organization())

    def choose() -> None:
        choose_modes(actor=person, modes={Category.REVIEW: Mode.NONE})

    at_once(choose, choose)

    assert user_of(person).notification_preferences.count() == 1
