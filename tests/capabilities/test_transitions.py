"""Every state × role × transition of a capability."""

import dataclasses

import pytest

from capabilities.models import Capability
from capabilities.services import publish_capability
from capabilities.transitions import LIFECYCLE
from common.actor import Actor, ActorKind
from common.errors import Conflict
from organizations.models import Organization
from organizations.services import suspend_organization, verify_organization
from tests.records import SYSTEM, make_capability, make_member, make_organization
from tests.tables import Table, written

pytestmark = pytest.mark.django_db

SUPPLIERS = {"editor", "owner"}
ADMINISTRATORS = {"administrator", "superuser", "system"}
HOLDERS = {"publish": SUPPLIERS, "withdraw": SUPPLIERS | ADMINISTRATORS}
STEPS = {
    ("draft", "publish"): "published",
    ("withdrawn", "publish"): "published",
    ("published", "withdraw"): "withdrawn",
}
ROLES = ("visitor", "stranger", "viewer", *sorted(SUPPLIERS | ADMINISTRATORS))


def actor_of(role: str, supplier: Organization) -> Actor:
    if role == "visitor":
        return Actor(ActorKind.VISITOR)
    if role == "system":
        return SYSTEM
    if role in {"stranger", "administrator", "superuser"}:
        stranger = make_member(make_organization(), "owner")
        roles = frozenset({role}) - {"stranger"}
        return dataclasses.replace(stranger, roles=roles)
    return make_member(supplier, role)


TABLE = Table(Capability, LIFECYCLE, HOLDERS, STEPS)


def test_table_of_this_test_is_complete() -> None:
    TABLE.assert_complete()


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize("role", ROLES)
def test_transitions_follow_the_table(role: str, name: str) -> None:
    supplier = make_organization()
    actor = actor_of(role, supplier)

    TABLE.assert_followed(make_capability(supplier, published=False), actor, role, name)


@pytest.mark.parametrize("supplier_state", ["submitted", "suspended"])
def test_supplier_that_is_not_verified_publishes_nothing(supplier_state: str) -> None:
    supplier = make_organization(verified=False)
    editor = make_member(supplier)
    capability = make_capability(supplier, published=False)
    if supplier_state == "suspended":
        verify_organization(organization=supplier, actor=SYSTEM)
        suspend_organization(organization=supplier, actor=SYSTEM)
    before = written(Capability.objects.filter(pk=capability.pk))

    with pytest.raises(Conflict, match="尚未通过核验"):
        publish_capability(capability=capability, actor=editor)
    assert written(Capability.objects.filter(pk=capability.pk)) == before

    verify_organization(organization=supplier, actor=SYSTEM)
    assert publish_capability(capability=capability, actor=editor).state == "published"
