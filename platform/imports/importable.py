"""The nouns that can be imported; apps register theirs in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import QuerySet

from common.errors import NotFound
from common.facts import Facts
from imports.columns import Column
from imports.models import ImportedFile
from organizations.enums import Capacity
from organizations.models import Organization


class Insert(Protocol):
    """The noun's verb that takes over checked rows; returns how many."""

    def __call__(
        self, *, rows: list[tuple[Organization, Any]], source: ImportedFile, publish: bool
    ) -> int: ...


class Existing(Protocol):
    """Records of these organizations, with ``reference`` and ``name``."""

    def __call__(self, organizations: list[Organization]) -> QuerySet[Any]: ...


@dataclass(frozen=True)
class Importable:
    """``kind`` is the word of the command line, ``permission`` a rule without object.

    ``capacity`` is what an organization must have stated that it comes for;
    ``partners``: the field, if any, that holds credit codes of further organizations;
    ``obstacle`` says by field what keeps facts from being published, nothing if nothing does.
    """

    kind: str
    title: str
    permission: str
    capacity: Capacity
    facts: type[Facts]
    columns: tuple[Column, ...]
    insert: Insert
    existing: Existing
    partners: str = ""
    obstacle: Callable[[Any], dict[str, str]] = lambda _: {}


_importables: dict[str, Importable] = {}


def register(importable: Importable) -> Importable:
    _importables[importable.kind] = importable
    return importable


def importable(kind: str) -> Importable:
    """Raises NotFound."""
    try:
        return _importables[kind]
    except KeyError:
        raise NotFound(f"没有“{kind}”这种可导入的内容，可选：{'、'.join(kinds())}。") from None


def kinds() -> list[str]:
    return sorted(_importables)
