"""News that people are told, and the mails that follow from it."""

from notifications import mail, services
from notifications.kinds import TOPICS
from notifications.models import Digest, Notification
from outbox import consumers
from outbox.models import Message


def notify(message: Message) -> None:
    services.tell(message)


def mail_notice(message: Message) -> None:
    notices = Notification.objects.select_related("user").filter(pk=message.payload["id"])
    for notice in notices:
        mail.send_notice(notice)


def mail_digest(message: Message) -> None:
    for digest in Digest.objects.select_related("user").filter(pk=message.payload["id"]):
        mail.send_digest(digest)


consumers.register("notifications.notify", topics=TOPICS, handler=notify)
consumers.register(
    "notifications.mail", topics={"notifications.notification.mail"}, handler=mail_notice
)
consumers.register(
    "notifications.mail_digest", topics={"notifications.digest.mail"}, handler=mail_digest
)
