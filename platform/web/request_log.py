"""What the log says of requests: the route, never the address.

Addresses hold secrets (links to reset a password, to confirm an address, to accept an invitation)
and what people searched for; logs are read by others, and kept by others.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django_structlog.middlewares import RequestMiddleware

# Numbers and UUIDs name records, which tell nothing to whoever may not see them.
_NAMES_A_RECORD = re.compile(r"\d{1,19}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
UNKNOWN = "(no such route)"


def described(request: HttpRequest) -> str:
    """``GET /scenarios/<uuid:public_id>/ public_id=0199…``."""
    try:
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return f"{request.method} {UNKNOWN}"
    named = [
        f"{name}={value}"
        for name, value in match.kwargs.items()
        if _NAMES_A_RECORD.fullmatch(str(value))
    ]
    return " ".join([str(request.method), f"/{match.route}", *named])


class RequestLog(RequestMiddleware):
    """A line when a request begins, and one when it is answered."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return described(request)


class WithoutAddresses(logging.Filter):
    """Django's own warnings name the path of the request that they are about."""

    def filter(self, record: logging.LogRecord) -> bool:
        request: Any = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            # As it is, and as Django's ``log_response`` spells it.
            path = {request.path, request.path.encode("unicode_escape").decode()}
            told = described(request)
            record.args = tuple(told if each in path else each for each in record.args)
        return True
