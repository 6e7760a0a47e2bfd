"""Choosing concepts: a picker of hundreds in groups, and names typed with suggestions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from taxonomy.enums import ConceptStatus
from taxonomy.models import Concept, Scheme
from taxonomy.queries import concepts
from taxonomy.vocabulary import Vocabulary


@dataclass(frozen=True)
class Branch:
    """A field with its sub-industries, or a concept that stands alone."""

    concept: Concept
    narrower: Sequence[Concept]


@dataclass(frozen=True)
class Group:
    """The concepts of one scheme; ``chosen`` of them are ticked."""

    scheme: Scheme
    branches: Sequence[Branch]
    chosen: int


@dataclass(frozen=True)
class Picker:
    """What the picker shows: ``codes`` are ticked, of which ``retired`` cannot be saved."""

    groups: Sequence[Group]
    codes: Collection[str]
    retired: Sequence[Concept]
    maximum: int


def concept_picker(codes: Collection[str], *, maximum: int) -> Picker:
    """Every concept by scheme and field, with those of ``codes`` ticked."""
    known = list(concepts(with_retired=True))
    usable = [each for each in known if _is_usable(each)]
    return Picker(
        [
            _group(scheme, list(members), codes)
            for scheme, members in groupby(usable, key=lambda each: each.scheme)
        ],
        codes,
        [each for each in known if each.code in codes and not _is_usable(each)],
        maximum,
    )


def _is_usable(concept: Concept) -> bool:
    """Whether ``Vocabulary`` lets records be tagged with it."""
    return (
        concept.retired_in_id is None
        and concept.scheme.retired_in_id is None
        and concept.status != ConceptStatus.RETIRED
    )


def _group(scheme: Scheme, members: Sequence[Concept], codes: Collection[str]) -> Group:
    own = {each.pk for each in members}
    narrower: dict[int, list[Concept]] = {}
    for each in members:
        if each.broader_id in own:
            narrower.setdefault(each.broader_id, []).append(each)
    branches = [
        Branch(each, narrower.get(each.pk, [])) for each in members if each.broader_id not in own
    ]
    return Group(scheme, branches, sum(each.code in codes for each in members))


class ConceptNameField(forms.CharField):
    """A concept by any of its names, as ``Vocabulary`` knows them; cleans to its code.

    The form that has one gives it the ``vocabulary``.
    """

    vocabulary: Vocabulary

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": "concept-names", "autocomplete": "off"})
        super().__init__(widget=widget, **{"required": False, **kwargs})

    def shown(self, code: str | None) -> str:
        """What somebody would type for the concept; a code that is no longer in use stays."""
        return self.vocabulary.titles.get(code, code) if code else ""

    def clean(self, value: Any) -> str | None:
        text = str(super().clean(value))
        if not text:
            return None
        try:
            return self.vocabulary.concept(text)
        except ValueError as error:
            raise ValidationError(str(error), code="concept") from None
