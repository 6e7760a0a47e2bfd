"""Who may do what to a scenario."""

from django.db.models import Q

from accounts.enums import Duty
from accounts.jurisdiction import is_province_wide, reaches
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


@predicate
def oversees(actor: Actor, scenario: Scenario) -> bool:
    """Content administrators of the place where it is to be tried; none stated: of its host's."""
    place = scenario if scenario.city_id is not None else scenario.organization
    return reaches(actor, Duty.CONTENT, place.city_id, place.district_id)


@predicate
def oversees_the_province(actor: Actor) -> bool:
    return is_province_wide(actor, Duty.CONTENT)


allow("scenarios.create", is_editor)
allow("scenarios.change", is_publisher)
allow("scenarios.submit", is_publisher)
# Whoever makes a scenario does not check it.
allow("scenarios.review", oversees & ~is_involved)
allow("scenarios.close", is_publisher | oversees)
# A file may hold records of any place.
allow("scenarios.import", oversees_the_province)
