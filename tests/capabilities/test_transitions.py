"""Every state × role × transition of a capability."""

import pytest

from capabilities.models import Capability
from capabilities.services import publish_capability
from capabilities.transitions import LIFECYCLE
from common.actor import Actor, ActorKind
from common.errors import Conflict
from organizations.models import Organization
from organizations.services import suspend_organization, verify_organization
from tests.records import SYSTEM, let_act, make_capability, make_member, make_organization
from tests.roles import ADMINISTRATORS, AT_NANSHA, OVERSEERS, make_role, with_role
from tests.tables import Table, written

pytestmark = pytest.mark.django_db

SUPPLIERS = {"editor", "owner"}
IN_CHARGE = {*OVERSEERS, "system", "viewing administrator"}
HOLDERS = {"publish": SUPPLIERS, "withdraw": SUPPLIERS | IN_CHARGE}
STEPS = {
    ("draft", "publish"): "published",
    ("withdrawn", "publish"): "published",
    ("published", "withdraw"): "withdrawn",
}
ROLES = sorted({"visitor", "stranger", "viewer", *ADMINISTRATORS} | SUPPLIERS | IN_CHARGE)


def actor_of(role: str, supplier: Organization) -> Actor:
    if role == "visitor":
        return Actor(ActorKind.VISITOR)
    if role == "system":
        return SYSTEM
    if role in ADMINISTRATORS:
        return make_role(role)
    if role == "stranger":
        return make_member(make_organization(), "owner")
    if role == "viewing administrator":
        return with_role(make_member(supplier, "viewer"), "administrator")
    return make_member(supplier, role)


TABLE = Table(Capability, LIFECYCLE, HOLDERS, STEPS)


def test_table_of_this_test_is_complete() -> None:
    TABLE.assert_complete()


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize("role", ROLES)
def test_transitions_follow_the_table(role: str, name: str) -> None:
    supplier = make_organization(**AT_NANSHA)
    actor = actor_of(role, supplier)

    TABLE.assert_followed(make_capability(supplier, published=False), actor, role, name)


@pytest.mark.parametrize("supplier_state", ["submitted", "suspended"])
def test_supplier_that_is_not_verified_publishes_nothing(supplier_state: str) -> None:
    supplier = make_organization(verified=False)
    editor = make_member(supplier)
    capability = make_capability(supplier, published=False)
    if supplier_state == "suspended":
        verify_organization(organization=supplier, actor=SYSTEM)
        suspend_organization(organization=supplier, reason="核查", actor=SYSTEM)
    before = written(Capability.objects.filter(pk=capability.pk))

    with pytest.raises(Conflict, match="尚未通过核验"):
        publish_capability(capability=capability, actor=editor)
    assert written(Capability.objects.filter(pk=capability.pk)) == before

    let_act(supplier)
    assert publish_capability(capability=capability, actor=editor).state == "published"


def test_supplier_that_does_not_come_to_supply_publishes_nothing() -> None:
    supplier = make_organization(capacities=["publish", "serve"])
    editor = make_member(supplier)
    capability = make_capability(supplier, published=False)

    with pytest.raises(Conflict, match="组织登记的身份里没有“提供能力”，请先在单位资料里选上"):
        publish_capability(capability=capability, actor=editor)

    Organization.objects.filter(pk=supplier.pk).update(capacities=["supply"])
    assert publish_capability(capability=capability, actor=editor).state == "published"
