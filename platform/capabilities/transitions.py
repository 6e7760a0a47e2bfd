"""A capability needs no review: its organization was verified, and may take it back."""

from capabilities.enums import CapabilityState as State
from capabilities.models import Capability
from common.errors import Conflict
from lifecycle.transitions import Lifecycle, Transition, register
from organizations.enums import OrganizationState


def supplier_is_verified(capability: Capability) -> None:
    if capability.organization.state != OrganizationState.VERIFIED:
        raise Conflict("组织尚未通过核验，核验通过后才能发布能力。")


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
                guard=supplier_is_verified,
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
