"""What an organization stated before, and since when otherwise: read from its row history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.history import history_of
from organizations.enums import Attribute, Capacity
from organizations.enums import OrganizationState as State
from organizations.facts import OrganizationFacts
from organizations.models import Organization

MOST = 20
# Steps leave rows too, in which nothing that is stated changed.
MOST_ROWS = 200


@dataclass(frozen=True)
class Replaced:
    """One field; an empty text is what was not stated."""

    label: str | Promise
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    at: datetime
    fields: list[Replaced]


def changes_of(organization: Organization) -> list[Change]:
    """The latest first, for members and those who oversee it.

    Its state is left to the record of steps. What a row was before its history began is unknown,
    and so what its first change changed.
    """
    newest_first = history_of(organization).select_related("city", "district").order_by("-pgh_id")
    changes = (
        Change(row.pgh_created_at, replaced)
        for row, former in pairwise(newest_first[:MOST_ROWS])
        if (replaced := _replaced(former, row))
    )
    return [change for change, _number in zip(changes, range(MOST), strict=False)]


def changed_since_return(organization: Organization) -> set[str]:
    """Fields that say something else than when it was returned last; none if it never was.

    The representative is a person, and leaves no history.
    """
    newest_first = [*history_of(organization).order_by("-pgh_id")[:MOST_ROWS], None]
    for row, former in pairwise(newest_first):
        if row.state == State.RETURNED and (former is None or former.state != State.RETURNED):
            return {
                name
                for name in OrganizationFacts.model_fields
                if hasattr(row, name) and getattr(row, name) != getattr(organization, name)
            }
    return set()


def _replaced(former: Any, row: Any) -> list[Replaced]:
    compared = ((label, say(former), say(row)) for label, say in _STATED)
    return [Replaced(label, before, after) for label, before, after in compared if before != after]


def _labels(choices: type[Attribute | Capacity], values: Iterable[str]) -> str:
    return "、".join(str(choices(value).label) for value in values)


_STATED: list[tuple[str | Promise, Callable[[Any], str]]] = [
    (_("名称"), lambda row: row.name),
    (_("法人类别"), lambda row: row.get_legal_kind_display()),
    (_("证件"), lambda row: f"{row.get_identifier_scheme_display()} {row.identifier}"),
    (_("身份"), lambda row: _labels(Capacity, row.capacities)),
    (_("属性"), lambda row: _labels(Attribute, row.attributes)),
    (_("所在地"), lambda row: " ".join(str(p) for p in (row.city, row.district, row.seat) if p)),
    (_("注册地址"), lambda row: row.address),
]
