"""How a person can be reached.

Who else may read it in full is for those to say who know where the person works
(``organizations.contacts``).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

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


def contact_of(person: User) -> Contact:
    """In full: for verbs that asked who may read it, and wrote down who did."""
    return Contact(person.name, person.email, person.phone)
