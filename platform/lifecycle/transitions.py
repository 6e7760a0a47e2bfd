"""The lifecycle of a noun as a table of transitions; each app states its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core import checks
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rules.permissions import perm_exists

# Receives the locked object; raises a DomainError that says why the step is not possible now.
Guard = Callable[[Any], None]


@dataclass(frozen=True)
class Transition:
    """One step: allowed from ``sources`` to ``target`` for whoever holds ``permission``.

    ``permission`` is the name of a rule that receives (actor, object). With ``needs_reason`` the
    step is refused until whoever takes it says why; the parties are told. ``is_final``: no step
    leads back, so doors for people ask once more.
    """

    name: str
    sources: frozenset[str]
    target: str
    permission: str
    label: str
    guard: Guard | None = None
    needs_reason: bool = False
    is_final: bool = False


WRITING: Mapping[str, str | Promise] = {"create": _("创建"), "change": _("修改")}


@dataclass(frozen=True)
class Lifecycle:
    """All transitions of a model; ``field`` holds its state.

    ``writing``: what its history calls the verbs that write a record without moving its state.
    """

    transitions: tuple[Transition, ...]
    field: str = "state"
    writing: Mapping[str, str | Promise] = dataclasses.field(default_factory=lambda: WRITING)

    def get(self, name: str) -> Transition:
        """Raises KeyError for a name that the table does not hold: a fault of the caller."""
        for transition in self.transitions:
            if transition.name == name:
                return transition
        raise KeyError(f"no transition named {name!r}")


_lifecycles: dict[type[models.Model], Lifecycle] = {}


def register(model: type[models.Model], lifecycle: Lifecycle) -> Lifecycle:
    """Bind a table to its model; checks that its states exist among the field's choices."""
    names = [transition.name for transition in lifecycle.transitions]
    if len(names) != len(set(names)):
        raise ValueError(f"{model.__name__}: a transition is named twice in {names}")
    states = state_labels(model, lifecycle.field)
    for transition in lifecycle.transitions:
        unknown = (transition.sources | {transition.target}) - set(states)
        if unknown:
            raise ValueError(f"{model.__name__}.{transition.name}: unknown states {unknown}")
    _lifecycles[model] = lifecycle
    return lifecycle


def state_labels(model: type[models.Model], field: str) -> dict[str, str]:
    """What readers call each state."""
    described = model._meta.get_field(field)
    assert isinstance(described, models.Field)  # noqa: S101 (narrows the type)
    return {str(value): str(label) for value, label in described.flatchoices}


def lifecycle_of(obj: models.Model) -> Lifecycle:
    return _lifecycles[type(obj)]


def lifecycle_for(model: type[models.Model]) -> Lifecycle | None:
    """None for what has no process."""
    return _lifecycles.get(model)


def check_permissions(**_: Any) -> list[checks.CheckMessage]:
    """A system check: a misspelt permission would refuse everybody, silently and for ever."""
    return [
        checks.Error(
            f"{model.__name__}.{transition.name}: no rule sets {transition.permission}.",
            id="lifecycle.E001",
        )
        for model, lifecycle in _lifecycles.items()
        for transition in lifecycle.transitions
        if not perm_exists(transition.permission)  # type: ignore[no-untyped-call]
    ]
