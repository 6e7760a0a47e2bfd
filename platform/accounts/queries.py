"""Reads people."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import Consent, User
from common.actor import Actor, ActorKind

LONGEST_NUMBER = 18  # fits in a bigint


def person_by_email(email: str) -> User | None:
    """Whoever has the address, in any capitals."""
    return User.objects.filter(email__iexact=email.strip()).first()


def people_called(words: str) -> QuerySet[User]:
    """By part of the name, the whole e-mail address, or the number of the account (``账号 17``):
    for those who look things up for an authority.
    """
    said = words.strip()
    found = Q(name__icontains=said) | Q(email__iexact=said)
    number = said.removeprefix("账号").strip()
    if number.isdecimal() and len(number) <= LONGEST_NUMBER:
        found |= Q(pk=int(number))
    return User.objects.filter(found)


def visible_to(actor: Actor) -> QuerySet[User]:
    """Oneself. Others are met as members, experts, appointed people: by the queries of those."""
    if actor.kind is not ActorKind.PERSON or actor.user_id is None:
        return User.objects.none()
    return User.objects.filter(pk=actor.user_id)


def consents_visible_to(actor: Actor) -> QuerySet[Consent]:
    """All that one ever gave, the newest first."""
    rows = Consent.objects.filter(user__in=visible_to(actor))
    return rows.order_by("-given_at", "-pk")


def pending_address(person: User) -> str:
    """The address to which the person wants to change, not verified yet."""
    found = EmailAddress.objects.filter(user=person, verified=False).first()
    return found.email if found else ""


def invented_people() -> QuerySet[User]:
    """Those of the demonstration whose accounts are open, the first made first."""
    return User.objects.filter(is_demonstration=True, is_active=True).order_by("pk")


def may_sign_in(person: User) -> bool:
    """Passwords of the demonstration are printed: they open nothing where it is not allowed."""
    return settings.DEMONSTRATION or not person.is_demonstration


def has_proved_address(user_id: int) -> bool:
    """Whether a mailbox is known to be the person's own."""
    proved: bool = EmailAddress.objects.filter(user=user_id, verified=True).exists()
    return proved
