"""Where a person is signed in, and ending it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from common.actor import Actor, require_actor
from common.errors import Forbidden, NotFound
from common.permissions import may
from lifecycle.news import announce

# In the session: when its use was last noted, in seconds; absent where nobody signed in.
NOTED = "use_noted_at"

# From the one that claims the others' names to the one that all claim.
_BROWSERS = (
    ("wxwork", "企业微信"),
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("EdgA?/|Edge/|EdgiOS", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser", "QQ 浏览器"),
    ("UCBrowser", "UC 浏览器"),
    ("HuaweiBrowser", "华为浏览器"),
    ("Firefox/|FxiOS", "Firefox"),
    ("Chrome/|CriOS|Chromium", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS|OpenHarmony", "鸿蒙"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh|Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class SignedIn:
    """One device; ``is_here`` is the one that asks."""

    number: int
    device: str
    address: str
    since: datetime
    last_seen: datetime
    is_here: bool


def device_name(user_agent: str) -> str:
    """What people call the device, out of what its browser says of itself; claims, not facts."""
    found = [
        next((name for pattern, name in table if re.search(pattern, user_agent)), "")
        for table in (_SYSTEMS, _BROWSERS)
    ]
    return " · ".join(name for name in found if name) or "未知设备"


def sessions_of(person: User, key: str | None) -> list[SignedIn]:
    """Open sessions, this one (``key``) first, then by when they were last used."""
    rows = UserSession.objects.filter(user=person, session_key__in=_open_keys())
    listed = [
        SignedIn(
            row.pk,
            device_name(row.user_agent),
            row.ip,
            row.created_at,
            row.last_seen_at,
            row.session_key == key,
        )
        for row in rows.order_by("-last_seen_at", "-pk")
    ]
    return sorted(listed, key=lambda each: not each.is_here)


def note_use(*, key: str, address: str) -> None:
    """The session is in use now, from this address."""
    UserSession.objects.filter(session_key=key).update(last_seen_at=timezone.now(), ip=address)


def end_session(*, person: User, number: int, actor: Actor) -> None:
    """Sign one device out. Raises Forbidden, NotFound (ended already, or somebody else's)."""
    _require_own(person, actor)
    with transaction.atomic():
        row = UserSession.objects.select_for_update().filter(user=person, pk=number).first()
        if row is None:
            raise NotFound("这台设备已经退出登录。")
        _end([row.session_key])
        announce(person, "end_session", actor, recorded={"device": device_name(row.user_agent)})


def end_sessions(*, person: User, actor: Actor, keep: str | None = None) -> int:
    """Sign every device out but the session ``keep``; returns how many. Raises Forbidden."""
    _require_own(person, actor)
    with transaction.atomic():
        rows = UserSession.objects.select_for_update().filter(user=person)
        keys = [key for key in rows.values_list("session_key", flat=True) if key != keep]
        ended = _end(keys)
        if ended:
            announce(person, "end_sessions", actor, recorded={"sessions": ended})
    return ended


def end_what_began_without(request: HttpRequest, person: User) -> None:
    """From now on a second factor is asked for: end every session that was let in without one.

    The one of ``request``, in which the person has just set it up, goes on under another key:
    so a copy of its cookie opens nothing either.
    """
    former = request.session.session_key
    request.session.cycle_key()
    key = request.session.session_key
    UserSession.objects.filter(session_key=former).update(session_key=key)
    end_sessions(person=person, actor=Actor.of(person), keep=key)


def _end(keys: list[str]) -> int:
    """How many of the sessions were still open."""
    ended, _ = Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return ended


def _open_keys() -> object:
    return Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")


def _require_own(person: User, actor: Actor) -> None:
    if not may("accounts.end_session", require_actor(actor), person):
        raise Forbidden("只能退出本人登录的设备。")
