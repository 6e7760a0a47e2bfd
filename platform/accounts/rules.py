"""Who works for an authority, and what they may do to accounts."""

from __future__ import annotations

from rules.predicates import Predicate

from accounts.enums import Duty
from accounts.models import User
from common.actor import Actor, ActorKind
from common.permissions import allow, predicate


def holding(duty: Duty) -> Predicate:
    """The platform itself, and whoever has the duty, wherever it reaches."""

    @predicate
    def holds(actor: Actor) -> bool:
        return actor.holds(duty)

    return holds


is_system_administrator = holding(Duty.SYSTEM)
is_content_administrator = holding(Duty.CONTENT)
is_catalogue_administrator = holding(Duty.CATALOGUE)
is_audit_administrator = holding(Duty.AUDIT)


@predicate
def is_administrator(actor: Actor) -> bool:
    """Has any duty for an authority: sees the way to it, and by this alone nothing else."""
    return any(actor.holds(duty) for duty in Duty)


@predicate
def is_platform(actor: Actor) -> bool:
    return actor.is_system


@predicate
def is_oneself(actor: Actor, person: User | None = None) -> bool:
    """Signed in as the person; what runs with a token is not the person's own hand."""
    return actor.kind is ActorKind.PERSON and person is not None and actor.user_id == person.pk


allow("accounts.create", is_system_administrator)
# Nobody takes over the account of somebody else; the platform's operator may on the machine.
allow("accounts.set_password", is_platform)
allow("accounts.reset_second_factor", is_platform)
allow("accounts.consent", is_oneself)
allow("accounts.edit", is_oneself | is_platform)
allow("accounts.end_session", is_oneself | is_platform)
allow("accounts.export", is_oneself | is_platform)
allow("accounts.close", is_oneself | is_platform)
