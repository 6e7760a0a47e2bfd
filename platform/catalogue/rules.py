"""Who may do what to catalogues and their items."""

from accounts.enums import Duty
from accounts.rules import is_catalogue_administrator, is_platform
from catalogue.models import Catalogue, CatalogueItem
from common.actor import Actor
from common.permissions import allow, predicate
from organizations.rules import is_member


@predicate
def is_own_product(actor: Actor, item: CatalogueItem) -> bool:
    """Belongs to the supplier, in whatever role."""
    return bool(is_member(actor, item.organization))


@predicate
def issues(actor: Actor, catalogue: Catalogue) -> bool:
    """Administers catalogues for the authority that issues this one."""
    return actor.is_system or any(
        grant.body_id == catalogue.issuer_id for grant in actor.grants_of(Duty.CATALOGUE)
    )


@predicate
def decides_on(actor: Actor, item: CatalogueItem) -> bool:
    return bool(issues(actor, item.catalogue))


allow("catalogue.enter", is_catalogue_administrator)
allow("catalogue.manage", issues)
allow("catalogue.publish", issues)
# Whoever belongs to the supplier does not decide about its product.
allow("catalogue.curate", decides_on & ~is_own_product)
allow("catalogue.take_over", is_platform)
