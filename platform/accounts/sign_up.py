"""Opening one's own account."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.consents import give_consent
from accounts.enums import ConsentKind
from accounts.models import User
from accounts.services import check_password, person_facts
from common.actor import Actor
from common.models import refuse_duplicates
from lifecycle.news import announce

TAKEN = "这个电子邮箱已有账号。"


def sign_up(*, email: str, name: str, password: str, shares_contacts: bool = False) -> User:
    """Anybody may; the person signs in once the address is verified.

    The caller has seen the tick at the terms in force. Raises InvalidInput (by field), Conflict
    (the address has an account: for the ears of its owner alone, THREATS A21).
    """
    facts = person_facts(email, name)
    email = facts.email.lower()
    person = User(email=email, name=facts.name)
    check_password(password, person)
    person.set_password(password)
    with (
        transaction.atomic(),
        refuse_duplicates("accounts_user_email_any_case", TAKEN),
        refuse_duplicates("accounts_user_email_key", TAKEN),
    ):
        person.save()
        EmailAddress.objects.create(user=person, email=email, primary=True)
        actor = Actor.of(person)
        announce(person, "sign_up", actor)
        agreed = [ConsentKind.TERMS, *([ConsentKind.SHARE_CONTACTS] if shares_contacts else [])]
        give_consent(person=person, kinds=agreed, actor=actor)
    return person


def has_account(email: str) -> bool:
    """Whether somebody signs in with the address, or is about to prove that it is theirs.

    Not whoever asked to change to it and has not proved anything.
    """
    return (
        User.objects.filter(email__iexact=email).exists()
        or EmailAddress.objects.filter(email__iexact=email, verified=True).exists()
    )


def remove_unproven(email: str, *, keep: int) -> None:
    """Accounts that somebody opened with the address, never verified and never used."""
    others = User.objects.filter(email__iexact=email, last_login=None).exclude(pk=keep)
    actor = Actor.system("accounts.remove_unproven")
    with transaction.atomic():
        for person in others.exclude(emailaddress__verified=True):
            announce(person, "purge_unverified", actor)
            person.delete()
