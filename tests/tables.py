"""State × role × transition: what a noun's lifecycle must do, checked the same way for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from audit.models import AuditEvent
from common.actor import Actor
from common.errors import Conflict, Forbidden
from lifecycle.services import advance, available
from lifecycle.transitions import Lifecycle
from outbox.models import Message


def written(rows: models.QuerySet[Any]) -> tuple[dict[str, Any], int, int]:
    """The one row as it stands, and how many events and messages there are."""
    return rows.values().get(), AuditEvent.objects.count(), Message.objects.count()


def _nothing(name: str) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Table:
    """Typed by hand beside the noun's own: ``steps`` lead from (state, name) to the target.

    ``holders``: the roles that may take each step. ``given``: what ``advance`` is handed beside
    record, name and actor. ``barred``: by state, the roles that hold nothing then.
    """

    model: type[models.Model]
    lifecycle: Lifecycle
    holders: Mapping[str, Collection[str]]
    steps: Mapping[tuple[str, str], str]
    given: Callable[[str], dict[str, Any]] = _nothing
    barred: Mapping[str, Collection[str]] = field(default_factory=dict)

    def assert_complete(self) -> None:
        transitions = self.lifecycle.transitions
        assert set(self.holders) == {each.name for each in transitions}
        assert set(self.steps) == {
            (source, each.name) for each in transitions for source in each.sources
        }

    def assert_followed(self, record: models.Model, actor: Actor, role: str, name: str) -> None:
        """In every state the step is offered and taken, or refused without a trace."""
        rows = self.model._default_manager.filter(pk=record.pk)
        states = [value for value, _ in self.model._meta.get_field("state").flatchoices]
        for state in states:
            rows.update(state=state)
            mine = rows.get()
            holds = role in self.holders[name] and role not in self.barred.get(state, ())
            target = self.steps.get((state, name)) if holds else None
            offered = {each.name for each in available(mine, actor)}
            assert (name in offered) is (target is not None), state
            before = written(rows)
            given = self.given(name)
            if target is None:
                with pytest.raises(Conflict if holds else Forbidden):
                    advance(mine, name, actor, **given)
                assert written(rows) == before, state
                continue
            assert advance(mine, name, actor, **given).state == target
            self._assert_told(rows, before, state, target, name, given)

    def _assert_told(
        self,
        rows: models.QuerySet[Any],
        before: tuple[dict[str, Any], int, int],
        state: str,
        target: str,
        name: str,
        given: dict[str, Any],
    ) -> None:
        """The row changed in what the step says alone, with one event and one message."""
        row, *counts = written(rows)
        values = given.get("values", {})
        assert row["state"] == target
        assert counts == [before[1] + 1, before[2] + 1]
        changed = {key for key in row if row[key] != before[0][key]}
        assert {"state"} <= changed <= {"state", "updated_at", *values}
        event, message = AuditEvent.objects.latest("id"), Message.objects.latest("id")
        reason = {"reason": given["reason"]} if "reason" in given else {}
        told = json.loads(json.dumps({**reason, **values}, cls=DjangoJSONEncoder))
        label = self.model._meta.label_lower
        assert event.details == {"from": state, "to": target, "details": told}
        assert event.verb == message.topic == f"{label}.{name}"
        assert message.key == f"{label}:{row['id']}"
        assert message.payload == {"id": row["id"], "details": told}
