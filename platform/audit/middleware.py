"""Remembers where a request came from while it is answered."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from audit.context import address


class RequestAddress:
    """Believes as many proxies as the limits on sign-in do (ALLAUTH_TRUSTED_PROXY_COUNT)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        before = address.set(_address(request))
        try:
            return self.get_response(request)
        finally:
            address.reset(before)


def _address(request: HttpRequest) -> str:
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # no header of a proxy where one was configured, such as healthz
        return str(request.META.get("REMOTE_ADDR", ""))
