"""``advance()``, the only place that writes a state, and ``available()``, which feeds buttons."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models, transaction

from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden, NotFound
from common.permissions import may
from lifecycle.news import announce
from lifecycle.transitions import Transition, lifecycle_of, state_labels

M = TypeVar("M", bound=models.Model)


def advance(obj: M, name: str, actor: Actor, *, details: dict[str, Any] | None = None) -> M:
    """Carry out the transition ``name`` on ``obj``, whose state is updated; returns ``obj``.

    Locks the row, then judges state, permission and guard on what is locked, so that of two
    people who decide at once one wins and the other is told. State, audit event and the message
    ``<app>.<model>.<name>`` (payload: ``id``, ``details``) are written in one transaction.

    Raises NotFound, Forbidden, Conflict (state changed meanwhile, or does not allow the step), or
    what the guard raises; then nothing is written.
    """
    actor = require_actor(actor)
    lifecycle = lifecycle_of(obj)
    transition = lifecycle.get(name)
    model = type(obj)
    written = [lifecycle.field, *_stamped(model)]
    with transaction.atomic():
        locked = model._base_manager.select_for_update(of=("self",)).filter(pk=obj.pk).first()
        if locked is None:
            raise NotFound("这条记录已不存在。")
        if not _allows(transition, actor, locked):
            raise Forbidden(f"您没有“{transition.label}”的权限。")
        state = getattr(locked, lifecycle.field)
        if state not in transition.sources:
            label = state_labels(model, lifecycle.field)[state]
            raise Conflict(f"当前状态为“{label}”，不能“{transition.label}”。请刷新后再试。")
        if transition.guard is not None:
            transition.guard(locked)
        setattr(locked, lifecycle.field, transition.target)
        locked.save(update_fields=written)
        change = {"from": state, "to": transition.target, "details": details or {}}
        announce(locked, name, actor, recorded=change, told={"details": details or {}})
    for field in written:
        setattr(obj, field, getattr(locked, field))
    return obj


def available(obj: models.Model, actor: Actor) -> list[Transition]:
    """The transitions open to ``actor`` in the state of ``obj``, in the table's order.

    Guards are not asked: a step that lacks something stays visible and, when tried, says what.
    """
    lifecycle = lifecycle_of(obj)
    state = getattr(obj, lifecycle.field)
    return [
        transition
        for transition in lifecycle.transitions
        if state in transition.sources and _allows(transition, actor, obj)
    ]


def _allows(transition: Transition, actor: Actor, obj: models.Model) -> bool:
    return may(transition.permission, actor, obj)


def _stamped(model: type[models.Model]) -> list[str]:
    return ["updated_at"] if any(f.name == "updated_at" for f in model._meta.fields) else []
