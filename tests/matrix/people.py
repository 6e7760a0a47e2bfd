"""Who comes to the door, with what they are, and the sessions and tokens they come with."""

from __future__ import annotations

import json
import time
from importlib import import_module

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.consents import give_consent
from accounts.enums import ConsentKind
from accounts.models import User
from accounts.second_factor import SHOWN
from authorities.facts import AppointmentFacts, AuthorityFacts, DelegationFacts
from authorities.models import Appointment, Authority
from authorities.services import appoint, create_authority, delegate
from common.actor import Actor
from organizations.enums import Capacity, MemberRole
from organizations.models import Membership, Organization
from reviews.enums import InterestKind
from reviews.facts import ExpertFacts, ExpertiseFacts, InterestFacts
from reviews.services import appoint_expert, declare_interest
from tests.catalogues import ISSUER, day
from tests.matrix.cells import Caller
from tests.matrix.world import ACTORS, SIDES, World, canary
from tests.passkeys import Passkey
from tests.records import (
    GUANGZHOU,
    SYSTEM,
    ZHUHAI,
    give_second_factor,
    make_organization,
)
from tokens.facts import TokenFacts
from tokens.services import create_token

PROVED_BY = "account_authentication_methods_user"  # allauth's
PASSWORD = "Matrix-of-doors-7"
ANOTHER_ISSUER = "gd-dst"
ADMINISTRATORS: dict[str, tuple[str, dict[str, str | None]]] = {
    "content": ("content", {"city": GUANGZHOU}),
    "elsewhere": ("content", {"city": ZHUHAI}),
    "issuer": ("catalogue", {"body": ISSUER}),
    "catalogue": ("catalogue", {"body": ANOTHER_ISSUER}),
    "system": ("system", {"city": GUANGZHOU}),
    "province": ("system", {"body": "gd-drc"}),
    "audit": ("audit", {"body": "gd-diit"}),
}


def settle(world: World) -> None:
    """People, the two organizations, authorities and experts."""
    for name in ACTORS:
        if name != "visitor":
            world.people[name] = _person(name)
    # Without a password and a second factor, so that somebody can set up both.
    world.people["newcomer"].set_unusable_password()
    world.people["newcomer"].save()
    for name, person in world.people.items():
        if name != "newcomer":
            give_second_factor(person)
            RecoveryCodes.activate(person)
    _address(world.people["unverified"], verified=False)
    # Those who are spoken of: a colleague on each side, somebody at the door of the sign-in page.
    for name in ("colleague", "rivals_colleague", "signer", "judge", "appointed"):
        world.people[name] = _person(name)
    for side in SIDES:
        facts = {"city": GUANGZHOU, "capacities": [*Capacity]}
        world.organizations[side] = make_organization(f"矩阵{side}", **facts)
        join(world, side, world.organizations[side])
    world.records["organization verified"] = dict(world.organizations)
    colleagues = {"own": "colleague", "rival": "rivals_colleague"}
    for side, name in colleagues.items():
        _join(world.organizations[side], world.people[name], MemberRole.EDITOR)
    world.add("colleague", lambda side: world.people[colleagues[side]])
    _appoint_everybody(world)
    _make_experts(world)


def join(world: World, side: str, organization: Organization) -> None:
    """Those of the side act for the organization, each in their role."""
    members = [*MemberRole] if side == "own" else [MemberRole.OWNER]
    for role in members:
        person = world.people[role if side == "own" else "rival"]
        if not organization.memberships.filter(user=person).exists():
            _join(organization, person, role)


def let_in(world: World) -> None:
    """A session for each, and a token for each program."""
    world.callers["visitor"] = Caller()
    for name in ACTORS:
        if name != "visitor":
            world.callers[name] = Caller(session=session_of(world.people[name]))
    for name, permissions in (("reading", []), ("writing", ["scenarios", "capabilities"])):
        world.callers[name] = Caller(token=_token(world, permissions))


def _appoint_everybody(world: World) -> None:
    """The authority in charge of both is ``own``; nobody at it has a say about ``rival``."""
    seats: dict[str, Authority] = {}
    held: dict[str, Appointment] = {}
    for name, (duty, facts) in ADMINISTRATORS.items():
        seats[name] = create_authority(
            facts=AuthorityFacts(code=f"matrix-{name}", name=f"矩阵{name}局", **facts), actor=SYSTEM
        )
        held[name] = _appoint(seats[name], world.people[name], duty)
    world.records["authority"] = {"own": seats["content"], "rival": seats["elsewhere"]}
    world.records["appointment"] = {"own": held["content"], "rival": held["elsewhere"]}
    world.add("operator", lambda side: make_organization(capacities=[Capacity.SERVE]))
    _join(world.records["operator"]["own"], world.people["operator"], MemberRole.EDITOR)
    world.add(
        "delegation",
        lambda side: delegate(
            authority=world.records["authority"][side],
            operator=world.records["operator"][side],
            facts=DelegationFacts(duties=["content"], ends_on=day(30)),
            actor=SYSTEM,
        ),
    )


def _appoint(authority: Authority, person: User, duty: str) -> Appointment:
    return appoint(
        authority=authority, person=person, facts=AppointmentFacts(duties=[duty]), actor=SYSTEM
    )


def _make_experts(world: World) -> None:
    names = {"own": "expert", "rival": "judge"}
    world.add(
        "expert",
        lambda side: appoint_expert(
            person=world.people[names[side]],
            facts=ExpertFacts(title="研究员", employer="测试研究所"),
            expertise=ExpertiseFacts(concepts=[]),
            actor=SYSTEM,
        ),
    )
    world.add(
        "interest",
        lambda side: declare_interest(
            expert=world.records["expert"][side],
            facts=InterestFacts(
                kind=InterestKind.EMPLOYER, name=canary("interest", side), since=day(-400)
            ),
            actor=Actor.of(User.objects.get(pk=world.people[names[side]].pk)),
        ),
    )


def _person(name: str) -> User:
    person = User.objects.create_user(f"matrix-{name}@example.org", PASSWORD, name=f"矩阵{name}")
    _address(person, verified=True)
    give_consent(person=person, kinds=[ConsentKind.TERMS], actor=Actor.of(person))
    return person


def _address(person: User, *, verified: bool) -> None:
    EmailAddress.objects.update_or_create(
        user=person, defaults={"email": person.email, "primary": True, "verified": verified}
    )


def _join(organization: Organization, person: User, role: MemberRole) -> None:
    Membership.objects.create(organization=organization, user=person, role=role)


def session_of(person: User) -> str:
    """A session that has just proved who it is, and stays fresh as long as the matrix takes."""
    engine = import_module(settings.SESSION_ENGINE)
    session = engine.SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.AccountBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    proof = {"method": SHOWN, "at": time.time() + 86_400, "reauthenticated": True}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [proof]
    session[PROVED_BY] = str(person.pk)
    session.save()
    return str(session.session_key)


def device_of(person: User, user_agent: str) -> UserSession:
    """Another device on which the person is signed in."""
    return UserSession.objects.create(
        user=person, session_key=session_of(person), ip="203.0.113.9", user_agent=user_agent
    )


def passkey_of(person: User, name: str) -> Authenticator:
    wanted = {"user": {"id": ""}, "rp": {"id": "testserver"}, "challenge": ""}
    credential = json.loads(Passkey("http://testserver").create({"publicKey": wanted}))
    data = {"name": name, "credential": credential}
    kind = Authenticator.Type.WEBAUTHN
    return Authenticator.objects.create(user=person, type=kind, data=data)


def _token(world: World, permissions: list[str]) -> str:
    _, key = create_token(
        organization=world.organizations["own"],
        facts=TokenFacts(name="矩阵", permissions=permissions, days=30),
        actor=world.owner("own"),
    )
    return key.text
