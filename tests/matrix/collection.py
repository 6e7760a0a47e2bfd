"""All cases of all nouns."""

from __future__ import annotations

from functools import cache
from types import ModuleType

from tests.matrix.case import Case
from tests.matrix.cases import (
    accounts,
    admin_site,
    administration,
    api,
    applications,
    catalogue,
    facts,
    organizations,
    records,
)

PAGES = (
    *(facts, records, applications, catalogue),
    *(organizations, administration, accounts, admin_site),
)
NOUNS = (*PAGES, api)


@cache
def all_cases() -> list[Case]:
    found = cases_of(*NOUNS)
    names = [case.name for case in found]
    assert len({*names}) == len(names), sorted(name for name in names if names.count(name) > 1)
    return found


def cases_of(*nouns: ModuleType) -> list[Case]:
    return [case for noun in nouns for case in noun.cases()]
