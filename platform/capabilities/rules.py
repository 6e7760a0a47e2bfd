"""Who may do what to a capability and to a product."""

from accounts.rules import is_administrator
from capabilities.models import Capability, Product
from common.actor import Actor
from common.permissions import allow, predicate
from organizations.rules import is_editor


@predicate
def is_supplier(actor: Actor, record: Capability | Product) -> bool:
    """Edits for the organization that the record belongs to."""
    return bool(is_editor(actor, record.organization))


allow("capabilities.create", is_editor)
allow("capabilities.change", is_supplier)
allow("capabilities.publish", is_supplier)
allow("capabilities.withdraw", is_supplier | is_administrator)
allow("capabilities.import", is_administrator)
