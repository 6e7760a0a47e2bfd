"""What readers want a record to say, so that its authors see what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from common.facts import Facts


@dataclass(frozen=True)
class Wanted:
    """``fields`` of the facts, any of which will do; ``why`` says who wants it for what."""

    fields: tuple[str, ...]
    label: Promise
    why: Promise


def missing(facts: Facts, wanted: Iterable[Wanted]) -> list[Wanted]:
    """Those of ``wanted`` of which the facts state nothing; nought is a statement."""
    return [
        each
        for each in wanted
        if all(getattr(facts, field) in (None, "", []) for field in each.fields)
    ]
