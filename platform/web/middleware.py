"""What every request of a signed-in person passes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.adapter import BY_PASSWORD
from accounts.second_factor import (
    has_second_factor,
    has_shown_second_factor,
    needs_second_factor,
)
from accounts.sessions import NOTED, note_use
from web.views.errors import second_factor_missing

Next = Callable[[HttpRequest], HttpResponseBase]

# How exact "last used" is on the page of devices; each note is a write.
NOTE_USE_SECONDS = 600
# Whoever stands before the door may leave, and read what the site says of itself.
OUTSIDE = {"account_logout", "account_terms", "account_privacy"}
# What one needs to set up a first second factor, and to show one.
TO_SET_UP = OUTSIDE | {
    "account_reauthenticate",
    "account_set_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
}
TO_SHOW = OUTSIDE | {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}


class SessionUse:
    """Notes now and then that a listed session is in use, for its owner's page of devices."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            self._note(request)
        return self.get_response(request)

    def _note(self, request: HttpRequest) -> None:
        noted = request.session.get(NOTED)
        key = request.session.session_key
        if noted is None or key is None or time.time() - noted < NOTE_USE_SECONDS:
            return
        note_use(key=key, address=get_adapter().get_client_ip(request))
        request.session[NOTED] = int(time.time())


class SecondFactorDoor:
    """Whoever must have a second factor opens nothing without, but the pages to set one up.

    Nor in a session in which nobody has shown it yet, but the pages to do so: it may be a
    stranger's, who began it while the password was enough.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        # Visitors are spared the look at a session that they do not have.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        person = request.user
        if not person.is_authenticated or not needs_second_factor(person):
            return None
        if not has_second_factor(person):
            return _lead(request, reverse("mfa_index"), TO_SET_UP)  # which says why
        if not has_shown_second_factor(request):
            return _lead(request, _to_show_and_come_back(request), TO_SHOW)
        return None


def _lead(request: HttpRequest, address: str, besides: set[str]) -> HttpResponseBase | None:
    """There, unless the request is for one of the pages that stay open."""
    match = request.resolver_match
    if match is not None and match.view_name in besides:
        return None
    if request.path.startswith("/api/"):
        return second_factor_missing(request)
    return redirect(address)


def _to_show_and_come_back(request: HttpRequest) -> str:
    """Back to pages alone: what a form said is gone."""
    ways = get_adapter().get_reauthentication_methods(request.user)
    address = next(way["url"] for way in ways if way["id"] != BY_PASSWORD)
    if request.method not in {"GET", "HEAD"}:
        return str(address)
    return f"{address}?{urlencode({'next': request.get_full_path()})}"
