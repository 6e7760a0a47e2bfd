"""A copy of one's data, and closing one's account (PIPL, articles 45 and 47)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils import timezone

import audit.services
from accounts import personal_data
from accounts.adapter import site_in_mails
from accounts.consents import consents_of
from accounts.models import Consent, User
from accounts.sessions import device_name, end_sessions
from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden
from common.models import database_now
from common.permissions import may
from lifecycle.news import announce

log = structlog.get_logger(__name__)

NAMELESS = "已注销用户"


def export_of(*, person: User, actor: Actor) -> dict[str, Any]:
    """Everything that the site holds of the person, for a file. Raises Forbidden."""
    actor = require_actor(actor)
    if not may("accounts.export", actor, person):
        raise Forbidden("只能导出本人的数据。")
    with transaction.atomic():
        audit.services.record(actor=actor, verb="accounts.user.export", obj=person)
    return {"exported_at": database_now(), **personal_data.everything_of(person)}


def close_account(*, person: User, actor: Actor) -> None:
    """Make the account nameless and useless; what it did for organizations stays theirs.

    Raises Forbidden, Conflict (with the reasons: somebody must take over first).
    """
    actor = require_actor(actor)
    if not may("accounts.close", actor, person):
        raise Forbidden("只能注销本人的账号。")
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=person.pk)
        if locked.deleted_at:
            raise Conflict("这个账号已经注销。")
        if reasons := personal_data.objections_to_closing(locked):
            raise Conflict("".join(reasons))
        personal_data.erase(locked, actor)
        announce(locked, "close", actor)
        address = _proved_address(locked)
        _make_nameless(locked)
        end_sessions(person=locked, actor=actor)
        if address:
            transaction.on_commit(lambda: _take_leave(address, locked))


def _proved_address(person: User) -> str:
    """Where mail may go, empty if nowhere; nobody reads that of the demonstration's people."""
    proved = EmailAddress.objects.filter(user=person, email__iexact=person.email, verified=True)
    return "" if person.is_demonstration or not proved.exists() else person.email


def _take_leave(address: str, person: User) -> None:
    """The last mail. Not through the outbox, whose messages would keep the address; a mail server
    that is away undoes nothing."""
    context = {"email": address, "closed_at": person.deleted_at, **site_in_mails()}
    subject = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}账号已注销"
    text = render_to_string("account/email/account_closed_message.txt", context)
    try:
        send_mail(subject, text, None, [address])
    except OSError as error:  # whose text may hold the address
        log.warning("account_leave_not_mailed", error=type(error).__name__)


def _make_nameless(person: User) -> None:
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    person.name, person.phone = NAMELESS, ""
    # A domain that never exists (RFC 2606): no mail ever reaches anybody.
    person.email = f"{person.public_id}@closed.invalid"
    person.is_active, person.deleted_at = False, database_now()
    person.set_unusable_password()
    person.save()
    Consent.objects.filter(user=person, withdrawn_at=None).update(withdrawn_at=person.deleted_at)


def purge() -> dict[str, int]:
    """Delete what was kept as long as ``RETENTION_DAYS`` says; returns how many of each kind."""
    now = timezone.now()

    def before(kind: str) -> Any:
        return now - timedelta(days=settings.RETENTION_DAYS[kind])

    ended, _ = Session.objects.filter(expire_date__lt=now).delete()
    open_keys = Session.objects.filter(session_key=OuterRef("session_key"))
    listed, _ = (
        UserSession.objects.filter(~Exists(open_keys), last_seen_at__lt=before("sessions"))
    ).delete()
    evidence, _ = Consent.objects.filter(
        user__deleted_at__lt=before("consents_of_closed_accounts")
    ).delete()
    return {
        "sessions": ended,
        "session_list": listed,
        "unverified_accounts": _purge_unverified(before("unverified_accounts")),
        "consents": evidence,
    }


def _purge_unverified(before: Any) -> int:
    """Addresses that nobody proved to be theirs; nobody ever signed in with them."""
    verified = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    addressed = EmailAddress.objects.filter(user=OuterRef("pk"))
    people = User.objects.filter(
        ~Exists(verified), Exists(addressed), last_login=None, date_joined__lt=before
    )
    actor = Actor.system("accounts.purge")
    purged = 0
    for person in people.iterator():
        with transaction.atomic():
            announce(person, "purge_unverified", actor)
            person.delete()
        purged += 1
    return purged


def duties_held(person: User) -> str | None:
    """Somebody must take over what a person does for an authority, or as an expert."""
    if person.grants:
        return "您还担任管理员或专家，请先由所在单位解除任职，再注销账号。"
    return None


def account_part(person: User) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "opened_at": person.date_joined,
        "last_sign_in": person.last_login,
    }


def addresses_part(person: User) -> list[dict[str, Any]]:
    rows = EmailAddress.objects.filter(user=person).order_by("pk")
    return list(rows.values("email", "verified", "primary"))


def consents_part(person: User) -> list[dict[str, Any]]:
    rows = consents_of(person).values("kind", "version", "given_at", "withdrawn_at")
    return [{**row} for row in rows]


def sessions_part(person: User) -> list[dict[str, Any]]:
    return [
        {
            "device": device_name(row.user_agent),
            "user_agent": row.user_agent,
            "address": row.ip,
            "since": row.created_at,
            "last_seen": row.last_seen_at,
        }
        for row in UserSession.objects.filter(user=person).order_by("pk")
    ]


def second_factors_part(person: User) -> list[dict[str, Any]]:
    """Kinds and times; never the secrets."""
    rows = Authenticator.objects.filter(user=person).order_by("pk")
    return list(rows.values("type", "created_at", "last_used_at"))
