"""Who decides who works for an authority."""

from __future__ import annotations

from accounts.enums import Duty
from accounts.jurisdiction import is_province_wide, reaches
from accounts.rules import is_audit_administrator
from authorities.models import Authority
from common.actor import Actor
from common.permissions import allow, predicate


@predicate
def administers_the_province(actor: Actor) -> bool:
    return is_province_wide(actor, Duty.SYSTEM)


@predicate
def administers_people_of(actor: Actor, authority: Authority) -> bool:
    """System administrators of the same place or of one that it lies in."""
    return reaches(actor, Duty.SYSTEM, authority.city_id, authority.district_id)


allow("authorities.create", administers_the_province)
allow("authorities.appoint", administers_people_of)
allow("authorities.delegate", administers_people_of)
allow("audit.search", is_audit_administrator)
