"""allauth tells what people did to their accounts; each word of it goes into the audit log.

In the transaction of the change: the views run in one, and rows of second factors tell it
themselves when they are written or deleted.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account import signals
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa import signals as second_factors
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

import audit.services
from accounts.models import User
from accounts.second_factor import begin_to_ask
from accounts.sessions import NOTED
from common.actor import Actor
from lifecycle.news import announce


def _tell(person: User, name: str, **recorded: Any) -> None:
    """What is recorded is told to the person too."""
    with transaction.atomic():
        announce(person, name, Actor.of(person), recorded=recorded, told=recorded)


@receiver(signals.user_logged_in)
def sign_in_noted(request: HttpRequest, user: User, **_: Any) -> None:
    """On record for whoever has duties; of all others the log would hold little else."""
    request.session[NOTED] = int(time.time())
    if user.grants:
        with transaction.atomic():
            audit.services.record(actor=Actor.of(user), verb="accounts.user.sign_in", obj=user)


@receiver(signals.email_confirmed)
def address_verified(email_address: EmailAddress, **_: Any) -> None:
    _tell(email_address.user, "verify_address")


@receiver(signals.email_changed)
def address_changed(user: User, from_email_address: EmailAddress | None = None, **_: Any) -> None:
    """allauth says so of the first address too."""
    if from_email_address is not None:
        _tell(user, "change_address")


@receiver(signals.password_changed)
def password_changed(user: User, **_: Any) -> None:
    _tell(user, "change_password")


@receiver(signals.password_set)
def password_set(user: User, **_: Any) -> None:
    _tell(user, "change_password")


@receiver(signals.password_reset)
def password_reset(user: User, **_: Any) -> None:
    _tell(user, "reset_password")


@receiver(post_save, sender=Authenticator)
def second_factor_added(instance: Authenticator, created: bool, **_: Any) -> None:
    if created:
        _tell(instance.user, "add_second_factor", kind=instance.type)
        # None where no person did it by hand; nobody can for somebody else.
        if context.request is not None:
            begin_to_ask(context.request, instance)


@receiver(post_delete, sender=Authenticator)
def second_factor_removed(instance: Authenticator, **_: Any) -> None:
    _tell(instance.user, "remove_second_factor", kind=instance.type)


@receiver(second_factors.authenticator_used)
def recovery_code_used(user: User, authenticator: Authenticator, **_: Any) -> None:
    """At a sign-in or a proof: whoever has the codes of somebody else is found out."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        # allauth has marked the code in another copy of the row.
        stored = Authenticator.objects.get(pk=authenticator.pk)
        _tell(user, "use_recovery_code", left=len(stored.wrap().get_unused_codes()))
