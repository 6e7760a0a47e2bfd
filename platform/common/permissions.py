"""``rules`` with types: predicates that receive an actor and an object, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rules
from rules.predicates import Predicate

from common.actor import Actor


def predicate(check: Callable[..., bool]) -> Predicate:
    """A condition on an actor and an object; combines with others by ``&``, ``|`` and ``~``."""
    return Predicate(check)


def allow(permission: str, condition: Predicate) -> None:
    """State who holds ``permission``; what nobody stated, nobody holds."""
    rules.add_perm(permission, condition)  # type: ignore[attr-defined,no-untyped-call]


def may(permission: str, actor: Actor, obj: Any = None) -> bool:
    """A token is asked first whether it was given the permission, then as its maker would be."""
    if actor.permissions is not None and permission not in actor.permissions:
        return False
    return bool(rules.has_perm(permission, actor, obj))  # type: ignore[attr-defined,no-untyped-call]
