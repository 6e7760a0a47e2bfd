"""What the site holds of a person, and what becomes of it when the account is closed.

Apps above add their parts in ``AppConfig.ready``: ``register`` what they hold, so that an export
is whole; ``register_objection`` a reason why somebody cannot go yet; ``register_eraser`` what to
remove or to make nameless when somebody goes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.models import User
from common.actor import Actor

# Values that JSON has, dates and times included.
Provider = Callable[[User], Any]
# A sentence with the way out, or None.
Objection = Callable[[User], "str | None"]
# In the transaction that closes the account, after all objections were asked.
Eraser = Callable[[User, Actor], None]

_providers: dict[str, Provider] = {}
_objections: list[Objection] = []
_erasers: list[Eraser] = []


def register(name: str, provider: Provider) -> None:
    """``name``: the key of the part in the exported file."""
    _providers[name] = provider


def register_objection(objection: Objection) -> None:
    if objection not in _objections:
        _objections.append(objection)


def register_eraser(eraser: Eraser) -> None:
    if eraser not in _erasers:
        _erasers.append(eraser)


def everything_of(person: User) -> dict[str, Any]:
    """All parts by name, those of the lower apps first."""
    return {name: provide(person) for name, provide in _providers.items()}


def objections_to_closing(person: User) -> list[str]:
    """Why the account cannot be closed now; empty when it can."""
    return [reason for each in _objections if (reason := each(person))]


def erase(person: User, actor: Actor) -> None:
    for each in _erasers:
        each(person, actor)
