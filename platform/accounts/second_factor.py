"""Second factors: who must have one, how their secrets are kept."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.sessions import end_sessions, end_what_began_without
from common.actor import Actor, require_actor
from common.errors import Forbidden
from common.permissions import may
from lifecycle.news import announce

SITE = "场景桥 SceneBridge"
# Recovery codes stand in for one of these; alone they are none.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
FACTOR_NAMES = {
    Authenticator.Type.TOTP: gettext_lazy("验证器应用"),
    Authenticator.Type.WEBAUTHN: gettext_lazy("通行密钥"),
    Authenticator.Type.RECOVERY_CODES: gettext_lazy("恢复码"),
}
# What allauth calls this kind of proof.
SHOWN = "mfa"


def needs_second_factor(person: User) -> bool:
    """Whoever decides for an authority, or judges as an expert.

    Invented people need none: they exist only where the installation shows itself, and their
    passwords are printed.
    """
    return bool(person.grants) and not person.is_demonstration


def second_factors_of(person: User) -> QuerySet[Authenticator]:
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=person, type__in=FACTORS)
    return found


def has_second_factor(person: User) -> bool:
    return second_factors_of(person).exists()


def has_shown_second_factor(request: HttpRequest) -> bool:
    """In this very session: at sign-in, later on, or by setting up the first."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == SHOWN for record in records)


def begin_to_ask(request: HttpRequest, factor: Authenticator) -> None:
    """After the person of ``request`` added ``factor``: when it is the first, sessions in which
    nobody was asked for one end. Of two that are added at once, one is the first.
    """
    person: User = factor.user
    hold_second_factors(person)
    if factor.type not in FACTORS or second_factors_of(person).exclude(pk=factor.pk).exists():
        return
    record_authentication(request, person, SHOWN, id=factor.pk, type=factor.type)
    end_what_began_without(request, person)


def hold_second_factors(person: User) -> None:
    """Until the transaction ends nobody else removes one: of two removals at once, one is last."""
    User.objects.select_for_update().get(pk=person.pk)


def remove_second_factors(*, person: User, actor: Actor) -> int:
    """For somebody who lost them all; the platform's operator alone, on the machine.

    Sessions end too. Returns how many went, recovery codes included. Raises Forbidden.
    """
    if not may("accounts.reset_second_factor", require_actor(actor), person):
        raise Forbidden("只有运营单位可以重置两步验证。")
    with transaction.atomic():
        hold_second_factors(person)
        removed, _counts = Authenticator.objects.filter(user=person).delete()
        end_sessions(person=person, actor=actor)
        announce(person, "reset_second_factor", actor, recorded={"removed": removed})
    return int(removed)


def may_show_passkey(person: User) -> bool:
    """Has one, and the configured address lets browsers use it."""
    own = second_factors_of(person).filter(type=Authenticator.Type.WEBAUTHN)
    return passkeys_work() and own.exists()


def passkeys_work() -> bool:
    """Browsers make passkeys for names alone, and only where nobody listens (WebAuthn §5.1.2)."""
    address = urlsplit(settings.BASE_URL)
    host = address.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return address.scheme == "https" or host == "localhost"
    return False


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are ciphertext in the database and its dumps; the key is out of ``SECRET_KEY``."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy(
            "您担任管理员或专家，须至少保留一种两步验证方式。请先添加另一种，再移除这一种。"
        ),
        "incorrect_code": gettext_lazy("验证没有通过，请重试。"),
        "unverified_email": gettext_lazy("请先验证电子邮箱，再设置两步验证。"),
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        person: User = authenticator.user
        others = second_factors_of(person).exclude(pk=authenticator.pk)
        return not needs_second_factor(person) or others.exists()

    def get_totp_issuer(self) -> str:
        return SITE

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("通行密钥") if number == 1 else _("通行密钥 %d") % number

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Of the configured address, whatever the request's Host header says."""
        return {"id": urlsplit(settings.BASE_URL).hostname or "", "name": SITE}


def _cipher() -> MultiFernet:
    """Encrypts with the newest key, reads with former ones too (``SECRET_KEY_FALLBACKS``)."""
    return MultiFernet(
        [_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


@cache
def _key(secret: str) -> Fernet:
    digest = hashlib.sha256(b"accounts.second_factor\0" + secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
