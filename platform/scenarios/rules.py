"""Who may do what to a scenario."""

from django.db.models import Q

from accounts.rules import is_administrator
from common.actor import Actor
from common.permissions import allow, predicate
from organizations.queries import own_organizations
from organizations.rules import is_editor
from scenarios.models import Scenario


@predicate
def is_publisher(actor: Actor, scenario: Scenario) -> bool:
    """Edits for the organization that hosts the scenario."""
    return bool(is_editor(actor, scenario.organization))


@predicate
def is_involved(actor: Actor, scenario: Scenario) -> bool:
    """Belongs to the host or to a co-publisher, in whatever role."""
    publishing = Q(pk=scenario.organization_id) | Q(co_published=scenario)
    return own_organizations(actor).filter(publishing).exists()


allow("scenarios.create", is_editor)
allow("scenarios.change", is_publisher)
allow("scenarios.submit", is_publisher)
# Whoever makes a scenario does not check it.
allow("scenarios.review", is_administrator & ~is_involved)
allow("scenarios.close", is_publisher | is_administrator)
allow("scenarios.import", is_administrator)
