"""The life of an organization on the platform."""

from lifecycle.transitions import Lifecycle, Transition, register
from organizations.enums import OrganizationState as State
from organizations.models import Organization

LIFECYCLE = register(
    Organization,
    Lifecycle(
        (
            Transition(
                "verify",
                frozenset({State.SUBMITTED, State.SUSPENDED}),
                State.VERIFIED,
                "organizations.verify",
                "核验通过",
            ),
            Transition(
                "suspend",
                frozenset({State.VERIFIED}),
                State.SUSPENDED,
                "organizations.suspend",
                "暂停",
            ),
        )
    ),
)
