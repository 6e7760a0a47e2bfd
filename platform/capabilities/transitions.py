"""A capability needs no review: its organization was verified, and may take it back."""

from capabilities.enums import CapabilityState as State
from capabilities.models import Capability
from lifecycle.transitions import Lifecycle, Transition, register
from organizations.enums import Capacity
from organizations.standing import require_standing


def may_be_published(capability: Capability) -> None:
    require_standing(capability.organization, Capacity.SUPPLY, called="组织")


LIFECYCLE = register(
    Capability,
    Lifecycle(
        (
            Transition(
                "publish",
                frozenset({State.DRAFT, State.WITHDRAWN}),
                State.PUBLISHED,
                "capabilities.publish",
                "发布",
                guard=may_be_published,
            ),
            Transition(
                "withdraw",
                frozenset({State.PUBLISHED}),
                State.WITHDRAWN,
                "capabilities.withdraw",
                "下架",
            ),
        )
    ),
)
