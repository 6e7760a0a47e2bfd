"""Two rivals and everybody who may come to the door; what each of them may be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.models import User
from audit.models import AuditEvent
from common.actor import Actor
from organizations.models import Organization
from tests.matrix.cells import Caller

SIDES = ("own", "rival")
ABSENT = UUID("019a0000-0000-7000-8000-000000000000")
# Everybody who knocks. Viewer, editor and owner belong to one organization, ``rival`` owns the
# other; ``unverified`` has not shown that the address is theirs; ``operator`` acts for an
# authority by delegation; ``elsewhere`` is in charge of another city; ``issuer`` and
# ``catalogue`` issue one catalogue each; ``system`` keeps accounts in the city, ``province``
# everywhere.
ACTORS = (
    *("visitor", "unverified", "newcomer", "viewer", "editor", "owner", "rival", "expert"),
    *("content", "elsewhere", "operator", "issuer", "catalogue", "system", "province", "audit"),
)
# Tokens of the own organization: one reads, one also writes.
PROGRAMS = ("reading", "writing")
MEMBERS = {"own": {"viewer", "editor", "owner", *PROGRAMS}, "rival": {"rival"}}
EDITORS = {"own": {"editor", "owner"}, "rival": {"rival"}}

# What the audit log names: every object, by the name that it has.
LOG = {"audit"}

# Who may read the private words of each kind: on each side, and of neither. Whoever else is told
# one, on whatever page, has found a leak.
READERS: dict[str, tuple[dict[str, set[str]], set[str]]] = {
    "record": (MEMBERS, {"content", "operator", *LOG}),
    "product": (MEMBERS, {"content", "operator", "issuer", "catalogue", *LOG}),
    "application": (MEMBERS, set()),
    "organization": (MEMBERS, {"content", "operator"}),
    "evidence": (MEMBERS, {"content", "operator"}),
    "amendment": (MEMBERS, {"content", "operator"}),
    "joining": ({"own": {"owner", "newcomer"}, "rival": {"rival"}}, {"system", "province"}),
    "token": (EDITORS, {*LOG}),
    "notice": ({"own": {"owner"}, "rival": {"rival"}}, set()),
    "interest": ({"own": {"expert"}, "rival": set()}, {"content", "elsewhere", "operator"}),
    "device": ({"own": {"owner"}, "rival": {"rival"}}, {"system", "province"}),
}


def canary(kind: str, side: str) -> str:
    return f"canary{kind}{side}x7q"


def strangers_words(actor: str) -> list[str]:
    """The private words that the actor must never be told."""
    return [
        canary(kind, side)
        for kind, (members, readers) in READERS.items()
        for side in SIDES
        if actor not in members[side] | readers
    ]


@dataclass
class World:
    """``records[kind][side]``: what a request is about, by kind and state (``scenario draft``)."""

    organizations: dict[str, Organization] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    callers: dict[str, Caller] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, kind: str, make: Callable[[str], Any]) -> None:
        self.records[kind] = {side: make(side) for side in SIDES}

    def at_the_door(self, *, of_api: bool) -> tuple[str, ...]:
        """Programs knock at the API alone."""
        return (*ACTORS, *PROGRAMS) if of_api else ACTORS

    def editor(self, side: str) -> Actor:
        return Actor.of(self.people["editor" if side == "own" else "rival"])

    def owner(self, side: str) -> Actor:
        return Actor.of(self.people["owner" if side == "own" else "rival"])

    def event_of(self, kind: str, side: str) -> AuditEvent:
        """What the audit log first says of the record."""
        record = self.records[kind][side]
        events = AuditEvent.objects.filter(
            object_type=record._meta.label_lower, object_id=record.pk
        )
        return events.order_by("pk")[0]
