"""What every request of a signed-in person passes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts.second_factor import has_second_factor, needs_second_factor
from accounts.sessions import NOTED, note_use
from web.views.errors import second_factor_missing

Next = Callable[[HttpRequest], HttpResponseBase]

# How exact "last used" is on the page of devices; each note is a write.
NOTE_USE_SECONDS = 600
# What one needs to set up a second factor, or to leave.
SET_UP = {
    "account_logout",
    "account_reauthenticate",
    "account_set_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_reauthenticate",
    "account_terms",
    "account_privacy",
}


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
    """Whoever must have a second factor and has none opens nothing but the pages to set it up."""

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
        match = request.resolver_match
        if match is not None and match.view_name in SET_UP:
            return None
        person = request.user
        if not person.is_authenticated or not needs_second_factor(person):
            return None
        if has_second_factor(person):
            return None
        if request.path.startswith("/api/"):
            return second_factor_missing(request)
        return redirect("mfa_index")  # which says why
