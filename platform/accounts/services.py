"""Verbs on people."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from pydantic import ValidationError

from accounts.facts import PersonFacts
from accounts.models import User
from common.actor import Actor, require_actor
from common.errors import Forbidden, InvalidInput
from common.models import refuse_duplicates
from common.permissions import may
from common.validation import explain
from lifecycle.news import announce


def create_person(
    *,
    email: str,
    name: str = "",
    password: str | None,
    is_demonstration: bool = False,
    actor: Actor,
) -> User:
    """Open an account; the password stands nowhere but in its hash.

    Without a password nobody signs in to it. ``is_demonstration``: the person is invented.
    Raises Forbidden, InvalidInput (by field), Conflict (the address has an account).
    """
    actor = require_actor(actor)
    if not may("accounts.create", actor):
        raise Forbidden("您没有开通账号的权限。")
    facts = person_facts(email, name)
    if password is not None:
        check_password(password, User(email=facts.email, name=facts.name))
    taken = f"电子邮箱“{facts.email}”已有账号。"
    with (
        transaction.atomic(),
        refuse_duplicates("accounts_user_email_any_case", taken),
        refuse_duplicates("accounts_user_email_key", taken),
    ):
        person = User.objects.create_user(
            facts.email,
            password,
            name=facts.name,
            is_demonstration=is_demonstration,
        )
        announce(person, "create", actor)
    return person


def set_password(*, person: User, password: str, actor: Actor) -> None:
    """Give an account another password; sessions begun with the old one end.

    Raises Forbidden, InvalidInput (a password that is too easy).
    """
    actor = require_actor(actor)
    if not may("accounts.set_password", actor, person):
        raise Forbidden("您没有重设密码的权限。")
    check_password(password, person)
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])
        announce(person, "set_password", actor)


def lock_person(user_id: int) -> User:
    """So that of two things which one person does at once the second counts the first."""
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def person_facts(email: str, name: str) -> PersonFacts:
    """Raises InvalidInput, by field."""
    try:
        return PersonFacts(email=email, name=name)
    except ValidationError as error:
        fields: dict[str, list[str]] = {}
        for fault in error.errors():
            fields.setdefault(str(fault["loc"][0]), []).append(explain(fault))
        raise InvalidInput("账号资料有误。", fields=fields) from None


def check_password(password: str, person: User) -> None:
    """Raises InvalidInput when it is too easy, for this person above all."""
    try:
        validate_password(password, person)
    except DjangoValidationError as error:
        raise InvalidInput("密码不符合要求。", fields={"password": error.messages}) from None
