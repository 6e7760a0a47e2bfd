"""``advance()``, the only place that writes a state, and ``available()``, which feeds buttons."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models, transaction

from audit.digests import digest_of
from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden, InvalidInput, NotFound
from common.permissions import may
from common.text import clean_text
from lifecycle.news import announce
from lifecycle.transitions import Transition, lifecycle_of, state_labels

M = TypeVar("M", bound=models.Model)

LONGEST_REASON = 2000


def advance(
    obj: M, name: str, actor: Actor, *, reason: str = "", values: dict[str, Any] | None = None
) -> M:
    """Carry out the transition ``name`` on ``obj``, whose state is updated; returns ``obj``.

    Locks the row, then judges state, permission and guard on what is locked, so that of two
    people who decide at once one wins and the other is told. State, ``values`` (columns that the
    step fills, already checked), audit event and the message ``<app>.<model>.<name>`` (payload:
    ``id``, ``details``, which hold reason and values) are written in one transaction.

    Raises NotFound, Forbidden, Conflict (state changed meanwhile, or does not allow the step),
    InvalidInput (no reason where one is needed), or what the guard raises, which sees the values;
    then nothing is written.
    """
    actor = require_actor(actor)
    lifecycle = lifecycle_of(obj)
    transition = lifecycle.get(name)
    model = type(obj)
    filled = values or {}
    written = [lifecycle.field, *filled, *_stamped(model)]
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
        said, before = _reason(transition, reason), digest_of(locked)
        for field, value in filled.items():
            setattr(locked, field, value)
        if transition.guard is not None:
            transition.guard(locked)
        setattr(locked, lifecycle.field, transition.target)
        locked.save(update_fields=written)
        details = ({"reason": said} if said else {}) | filled
        change = {"from": state, "to": transition.target, "details": details}
        announce(locked, name, actor, recorded=change, told={"details": details}, before=before)
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


def _reason(transition: Transition, text: str) -> str:
    try:
        reason = clean_text(text)
    except ValueError as error:
        raise _refused_reason(f"{error}。") from None
    if len(reason) > LONGEST_REASON:
        raise _refused_reason(f"理由最多 {LONGEST_REASON} 个字。")
    if transition.needs_reason and not reason:
        raise _refused_reason(f"“{transition.label}”须说明理由。")
    return reason


def _refused_reason(message: str) -> InvalidInput:
    return InvalidInput(message, fields={"reason": [message]})


def _allows(transition: Transition, actor: Actor, obj: models.Model) -> bool:
    return may(transition.permission, actor, obj)


def _stamped(model: type[models.Model]) -> list[str]:
    return ["updated_at"] if any(f.name == "updated_at" for f in model._meta.fields) else []
