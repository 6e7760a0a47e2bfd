"""Organizations, scenarios and capabilities for tests, made by the services that people use."""

from __future__ import annotations

import time
from itertools import count
from typing import Any
from uuid import uuid4

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from stdnum.cn import uscc

from accounts.models import User
from applications.facts import ApplicationFacts
from applications.models import Application
from applications.services import create_application, submit_application
from authorities.facts import AppointmentFacts, AuthorityFacts
from authorities.services import appoint, create_authority
from capabilities.facts import CapabilityFacts
from capabilities.models import Capability
from capabilities.services import create_capability, publish_capability
from common.actor import Actor
from organizations.enums import OrganizationState
from organizations.facts import OrganizationFacts
from organizations.models import Membership, Organization
from organizations.services import (
    register_organization,
    restore_organization,
    verify_organization,
)
from policy.models import PolicyEdition
from scenarios.facts import ScenarioFacts
from scenarios.models import Scenario
from scenarios.services import create_scenario, publish_scenario, submit_scenario

SYSTEM = Actor.system("tests")
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
GUANGZHOU, SHENZHEN, ZHUHAI, FOSHAN = "440100", "440300", "440400", "440600"
_numbers = count(1)


def credit_code(number: int) -> str:
    """A code that is well formed and belongs to nobody."""
    body = f"91440000MA5{number:06d}"
    return body + uscc.calc_check_digit(body)


def make_organization(
    name: str = "", *, verified: bool = True, is_demonstration: bool = False, **facts: Any
) -> Organization:
    number = next(_numbers)
    values = {"name": name or f"测试组织{number}", "identifier": credit_code(number), **facts}
    organization = register_organization(
        facts=OrganizationFacts(**values), actor=SYSTEM, is_demonstration=is_demonstration
    )
    return (
        verify_organization(organization=organization, actor=SYSTEM) if verified else organization
    )


def let_act(organization: Organization) -> Organization:
    """Verified, or restored where it was suspended, so that it may publish."""
    if organization.state == OrganizationState.SUSPENDED:
        return restore_organization(organization=organization, reason="已查清", actor=SYSTEM)
    return verify_organization(organization=organization, actor=SYSTEM)


def make_member(organization: Organization, role: str = "editor") -> Actor:
    """Somebody who acts for the organization."""
    user = User.objects.create_user(f"person{next(_numbers)}@example.org")
    Membership.objects.create(organization=organization, user=user, role=role)
    return Actor.of(user)


def make_administrator(
    *duties: str,
    city: str | None = None,
    district: str | None = None,
    body: str | None = "sz-stic",
    person: User | None = None,
) -> Actor:
    """Somebody who works for an authority; unless it is ``person``, he belongs to nothing else.

    Without ``duties``: content and catalogue, which one person may have both. ``city`` and
    ``district`` are codes, else it is the province's; ``body`` is the issuer of catalogues that
    the authority is.
    """
    number = next(_numbers)
    authority = create_authority(
        facts=AuthorityFacts(
            code=f"authority-{number}",
            name=f"测试主管部门{number}",
            city=city,
            district=district,
            body=body,
        ),
        actor=SYSTEM,
    )
    person = person or User.objects.create_user(f"administrator{number}@example.org")
    facts = AppointmentFacts(duties=[*(duties or ("content", "catalogue"))])
    appoint(authority=authority, person=person, facts=facts, actor=SYSTEM)
    give_second_factor(person)
    return Actor.of(person)


def give_second_factor(person: User) -> None:
    """Whoever has duties opens no page without one; its codes are those of ``totp_code``."""
    TOTP.activate(person, TOTP_SECRET)


def totp_code(step: int = 0, *, secret: str = TOTP_SECRET) -> str:
    """What an app would show now, or ``step`` half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def new_edition() -> PolicyEdition:
    """What a test changes in the facts by hand counts from the next edition on, as with a load."""
    last = PolicyEdition.objects.latest("number")
    return PolicyEdition.objects.create(number=last.number + 1, digest=uuid4().hex)


def user_of(actor: Actor) -> User:
    """The person behind the actor, as ``client.force_login`` wants it."""
    return User.objects.get(pk=actor.user_id)


def make_scenario(
    organization: Organization | None = None, *, published: bool = True, **facts: Any
) -> Scenario:
    organization = organization or make_organization()
    values = {"name": f"测试场景{next(_numbers)}", **facts}
    editor = make_member(organization)
    scenario = create_scenario(
        organization=organization, facts=ScenarioFacts(**values), actor=editor
    )
    if published:
        submit_scenario(scenario=scenario, actor=editor)
        publish_scenario(scenario=scenario, actor=SYSTEM)
    return scenario


def make_capability(
    organization: Organization | None = None, *, published: bool = True, **facts: Any
) -> Capability:
    organization = organization or make_organization()
    values = {"name": f"测试能力{next(_numbers)}", **facts}
    editor = make_member(organization)
    capability = create_capability(
        organization=organization, facts=CapabilityFacts(**values), actor=editor
    )
    return publish_capability(capability=capability, actor=editor) if published else capability


def make_application(
    scenario: Scenario | None = None,
    capability: Capability | None = None,
    *,
    submitted: bool = True,
    **facts: Any,
) -> Application:
    """A supplier's answer to an open scenario, written by an editor of the supplier."""
    scenario = scenario or make_scenario()
    capability = capability or make_capability()
    editor = make_member(capability.organization)
    application = create_application(
        scenario=scenario,
        capability=capability,
        facts=ApplicationFacts(**{"proposal": f"方案{next(_numbers)}", **facts}),
        actor=editor,
    )
    return submit_application(application=application, actor=editor) if submitted else application
