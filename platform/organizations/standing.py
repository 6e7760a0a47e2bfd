"""What keeps records of an organization from being published: it is not verified, or never stated
that it comes for this.
"""

from __future__ import annotations

from common.errors import Conflict
from organizations.enums import Capacity, OrganizationState
from organizations.models import Organization

UNVERIFIED = "尚未通过核验"


def obstacle(organization: Organization, capacity: Capacity) -> str:
    """Words to follow its name; none when there is nothing in the way."""
    if organization.state != OrganizationState.VERIFIED:
        return UNVERIFIED
    return "" if capacity in organization.capacities else _without(capacity)


def require_standing(organization: Organization, capacity: Capacity, *, called: str) -> None:
    """``called`` is what readers know the organization as. Raises Conflict, with the way out."""
    if organization.state != OrganizationState.VERIFIED:
        raise Conflict(f"{called}{UNVERIFIED}，核验通过后才能发布。")
    require_capacity(organization, capacity, called=called)


def require_capacity(organization: Organization, capacity: Capacity, *, called: str) -> None:
    """As ``require_standing``, for what may be prepared before anybody has verified it."""
    if capacity not in organization.capacities:
        raise Conflict(f"{called}{_without(capacity)}，请先在单位资料里选上。")


def _without(capacity: Capacity) -> str:
    return f"登记的身份里没有“{capacity.label}”"
