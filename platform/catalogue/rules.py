"""Who may do what to catalogues and their items."""

from accounts.rules import is_administrator, is_platform
from catalogue.models import CatalogueItem
from common.actor import Actor
from common.permissions import allow, predicate
from organizations.rules import is_member


@predicate
def is_own_product(actor: Actor, item: CatalogueItem) -> bool:
    """Belongs to the supplier, in whatever role."""
    return bool(is_member(actor, item.organization))


allow("catalogue.manage", is_administrator)
allow("catalogue.publish", is_administrator)
# Whoever belongs to the supplier does not decide about its product.
allow("catalogue.curate", is_administrator & ~is_own_product)
allow("catalogue.take_over", is_platform)
