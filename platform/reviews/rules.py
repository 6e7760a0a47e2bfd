"""Who appoints experts, and who states what about them."""

from accounts.rules import is_content_administrator, is_system_administrator
from common.actor import Actor, ActorKind
from common.permissions import allow, predicate
from reviews.models import ExpertProfile


@predicate
def is_the_expert(actor: Actor, expert: ExpertProfile) -> bool:
    """The person, not a program of theirs, and as long as the appointment lasts."""
    own = actor.kind is ActorKind.PERSON and expert.user_id == actor.user_id
    return own and expert.is_active


@predicate
def is_oneself(actor: Actor, expert: ExpertProfile) -> bool:
    return expert.user_id == actor.user_id


appoints = is_content_administrator | is_system_administrator

allow("reviews.appoint", appoints)
# Nobody decides about his own appointment.
allow("reviews.end", appoints & ~is_oneself)
allow("reviews.set_expertise", is_the_expert)
# Nobody else can know them, and nobody else answers for them.
allow("reviews.declare", is_the_expert)
