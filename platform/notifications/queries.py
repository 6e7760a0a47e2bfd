"""Reads notices, and how people want to be told."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from allauth.account.models import EmailAddress
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from accounts.jurisdiction import NOTHING
from accounts.models import User
from accounts.rules import is_administrator
from common.actor import Actor, ActorKind
from notifications.enums import DEFAULT_MODES, Category, Mode, Standing
from notifications.models import Notification, Preference
from notifications.subjects import SUBJECTS, subject_of
from organizations.queries import own_organizations

# Beyond it the header only says that there are more.
MOST_COUNTED = 99


def visible_to(actor: Actor) -> QuerySet[Notification]:
    """One's own, as far as one still is what one was told as (THREATS A30); programs have none."""
    if actor.kind is not ActorKind.PERSON:
        return Notification.objects.none()
    standing = Q(standing=Standing.SELF) | Q(organization__in=own_organizations(actor))
    if is_administrator(actor):
        standing |= Q(standing=Standing.ADMINISTRATOR) & _in_charge(actor)
    return Notification.objects.filter(standing, user=actor.user_id)


def _in_charge(actor: Actor) -> Q:
    """News of records that lie where the actor has, at this moment, the duty that it is for."""
    found = NOTHING
    for label, subject in SUBJECTS.items():
        if subject.overseen is not None:
            overseen = subject.overseen(actor).values("pk")
            found |= Q(topic__startswith=f"{label}.", record_id__in=overseen)
    return found


def inbox(actor: Actor) -> QuerySet[Notification]:
    """What is unread first, then the newest."""
    is_read = ExpressionWrapper(Q(read_at__isnull=False), output_field=BooleanField())
    rows = visible_to(actor).select_related("organization")
    return rows.order_by(is_read, "-created_at", "-pk")


def unread(actor: Actor) -> QuerySet[Notification]:
    return visible_to(actor).filter(read_at=None)


def unread_count(actor: Actor) -> int:
    """At most one more than MOST_COUNTED; every page of a signed-in person asks."""
    return unread(actor)[: MOST_COUNTED + 1].count()


def waiting_for_digest() -> QuerySet[Notification]:
    """What a person has read meanwhile needs no mail."""
    return Notification.objects.filter(mode=Mode.DAILY, digest=None, read_at=None)


def still_to_mail(person: User, notices: Collection[Notification]) -> list[Notification]:
    """Those that the person may still see and still wants, at this moment.

    ``notices`` are all of the one person. A few queries, however many there are.
    """
    actor = Actor.of(person)
    mine = set(
        visible_to(actor).filter(pk__in=[n.pk for n in notices]).values_list("pk", flat=True)
    )
    keys: dict[str, set[int]] = {}
    for notice in notices:
        if notice.record_id is not None:
            keys.setdefault(notice.topic.rpartition(".")[0], set()).add(notice.record_id)
    seen = {label: subject_of(f"{label}.").seen(actor, found) for label, found in keys.items()}
    wanted = Wishes.of([person])
    return [
        notice
        for notice in notices
        if notice.pk in mine
        and (notice.record_id is None or notice.record_id in seen[notice.topic.rpartition(".")[0]])
        and wanted.mode(person.pk, Category(notice.category), notice.organization_id)
        is not Mode.NONE
    ]


def mail_address(person: User) -> str | None:
    """Where mail may go: to people who can sign in, at an address that they have proved.

    Accounts that the operator opened have no address to prove. Nobody reads the mail of the
    demonstration's people.
    """
    if not person.is_active or person.is_demonstration:
        return None
    known = EmailAddress.objects.filter(user=person)
    proved = {each.email.lower(): each.verified for each in known}
    return person.email if not proved or proved.get(person.email.lower()) else None


class Wishes:
    """How some people want mail, read at once."""

    def __init__(self, stated: dict[tuple[int, int | None, str], Mode]) -> None:
        self._stated = stated

    @classmethod
    def of(cls, people: Iterable[User]) -> Wishes:
        rows = Preference.objects.filter(user__in=[person.pk for person in people])
        return cls(
            {
                (user, organization, category): Mode(mode)
                for user, organization, category, mode in rows.values_list(
                    "user", "organization", "category", "mode"
                )
            }
        )

    def mode(self, user_id: int, category: Category, organization_id: int | None = None) -> Mode:
        """What is stated for the organization, else for the person, else the default."""
        return (
            self.stated(user_id, category, organization_id)
            or self.stated(user_id, category)
            or DEFAULT_MODES[category]
        )

    def stated(
        self, user_id: int, category: Category, organization_id: int | None = None
    ) -> Mode | None:
        return self._stated.get((user_id, organization_id, category))
