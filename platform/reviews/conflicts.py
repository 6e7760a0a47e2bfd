"""Whether an expert may judge an organization: interests and a day in, conflicts out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from organizations.enums import IdentifierScheme
from reviews.enums import InterestKind
from reviews.facts import InterestFacts

# 平台默认: no clause of the policy texts says how long a tie counts after it has ended. A family
# tie counts while it lasts.
YEARS_AFTER: Mapping[InterestKind, int] = {
    InterestKind.EMPLOYER: 3,
    InterestKind.SHAREHOLDING: 3,
    InterestKind.DIRECTORSHIP: 3,
    InterestKind.FAMILY: 0,
}


@dataclass(frozen=True)
class Party:
    """An organization as conflicts know it."""

    scheme: IdentifierScheme
    identifier: str
    name: str = ""


@dataclass(frozen=True)
class Conflict:
    """``by_name``: the interest has no identifier to compare, so a person should look."""

    interest: InterestFacts
    by_name: bool
    has_ended: bool


def conflicts(interests: Iterable[InterestFacts], organization: Party, on: date) -> list[Conflict]:
    """Those interests that count against judging ``organization`` on that day, in their order.

    The last day of a tie and the same day three years later both count. An identifier of the
    same scheme decides alone; without one, names that look alike do.
    """
    return [
        Conflict(
            each,
            by_name=not _comparable(each, organization),
            has_ended=each.until is not None and each.until < on,
        )
        for each in interests
        if _is_tie_to(each, organization) and _counts(each, on)
    ]


def years_before(day: date, years: int) -> date:
    """29 February becomes the 28th in a common year."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _counts(interest: InterestFacts, on: date) -> bool:
    if interest.since is not None and interest.since > on:
        return False
    if interest.until is None:
        return True
    return interest.until >= years_before(on, YEARS_AFTER[interest.kind])


def _is_tie_to(interest: InterestFacts, organization: Party) -> bool:
    if _comparable(interest, organization):
        return interest.identifier == organization.identifier
    return bool(organization.name) and _alike(interest.name) == _alike(organization.name)


def _alike(name: str) -> str:
    """Without what people vary: width, capitals, spaces and brackets."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name)).casefold()


def _comparable(interest: InterestFacts, organization: Party) -> bool:
    known = interest.identifier and organization.identifier
    return bool(known) and interest.scheme == organization.scheme
