"""Signing up and in, one's account, devices, second factors and personal data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str

from tests.matrix.case import Case, by_key, of, post, said
from tests.matrix.people import PASSWORD
from tests.matrix.world import World
from tests.records import totp_code

NEW_PASSWORD = "Another-matrix-8"
SIGN_UP = {
    "email": "matrix-new@example.org",
    "name": "新人",
    "password1": NEW_PASSWORD,
    "terms": "on",
}


def cases() -> Iterator[Case]:
    yield from _getting_in()
    yield from _account()
    yield from _second_factors()
    yield from _notices()


def _getting_in() -> Iterator[Case]:
    sign_in = said(login="matrix-signer@example.org", password=PASSWORD)
    yield Case("account_login", bodies=post(sign_in))
    yield Case("account_signup", bodies=post(said(**SIGN_UP)))
    yield Case("account_reset_password", bodies=post(said(email="matrix-signer@example.org")))
    for route in (
        *("account_logout", "account_inactive", "account_consent", "account_terms"),
        *("account_privacy", "account_email_verification_sent"),
        *("account_reset_password_done", "account_reset_password_from_key_done"),
    ):
        yield Case(route)
    yield Case("account_confirm_email", place=_confirmation)
    yield Case("account_reset_password_from_key", place=_reset)


def _confirmation(world: World, side: str) -> dict[str, Any]:
    """Whoever has the mail confirms; signed in or not."""
    if side == "absent":
        return {"key": "absent"}
    address = EmailAddress.objects.get(user=world.people["unverified"])
    return {"key": EmailConfirmationHMAC(address).key}


def _reset(world: World, side: str) -> dict[str, Any]:
    person = world.people["signer"]
    key = "absent-key" if side == "absent" else default_token_generator.make_token(person)
    return {"uidb36": user_pk_to_url_str(person), "key": key}


def _account() -> Iterator[Case]:
    yield Case("account_index")
    yield Case("account_contact", bodies=post(said(name="新名", phone="")))
    yield Case("account_reauthenticate", bodies=post(said(password=PASSWORD)))
    address = said(email="matrix-moved@example.org", action_add="")
    yield Case("account_email", bodies=post(address))
    changed = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    yield Case("account_change_password", bodies=post(said(oldpassword=PASSWORD, **changed)))
    yield Case("account_set_password", bodies=post(said(**changed)))
    yield Case("account_sessions")
    yield Case("account_sessions_end")
    yield Case("account_session_end", place=by_key("device", "number"))
    yield Case("account_personal_data")
    yield Case("account_sharing", bodies=post(said(shares="yes")))
    yield Case("account_export")
    yield Case("account_close", bodies=post(said(sure="on")))


def _second_factors() -> Iterator[Case]:
    code = lambda world, side: {"code": totp_code()}  # noqa: E731
    for route in (
        *("mfa_index", "mfa_authenticate", "mfa_activate_totp", "mfa_view_recovery_codes"),
        *("mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn"),
        *("mfa_login_webauthn", "mfa_reauthenticate_webauthn"),
    ):
        yield Case(route)
    yield Case("mfa_reauthenticate", bodies=post(code))
    passkey = by_key("passkey", "pk")
    yield Case("mfa_edit_webauthn", "", passkey, post(said(name="新名称")))
    yield Case("mfa_remove_webauthn", place=passkey)


def _notices() -> Iterator[Case]:
    yield Case("notification_list")
    until = said(until="2999-01-01T00:00:00+08:00")
    yield Case("notifications_read", bodies=post(until))
    yield Case("notification_preferences", bodies=post(said(**{"own-review": "none"})))
    yield Case("notification_read", place=of("notice"))
    yield Case("notification_open", place=of("notice"))
