"""What is ours around allauth's views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponseBase
from redis import RedisError

from web.views.errors import unavailable

log = structlog.get_logger(__name__)


def outage_is_503(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse for the moment when Redis, which counts failures, or the mail server is away.

    Letting people in uncounted would invite whoever guesses passwords.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (RedisError, OSError):
            log.exception("account_outage")
            return unavailable(request)

    return wrapped
