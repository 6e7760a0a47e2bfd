"""Reads people."""

from accounts.models import User


def person_by_email(email: str) -> User | None:
    """Whoever has the address, in any capitals."""
    return User.objects.filter(email__iexact=email.strip()).first()
