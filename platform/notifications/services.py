"""Telling people: the notice of the inbox first, then mail out of it.

``tell`` and ``write_digests`` publish one message per mail, which ``notifications.mail`` sends:
a mail server that is away delays mails and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now
from django.utils.text import Truncator

import audit.services
import outbox.services
from accounts.models import User
from common.actor import Actor, require_actor
from common.clock import BEIJING, beijing_day
from common.errors import Forbidden, InvalidInput
from common.models import database_now
from common.permissions import may
from notifications import queries
from notifications.enums import OF_ORGANIZATIONS, Category, Mode, Standing
from notifications.kinds import Kind, kinds_of
from notifications.models import Digest, Notification, Preference
from notifications.recipients import Recipient
from notifications.subjects import Subject, subject_of
from organizations.models import Organization
from organizations.queries import own_organizations
from outbox.models import Message

LONGEST_TITLE = 300
PRUNE_BATCH = 1000


def tell(message: Message) -> list[Notification]:
    """Write a notice for everybody whom the message concerns; those not told before are returned.

    Whoever may not see the record now is not told of it. Runs in the transaction of the caller.
    """
    payload = {**message.payload, "by": message.by_user_id}
    subject = subject_of(message.topic)
    record = subject.find(message.payload["id"])
    if record is None:
        return []
    told: dict[int, tuple[Kind, Recipient]] = {}
    for kind in kinds_of(message.topic):
        for recipient in kind.audience(record, payload):
            if recipient.user.pk not in told and _concerns(kind, recipient, message, subject):
                told[recipient.user.pk] = (kind, recipient)
    # Held, so that neither a notice nor a day's mail is counted twice.
    held = User.objects.select_for_update(of=("self",), no_key=True)
    people = list(held.filter(pk__in=told, is_active=True).order_by("pk"))
    known = set(
        Notification.objects.filter(user__in=people, message_id=message.pk).values_list(
            "user", flat=True
        )
    )
    people = [person for person in people if person.pk not in known]
    words = subject.words(record, payload)
    modes = _modes(people, told)
    notices = Notification.objects.bulk_create(
        Notification(
            user=person,
            standing=recipient.standing,
            organization_id=recipient.organization_id,
            category=kind.category,
            title=Truncator(str(kind.title).format(**words)).chars(LONGEST_TITLE),
            text=str(kind.text).format(**words),
            path=(kind.page or subject.path)(record),
            reason=recipient.reason,
            topic=message.topic,
            record_id=None if recipient.standing == Standing.SELF else record.pk,
            message_id=message.pk,
            mode=modes[person.pk],
        )
        for person in people
        for kind, recipient in [told[person.pk]]
    )
    for notice in notices:
        if notice.mode == Mode.AT_ONCE:
            _publish("notifications.notification.mail", notice)
    return notices


def _concerns(kind: Kind, recipient: Recipient, message: Message, subject: Subject) -> bool:
    if kind.category == Category.SECURITY:
        return True
    if recipient.user.pk == message.by_user_id:
        return False
    key = message.payload["id"]
    is_own = recipient.standing == Standing.SELF
    return is_own or bool(subject.seen(Actor.of(recipient.user), [key]))


def _modes(people: list[User], told: Mapping[int, tuple[Kind, Recipient]]) -> dict[int, Mode]:
    """How each is told by mail; what exceeds a day's mails waits for the digest."""
    wishes = queries.Wishes.of(people)
    sent = _sent_today(people)
    modes = {}
    for person in people:
        kind, recipient = told[person.pk]
        wished = wishes.mode(person.pk, kind.category, recipient.organization_id)
        mode = wished if kind.is_mailed else Mode.NONE
        full = sent.get(person.pk, 0) >= settings.NOTIFICATION_MAIL_CAP
        if mode is Mode.AT_ONCE and full and kind.category != Category.SECURITY:
            mode = Mode.DAILY
        modes[person.pk] = mode
    return modes


def _sent_today(people: list[User]) -> dict[int, int]:
    midnight = _beijing(beijing_day(database_now()), 0)
    rows = Notification.objects.filter(
        user__in=people, created_at__gte=midnight, mode=Mode.AT_ONCE
    ).exclude(category=Category.SECURITY)
    return dict(rows.order_by().values_list("user").annotate(Count("pk")))


def _publish(topic: str, record: Notification | Digest) -> None:
    label = record._meta.label_lower
    outbox.services.publish(topic=topic, key=f"{label}:{record.pk}", payload={"id": record.pk})


def mark_read(*, notice: Notification, actor: Actor) -> None:
    """Raises Forbidden for a notice of somebody else."""
    _allow("notifications.read", actor)
    if notice.user_id != actor.user_id:
        raise Forbidden("只能处理自己的通知。")
    Notification.objects.filter(pk=notice.pk, read_at=None).update(read_at=Now())


def mark_all_read(*, actor: Actor, until: datetime, category: Category | None = None) -> int:
    """Mark what the actor had before ``until``: what came since has not been seen."""
    _allow("notifications.read", actor)
    rows = queries.unread(actor).filter(created_at__lte=until)
    if category is not None:
        rows = rows.filter(category=category)
    return rows.update(read_at=Now())


def choose_modes(
    *,
    actor: Actor,
    modes: Mapping[Category, Mode | None],
    organization: Organization | None = None,
) -> None:
    """Set how the actor wants mail, for all or as a member of one organization.

    None: as for the person, or as the platform's default. Raises Forbidden (not a member),
    InvalidInput (security, or what no organization has).
    """
    _allow("notifications.choose", actor)
    if organization and not own_organizations(actor).filter(pk=organization.pk).exists():
        raise Forbidden("只能设置您所属组织的通知。")
    possible = OF_ORGANIZATIONS if organization else [*Category]
    if Category.SECURITY in modes or set(modes) - set(possible):
        raise InvalidInput("账号安全通知不能关闭，待办审核不分组织设置。")
    with transaction.atomic():
        # Held, so that two who choose at once leave one choice.
        held = User.objects.select_for_update(of=("self",), no_key=True)
        assert actor.user_id is not None  # noqa: S101 (the permission asks for a person)
        person = held.get(pk=actor.user_id)
        own = Preference.objects.filter(user=person, organization=organization, category__in=modes)
        own.delete()
        Preference.objects.bulk_create(
            Preference(user=person, organization=organization, category=category, mode=mode)
            for category, mode in modes.items()
            if mode is not None
        )
        audit.services.record(
            actor=actor,
            verb="notifications.preference.choose",
            obj=person,
            details={
                "organization": organization.pk if organization else None,
                "modes": dict(modes),
            },
        )


def write_digests() -> int:
    """Write today's digest for everybody for whom something waits; returns how many.

    Once a day and person, however often it is called: what comes after the hour waits for
    tomorrow, and a beat that was missed is made up for by the next.
    """
    now = database_now()
    today = beijing_day(now)
    hour = _beijing(today, settings.NOTIFICATION_DIGEST_HOUR)
    if now < hour:
        return 0
    waiting = queries.waiting_for_digest().filter(created_at__lt=hour)
    people = waiting.filter(user__is_active=True).order_by("user").values_list("user", flat=True)
    return sum(_write_digest(user_id, today, hour) for user_id in people.distinct())


def _write_digest(user_id: int, today: date, hour: datetime) -> bool:
    with transaction.atomic():
        # Waits for whoever writes the same one, and then finds it written.
        digest, written = Digest.objects.get_or_create(user_id=user_id, day=today)
        if not written:
            return False
        waiting = queries.waiting_for_digest().filter(user=user_id, created_at__lt=hour)
        if not waiting.update(digest=digest):
            transaction.set_rollback(True)
            return False
        _publish("notifications.digest.mail", digest)
    return True


def _beijing(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), BEIJING)


def prune() -> int:
    """Delete notices older than RETENTION_DAYS says, and digests without any; in batches."""
    age = database_now() - timedelta(days=settings.RETENTION_DAYS["notifications"])
    old = Notification.objects.filter(created_at__lt=age).order_by("pk")
    deleted = 0
    while batch := list(old.values_list("pk", flat=True)[:PRUNE_BATCH]):
        deleted += len(batch)
        Notification.objects.filter(pk__in=batch).delete()
    Digest.objects.filter(created_at__lt=age, notifications=None).delete()
    return deleted


def _allow(permission: str, actor: Actor) -> None:
    if not may(permission, require_actor(actor)):
        raise Forbidden("请先登录。")
