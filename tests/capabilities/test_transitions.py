"""Every state × role × transition of a capability."""

import dataclasses

import pytest

from audit.models import AuditEvent
from capabilities.enums import CapabilityState
from capabilities.models import Capability
from capabilities.services import publish_capability
from capabilities.transitions import LIFECYCLE
from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden
from lifecycle.services import advance, available
from organizations.models import Organization
from organizations.services import suspend_organization, verify_organization
from outbox.models import Message
from tests.records import SYSTEM, make_capability, make_member, make_organization

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


def written(capability: Capability) -> tuple[str, int, int]:
    state = Capability.objects.values_list("state", flat=True).get(pk=capability.pk)
    return state, AuditEvent.objects.count(), Message.objects.count()


def test_table_of_this_test_is_complete() -> None:
    assert set(HOLDERS) == {each.name for each in LIFECYCLE.transitions}
    assert set(STEPS) == {
        (source, each.name) for each in LIFECYCLE.transitions for source in each.sources
    }


@pytest.mark.parametrize("name", HOLDERS)
@pytest.mark.parametrize("role", ROLES)
def test_transitions_follow_the_table(role: str, name: str) -> None:
    supplier = make_organization()
    actor = actor_of(role, supplier)
    capability = make_capability(supplier, published=False)

    for state in CapabilityState.values:
        Capability.objects.filter(pk=capability.pk).update(state=state)
        mine = Capability.objects.get(pk=capability.pk)
        target = STEPS.get((state, name)) if role in HOLDERS[name] else None
        offered = {each.name for each in available(mine, actor)}
        assert (name in offered) is (target is not None), state
        before = written(mine)
        if target:
            assert advance(mine, name, actor).state == target
            assert written(mine) == (target, before[1] + 1, before[2] + 1)
            event, message = AuditEvent.objects.latest("id"), Message.objects.latest("id")
            assert event.details == {"from": state, "to": target, "details": {}}
            assert event.verb == message.topic == f"capabilities.capability.{name}"
            assert message.key == f"capabilities.capability:{mine.pk}"
            assert message.payload == {"id": mine.pk, "details": {}}
        else:
            with pytest.raises(Conflict if role in HOLDERS[name] else Forbidden):
                advance(mine, name, actor)
            assert written(mine) == before, state


@pytest.mark.parametrize("supplier_state", ["submitted", "suspended"])
def test_supplier_that_is_not_verified_publishes_nothing(supplier_state: str) -> None:
    supplier = make_organization(verified=False)
    editor = make_member(supplier)
    capability = make_capability(supplier, published=False)
    if supplier_state == "suspended":
        verify_organization(organization=supplier, actor=SYSTEM)
        suspend_organization(organization=supplier, actor=SYSTEM)
    before = written(capability)

    with pytest.raises(Conflict, match="尚未通过核验"):
        publish_capability(capability=capability, actor=editor)
    assert written(capability) == before

    verify_organization(organization=supplier, actor=SYSTEM)
    assert publish_capability(capability=capability, actor=editor).state == "published"
