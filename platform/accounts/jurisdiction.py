"""Where a duty reaches: the province, a city of it, or a district of a city."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q

from accounts.enums import Duty
from common.actor import Actor, Grant

# Conditions that, unlike an empty Q, mean the same on either side of ``|``.
EVERYTHING = Q(pk__isnull=False)
NOTHING = Q(pk__in=())


def covers(grant: Grant, city_id: int | None, district_id: int | None) -> bool:
    """Whether a grant reaches a place; what lies outside the province is the province's."""
    if grant.district_id is not None:
        return grant.district_id == district_id
    return grant.city_id is None or grant.city_id == city_id


def reaches(actor: Actor, duty: Duty, city_id: int | None, district_id: int | None) -> bool:
    """Whether the actor holds the duty at a place; the platform itself does everywhere."""
    return actor.is_system or any(
        covers(grant, city_id, district_id) for grant in actor.grants_of(duty)
    )


def is_province_wide(actor: Actor, duty: Duty) -> bool:
    return reaches(actor, duty, None, None)


def within(actor: Actor, duty: Duty, *, city: str = "city", district: str = "district") -> Q:
    """The rows at whose place the actor holds the duty: ``reaches`` as a condition.

    ``city`` and ``district`` are paths to the place of a row.
    """
    if actor.is_system:
        return EVERYTHING
    return reduce(or_, (_of(each, city, district) for each in actor.grants_of(duty)), NOTHING)


def _of(grant: Grant, city: str, district: str) -> Q:
    if grant.district_id is not None:
        return Q(**{district: grant.district_id})
    if grant.city_id is not None:
        return Q(**{city: grant.city_id})
    return EVERYTHING
