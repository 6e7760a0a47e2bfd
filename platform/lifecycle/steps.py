"""The verbs of a noun by the names of its transitions, for the buttons and addresses of doors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from common.actor import Actor
from common.errors import NotFound
from lifecycle.services import available
from lifecycle.transitions import Transition, lifecycle_of


@dataclass(frozen=True)
class Steps:
    """``verbs`` take the record by the keyword ``noun``; what needs more is a form of its own."""

    noun: str
    verbs: Mapping[str, Callable[..., Any]]

    def take(self, name: str, record: models.Model, actor: Actor, *, reason: str = "") -> None:
        """Carry out one step; raises NotFound for an unknown name, else what the verb raises."""
        verb = self.verbs.get(name)
        if verb is None:
            raise NotFound("没有这个操作。")
        given: dict[str, Any] = {self.noun: record, "actor": actor}
        if lifecycle_of(record).get(name).needs_reason:
            given["reason"] = reason
        verb(**given)

    def open_to(self, record: models.Model, actor: Actor) -> list[Transition]:
        """What ``actor`` may do to the record as it stands, in the table's order."""
        return [each for each in available(record, actor) if each.name in self.verbs]
