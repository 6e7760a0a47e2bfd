"""Which version of each text is in force, and who agreed to it.

A text that changes in meaning gets a new version here: everybody is asked again at the next
sign-in. The texts are ``templates/account/terms.html`` and ``templates/account/privacy.html``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from accounts.enums import ConsentKind
from accounts.models import Consent, User
from common.actor import Actor, require_actor
from common.errors import Forbidden
from common.models import database_now
from common.permissions import may
from lifecycle.news import announce

VERSIONS = {ConsentKind.TERMS: "2026-11", ConsentKind.SHARE_CONTACTS: "2026-11"}
IN_FORCE_SINCE = date(2026, 11, 22)


def has_given(person: User, kind: ConsentKind) -> bool:
    """Whether the person agrees now to the text in force."""
    return Consent.objects.filter(
        user=person, kind=kind, version=VERSIONS[kind], withdrawn_at=None
    ).exists()


def owes_consent(person: User) -> bool:
    """Whether somebody must read the terms in force before going on; invented people need not."""
    return not person.is_demonstration and not has_given(person, ConsentKind.TERMS)


def consents_of(person: User) -> QuerySet[Consent]:
    """All that were ever given, the newest first."""
    return Consent.objects.filter(user=person).order_by("-given_at", "-pk")


def give_consent(*, person: User, kinds: Iterable[ConsentKind], actor: Actor) -> None:
    """The person agrees to the texts in force; what was agreed already stays as it was.

    Raises Forbidden: nobody agrees for somebody else.
    """
    _require_own(person, actor)
    with transaction.atomic():
        for kind in kinds:
            _, is_new = Consent.objects.get_or_create(
                user=person, kind=kind, version=VERSIONS[kind], withdrawn_at=None
            )
            if is_new:
                details = {"kind": kind, "version": VERSIONS[kind]}
                announce(person, "give_consent", actor, recorded=details)


def withdraw_sharing(*, person: User, actor: Actor) -> None:
    """Contacts are shared no longer. The terms are withdrawn by closing the account alone.

    Raises Forbidden.
    """
    _require_own(person, actor)
    with transaction.atomic():
        given = Consent.objects.select_for_update().filter(
            user=person, kind=ConsentKind.SHARE_CONTACTS, withdrawn_at=None
        )
        versions = [each.version for each in given]
        if versions:
            given.update(withdrawn_at=database_now())
            details = {"kind": ConsentKind.SHARE_CONTACTS, "versions": versions}
            announce(person, "withdraw_consent", actor, recorded=details)


def _require_own(person: User, actor: Actor) -> None:
    if not may("accounts.consent", require_actor(actor), person):
        raise Forbidden("只能由本人同意或撤回。")
