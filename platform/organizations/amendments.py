"""Verbs on amendments: what the licence says changes, and is checked first."""

from __future__ import annotations

from django.db import transaction

from audit.digests import digest_of
from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden, InvalidInput
from common.models import refuse_duplicates
from common.permissions import may
from common.text import clean_text
from lifecycle.news import announce
from lifecycle.services import advance
from lifecycle.steps import Steps
from organizations.enums import OrganizationState as State
from organizations.facts import ESSENTIAL, OrganizationFacts
from organizations.models import Amendment, Organization
from organizations.queries import TAKEN, by_identifier, stated_facts
from organizations.services import lock_organization, write_essentials
from taxonomy.vocabulary import Vocabulary

LONGEST_NOTE = 500
ASKED = "已经有一份变更申请在等待核验，请先等待结果或撤回它。"


def ask_to_amend(
    *, organization: Organization, facts: OrganizationFacts, note: str = "", actor: Actor
) -> Amendment:
    """Ask for other essential facts; whatever else ``facts`` state is left alone.

    The organization stays verified as it was, and what it published stays public, until somebody
    has checked. Raises Forbidden, InvalidInput (nothing would change), Conflict (not verified, one
    waits already, the identifier is taken).
    """
    actor = require_actor(actor)
    if not may("organizations.amend", actor, organization):
        raise Forbidden("您不能变更这个组织的登记事项。")
    Vocabulary.load().place(facts.city, facts.district)
    try:
        said = clean_text(note)[:LONGEST_NOTE]
    except ValueError as error:
        raise InvalidInput(f"{error}。", fields={"note": [f"{error}。"]}) from None
    with transaction.atomic():
        locked = lock_organization(organization)
        if locked.state != State.VERIFIED:
            raise Conflict(f"组织当前“{locked.get_state_display()}”，直接修改资料即可。")
        stated = stated_facts(locked)
        values = facts.model_dump(mode="json", include=set(ESSENTIAL))
        if all(getattr(stated, name) == value for name, value in values.items()):
            raise InvalidInput("没有改动任何登记事项。")
        holder = by_identifier(facts.identifier_scheme, facts.identifier)
        if holder is not None and holder.pk != locked.pk:
            raise Conflict(TAKEN)
        with refuse_duplicates("organizations_one_amendment", ASKED):
            amendment = Amendment.objects.create(organization=locked, values=values, note=said)
        announce(amendment, "create", actor)
    return amendment


def approve_amendment(*, amendment: Amendment, actor: Actor) -> Amendment:
    """Let the new facts stand; records are ranked anew. Raises Conflict (identifier taken)."""
    with transaction.atomic():
        organization = lock_organization(amendment.organization)
        advance(amendment, "approve", actor)
        stated = stated_facts(organization).model_dump()
        facts = OrganizationFacts.model_validate({**stated, **amendment.values})
        before = digest_of(organization)
        write_essentials(organization, facts)
        recorded = {"changed": sorted(amendment.values)}
        announce(organization, "amend", actor, recorded=recorded, before=before)
    return amendment


def decline_amendment(*, amendment: Amendment, reason: str, actor: Actor) -> Amendment:
    return advance(amendment, "decline", actor, reason=reason)


def withdraw_amendment(*, amendment: Amendment, actor: Actor) -> Amendment:
    return advance(amendment, "withdraw", actor)


STEPS = Steps(
    "amendment",
    {"approve": approve_amendment, "decline": decline_amendment, "withdraw": withdraw_amendment},
)
