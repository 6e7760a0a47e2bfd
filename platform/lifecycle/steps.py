"""The verbs of a noun by the names of its transitions, for the buttons and addresses of doors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from common.actor import Actor
from common.errors import NotFound
from common.models import PublicModel, refuse_stale
from lifecycle.services import available
from lifecycle.transitions import Transition, lifecycle_of

M = TypeVar("M", bound=PublicModel)

UNREAD = "这条记录在您打开之后改动过，请先查看当前内容再决定。"


@dataclass(frozen=True)
class Steps:
    """``verbs`` take the record by the keyword ``noun``; what needs more is a form of its own."""

    noun: str
    verbs: Mapping[str, Callable[..., Any]]

    def take(
        self,
        name: str,
        record: M,
        actor: Actor,
        *,
        reason: str = "",
        unchanged_since: datetime | None = None,
    ) -> None:
        """Carry out one step. ``unchanged_since``: the ``updated_at`` of what the actor has read.

        Raises NotFound for an unknown name, Conflict when the record was changed since, under
        its lock, else what the verb raises.
        """
        verb = self.verbs.get(name)
        if verb is None:
            raise NotFound("没有这个操作。")
        given: dict[str, Any] = {self.noun: record, "actor": actor}
        if lifecycle_of(record).get(name).needs_reason:
            given["reason"] = reason
        with transaction.atomic():
            rows = type(record)._base_manager.select_for_update(of=("self",))
            if locked := rows.filter(pk=record.pk).first():
                refuse_stale(locked, unchanged_since, UNREAD)
            verb(**given)

    def open_to(self, record: PublicModel, actor: Actor) -> list[Transition]:
        """What ``actor`` may do to the record as it stands, in the table's order."""
        return [each for each in available(record, actor) if each.name in self.verbs]
