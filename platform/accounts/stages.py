"""What stands between the proof of who one is and being signed in."""

from __future__ import annotations

from allauth.account.stages import LoginStage
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.consents import owes_consent


class ConsentStage(LoginStage):
    """Terms that changed since one agreed to them, or to which one never did."""

    key = "consent"
    urlname = "account_consent"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if self.login.user is None or not owes_consent(self.login.user):
            return None, True
        return redirect("account_consent"), True
