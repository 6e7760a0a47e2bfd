"""Who may do what to a capability and to a product."""

from accounts.enums import Duty
from accounts.jurisdiction import is_province_wide
from capabilities.models import Capability, Product
from common.actor import Actor
from common.permissions import allow, predicate
from organizations.rules import is_editor, oversees


@predicate
def is_supplier(actor: Actor, record: Capability | Product) -> bool:
    """Edits for the organization that the record belongs to."""
    return bool(is_editor(actor, record.organization))


@predicate
def oversees_supplier(actor: Actor, record: Capability | Product) -> bool:
    """Content administrators of the place where the supplier sits."""
    return bool(oversees(actor, record.organization))


@predicate
def oversees_the_province(actor: Actor) -> bool:
    return is_province_wide(actor, Duty.CONTENT)


allow("capabilities.create", is_editor)
allow("capabilities.change", is_supplier)
allow("capabilities.publish", is_supplier)
allow("capabilities.withdraw", is_supplier | oversees_supplier)
# A file may hold records of any place.
allow("capabilities.import", oversees_the_province)
