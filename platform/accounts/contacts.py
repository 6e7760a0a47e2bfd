"""How a person can be reached, and who may read it in full."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

import audit.services
from accounts.consents import has_given
from accounts.enums import ConsentKind
from accounts.models import User
from accounts.services import person_facts
from common.actor import Actor, require_actor
from common.contact import clean_phone
from common.errors import Forbidden, InvalidInput
from common.permissions import may
from lifecycle.news import announce


@dataclass(frozen=True)
class Contact:
    name: str
    email: str
    phone: str


def update_contact(*, person: User, name: str, phone: str, actor: Actor) -> None:
    """Not the address: that must be verified. The log says what changed, not to what.

    Raises Forbidden, InvalidInput (by field).
    """
    actor = require_actor(actor)
    if not may("accounts.edit", actor, person):
        raise Forbidden("只能修改本人的资料。")
    facts = person_facts(person.email, name)
    try:
        number = clean_phone(phone)
    except ValueError as error:
        raise InvalidInput("电话有误。", fields={"phone": [f"{error}。"]}) from None
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=person.pk)
        given = {"name": facts.name, "phone": number}
        changed = [field for field, value in given.items() if getattr(locked, field) != value]
        if changed:
            for field in changed:
                setattr(locked, field, given[field])
            locked.save(update_fields=changed)
            announce(locked, "update_contact", actor, recorded={"changed": changed})
    person.name, person.phone = facts.name, number


def shares_contact(person: User) -> bool:
    """Whether those with whom the person does business through the site may see it in full."""
    return has_given(person, ConsentKind.SHARE_CONTACTS)


def reveal_contact(*, person: User, actor: Actor, reason: str = "") -> Contact:
    """What pages show masked, in full; that somebody read it is on record.

    Raises Forbidden.
    """
    actor = require_actor(actor)
    if not may("accounts.reveal_contact", actor, person):
        raise Forbidden("您没有查看完整联系方式的权限。")
    if actor.user_id != person.pk:
        details = {"reason": reason} if reason else {}
        with transaction.atomic():
            audit.services.record(
                actor=actor, verb="accounts.user.reveal_contact", obj=person, details=details
            )
    return Contact(person.name, person.email, person.phone)


def reveal_phone(*, person: User, actor: Actor, reason: str = "") -> str:
    """As ``reveal_contact``."""
    return reveal_contact(person=person, actor=actor, reason=reason).phone
