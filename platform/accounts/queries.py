"""Reads people."""

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User


def person_by_email(email: str) -> User | None:
    """Whoever has the address, in any capitals."""
    return User.objects.filter(email__iexact=email.strip()).first()


def invented_people() -> QuerySet[User]:
    """Those of the demonstration whose accounts are open, the first made first."""
    return User.objects.filter(is_demonstration=True, is_active=True).order_by("pk")


def may_sign_in(person: User) -> bool:
    """Passwords of the demonstration are printed: they open nothing where it is not allowed."""
    return settings.DEMONSTRATION or not person.is_demonstration
