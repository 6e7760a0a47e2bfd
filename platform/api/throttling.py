"""How much a program may ask: per token, per signed-in person, else per address.

Counted by the minute in the cache that all processes share. A cache that is away refuses nobody:
the limits keep load fair, they guard no secret, and work must go on without Redis (THREATS F5).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import structlog
from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from tokens.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module, by the settings

log = structlog.get_logger(__name__)

WINDOW = 60
# Whoever answers no call within its time limit is not asked again for a while.
LEFT_ALONE = 5
Source = Literal["token", "person", "address"]


class ApiThrottle(BaseThrottle):
    """``settings.API_RATES``: calls a minute by source, reading and writing apart."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        source, who = _source(request)
        kind = "read" if request.method in SAFE_METHODS else "write"
        most = settings.API_RATES[source][kind]
        return _counter.add(f"{source} {who} {kind}") <= most

    def wait(self) -> float:
        return _left_of_window()


def count_failure(request: Request) -> None:
    """A wrong token came; raises Throttled when too many have from its address this minute.

    Right ones from there are let in all the same: many organizations may share one address, and
    nobody finds 256 random bits by trying.
    """
    failed = _counter.add(f"address {_address(request)} failure")
    if failed > settings.API_RATES["address"]["failure"]:
        raise Throttled(wait=_left_of_window())


def _source(request: Request) -> tuple[Source, str]:
    if isinstance(request.auth, ApiToken):
        return "token", str(request.auth.pk)
    if request.user.is_authenticated:
        return "person", str(request.user.pk)
    return "address", _address(request)


def _address(request: Request) -> str:
    """As far as proxies in front may be believed; all whose address nobody knows share one."""
    try:
        return str(get_ip(request._request))
    except PermissionDenied:
        return "unknown"


def _left_of_window() -> float:
    return WINDOW - time.time() % WINDOW


class _Counter:
    """Counts of this minute; 0 for everything while the cache is away."""

    def __init__(self) -> None:
        self.left_alone_until = 0.0

    def add(self, what: str) -> int:
        if time.monotonic() < self.left_alone_until:
            return 0
        key = f"api {int(time.time() // WINDOW)} {what}".replace(" ", ":")
        try:
            cache.add(key, 0, timeout=2 * WINDOW)
            return int(cache.incr(key))
        except ValueError:  # emptied in between
            return 1
        except (RedisError, OSError) as error:
            self.left_alone_until = time.monotonic() + LEFT_ALONE
            log.warning("api_limits_not_counted", error=str(error))
            return 0


_counter = _Counter()
