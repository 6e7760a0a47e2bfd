"""Who may do what to an application: the supplier answers, the publisher decides, no one else."""

from applications.models import Application
from capabilities.rules import is_supplier
from common.actor import Actor
from common.permissions import allow, predicate
from scenarios.rules import is_publisher


@predicate
def is_applicant(actor: Actor, application: Application) -> bool:
    """Edits for the supplier."""
    return bool(is_supplier(actor, application.capability))


@predicate
def is_host(actor: Actor, application: Application) -> bool:
    """Edits for the organization that hosts the scenario."""
    return bool(is_publisher(actor, application.scenario))


allow("applications.create", is_supplier)
allow("applications.change", is_applicant)
allow("applications.submit", is_applicant)
allow("applications.withdraw", is_applicant)
# Who edits for both sides does not choose between them.
allow("applications.decide", is_host & ~is_applicant)
