"""Who may do what to an application: the supplier answers, the publisher decides, no one else."""

from applications import queries
from applications.models import Application
from capabilities.rules import is_supplier
from common.actor import Actor
from common.permissions import allow, predicate
from organizations.rules import is_member
from scenarios.rules import is_publisher


@predicate
def is_applicant(actor: Actor, application: Application) -> bool:
    """Edits for the supplier."""
    return bool(is_supplier(actor, application.capability))


@predicate
def is_host(actor: Actor, application: Application) -> bool:
    """Edits for the organization that hosts the scenario."""
    return bool(is_publisher(actor, application.scenario))


@predicate
def is_of_supplier(actor: Actor, application: Application) -> bool:
    """Belongs to the supplier, in any role."""
    return bool(is_member(actor, application.organization))


@predicate
def has_stake(actor: Actor, application: Application) -> bool:
    """Belongs, in any role, to the supplier or to a rival that has answered the scenario too."""
    return queries.has_stake(actor, application)


allow("applications.create", is_supplier)
allow("applications.change", is_applicant)
allow("applications.submit", is_applicant)
allow("applications.withdraw", is_applicant)
allow("applications.reveal_contact", is_of_supplier)
# Who belongs to a supplier chooses neither it nor its rivals.
allow("applications.decide", is_host & ~has_stake)
