"""Sessions of devices, without a browser."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import User

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


def begin(person: User, **values: object) -> UserSession:
    store = SessionStore()
    store["of"] = person.pk
    store.save()
    given = {"ip": "192.0.2.1", "user_agent": WINDOWS, **values}
    return UserSession.objects.create(user=person, session_key=store.session_key, **given)
