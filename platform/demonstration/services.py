"""Loads the demonstration: each record takes the same verbs by which people would have made it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.enums import Duty
from accounts.models import User
from accounts.queries import invented_people
from accounts.services import create_person, set_password
from applications.enums import ApplicationState
from applications.services import STEPS as APPLICATION_STEPS
from applications.services import create_application
from authorities.facts import AppointmentFacts
from authorities.models import Authority
from authorities.queries import duties_of
from authorities.services import appoint, create_authority
from capabilities.enums import CapabilityState
from capabilities.models import Capability, Product
from capabilities.services import STEPS as CAPABILITY_STEPS
from capabilities.services import create_capability, create_product
from catalogue.enums import ItemState
from catalogue.facts import EditionFacts, NoticeFacts
from catalogue.models import Catalogue, CatalogueItem
from catalogue.services import (
    add_candidate,
    create_demonstration_catalogue,
    delist_item,
    drop_item,
    list_item,
    publish_edition,
    take_over_notice,
)
from common.actor import Actor, require_actor
from common.clock import beijing_today
from common.errors import Conflict, DomainError, Forbidden, InvalidFiles
from common.models import database_now
from common.progress import Watch, unwatched
from demonstration.seeds import (
    ApplicationSeed,
    AuthoritySeed,
    CapabilitySeed,
    CatalogueSeed,
    ItemSeed,
    OrganizationSeed,
    PersonSeed,
    ProductSeed,
    ScenarioSeed,
)
from demonstration.world import E, Placed, World, read_world
from organizations.enums import Capacity, MemberRole, OrganizationState
from organizations.models import Organization
from organizations.queries import any_registered, own_organizations
from organizations.services import (
    add_member,
    register_organization,
    remove_member,
    verify_organization,
)
from scenarios.enums import ScenarioState
from scenarios.models import Scenario
from scenarios.services import STEPS as SCENARIO_STEPS
from scenarios.services import close_scenario, create_scenario

_LOADING = "demonstration"
# Who writes for organizations that have nobody to sign in; nobody signs in as the clerk.
CLERK = ("clerk@demo.example.org", "演示数据录入")

SCENARIO_PATHS: dict[ScenarioState, tuple[str, ...]] = {
    ScenarioState.DRAFT: (),
    ScenarioState.SUBMITTED: ("submit",),
    ScenarioState.RETURNED: ("submit", "return"),
    ScenarioState.PUBLISHED: ("submit", "publish"),
    # Closed at the very end: until then it takes applications.
    ScenarioState.CLOSED: ("submit", "publish"),
}
APPLICATION_PATHS: dict[ApplicationState, tuple[str, ...]] = {
    ApplicationState.DRAFT: (),
    ApplicationState.DISCARDED: ("discard",),
    ApplicationState.SUBMITTED: ("submit",),
    ApplicationState.WITHDRAWN: ("submit", "withdraw"),
    ApplicationState.SHORTLISTED: ("submit", "shortlist"),
    ApplicationState.SELECTED: ("submit", "shortlist", "select"),
    ApplicationState.CONNECTED: ("submit", "shortlist", "select", "connect"),
    ApplicationState.DECLINED: ("submit", "decline"),
}
CAPABILITY_PATHS: dict[CapabilityState, tuple[str, ...]] = {
    CapabilityState.DRAFT: (),
    CapabilityState.PUBLISHED: ("publish",),
    CapabilityState.WITHDRAWN: ("publish", "withdraw"),
}
_ROLES = {
    Capacity.PUBLISH: "publisher",
    Capacity.SUPPLY: "supplier",
    Capacity.SERVE: "server",
}
_ADMINISTERED = {
    Duty.SYSTEM: "the system",
    Duty.CONTENT: "content",
    Duty.CATALOGUE: "catalogues",
}
_OF_THE_REVIEWER = {"publish", "return"}
_OF_THE_SUPPLIER = {"submit", "discard", "withdraw"}
_ONCE_LISTED = {ItemState.LISTED, ItemState.DELISTED}


@dataclass(frozen=True)
class SignIn:
    """Somebody of the demonstration; ``password`` is None when it was changed since."""

    email: str
    password: str | None
    presents: str


def load_demonstration(*, directory: Path, actor: Actor, watch: Watch = unwatched) -> bool:
    """Fill a database without organizations with the world that ``directory`` describes.

    Returns whether it did: what is there already stays as it is. All or nothing. Raises Forbidden
    for anybody but the system, InvalidFiles with every fault found, Conflict while another loading
    is under way, or when somebody has an address of the demonstration.
    """
    if not require_actor(actor).is_system:
        raise Forbidden("演示数据只能由系统命令载入。")
    with transaction.atomic():
        _refuse_a_second_loading()
        if any_registered():
            return False
        _Loader(read_world(directory), actor, watch).load()
    return True


def _refuse_a_second_loading() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_LOADING])
        if cursor.fetchone() != (True,):
            raise Conflict("另一次演示数据载入正在进行，请稍后再试。")


def sign_ins() -> list[SignIn]:
    """Everybody of the demonstration who can sign in here."""
    return [
        SignIn(person.email, _known_password(person), _presents(person))
        for person in invented_people()
        if person.has_usable_password()
    ]


def reset_passwords(*, actor: Actor) -> None:
    """Give everybody of the demonstration the password that belongs to this installation."""
    for person in invented_people():
        if person.has_usable_password() and _known_password(person) is None:
            set_password(person=person, password=_password(person.email), actor=actor)


def _known_password(person: User) -> str | None:
    password = _password(person.email)
    return password if person.check_password(password) else None


def _password(email: str) -> str:
    """The same at every start, and another one in every installation."""
    drawn = salted_hmac("demonstration", email).hexdigest()
    return f"demo-{drawn[:4]}-{drawn[4:8]}-{drawn[8:12]}"


def _presents(person: User) -> str:
    """What there is to be seen with this sign-in."""
    if duties := [duty for duty in Duty if duty in duties_of(person.pk)]:
        role = "auditor" if Duty.AUDIT in duties else _administrator(duties)
        return f"{role} {'、'.join(str(duty.label) for duty in duties)}"
    organization = own_organizations(Actor.of(person)).first()
    if organization is None:
        return ""
    roles = "、".join(
        f"{_ROLES[Capacity(each)]} {Capacity(each).label}" for each in organization.capacities
    )
    return f"{roles}：{organization}"


def _administrator(duties: Sequence[Duty]) -> str:
    return f"administrator of {' and '.join(_ADMINISTERED[duty] for duty in duties)}"


class _Loader:
    def __init__(self, world: World, system: Actor, watch: Watch) -> None:
        self.world = world
        self.system = system
        self.watch = watch
        self.now = database_now()
        self.clerk = create_person(
            email=CLERK[0], name=CLERK[1], password=None, is_demonstration=True, actor=system
        )
        self.reviewer = system
        self.staff: dict[str, Actor] = {}
        self.authorities: dict[str, Authority] = {}
        self.organizations: dict[str, Organization] = {}
        self.products: dict[str, Product] = {}
        self.capabilities: dict[str, Capability] = {}
        self.scenarios: dict[str, Scenario] = {}

    def load(self) -> None:
        world = self.world
        self._each("组织", world.organizations, self._organization)
        self._each("主管部门", world.authorities, self._authority)
        self._each("账号", world.people, self._person)
        with ExitStack() as every:
            writers = {
                key: every.enter_context(self._acting_for(key)) for key in self.organizations
            }
            self._each("产品", world.products, partial(self._product, writers))
            self._each("能力", world.capabilities, partial(self._capability, writers))
            self._each("场景", world.scenarios, partial(self._scenario, writers))
        # From here on nobody writes for two organizations at once: rivals do not decide.
        self._each("申请", world.applications, self._application)
        self._each("结束征集", world.scenarios, self._close)
        self._each("首购目录", world.catalogues, self._catalogue)

    def _each(self, what: str, placed: Sequence[Placed[E]], take: Callable[[E], None]) -> None:
        for each in self.watch(placed, what):
            try:
                take(each.entry)
            except DomainError as error:
                fields = getattr(error, "fields", {})
                said = "；".join(text for texts in fields.values() for text in texts)
                raise InvalidFiles(
                    "演示数据无法载入，未作任何更改。", [each.problem(said or error.message)]
                ) from error

    def _organization(self, seed: OrganizationSeed) -> None:
        organization = register_organization(
            facts=seed.facts, actor=self.system, is_demonstration=True
        )
        if seed.state is OrganizationState.VERIFIED:
            verify_organization(organization=organization, actor=self.system)
        self.organizations[seed.key] = organization

    def _authority(self, seed: AuthoritySeed) -> None:
        self.authorities[seed.facts.code] = create_authority(
            facts=seed.facts, actor=self.system, is_demonstration=True
        )

    def _person(self, seed: PersonSeed) -> None:
        person = create_person(
            email=seed.email,
            name=seed.name,
            password=_password(seed.email),
            is_demonstration=True,
            actor=self.system,
        )
        if seed.organization and seed.role:
            add_member(
                organization=self.organizations[seed.organization],
                person=person,
                role=seed.role,
                actor=self.system,
            )
            if seed.role is not MemberRole.VIEWER:
                self.staff[seed.organization] = Actor.of(person)
        if seed.authority:
            appoint(
                authority=self.authorities[seed.authority],
                person=person,
                facts=AppointmentFacts(duties=seed.duties),
                actor=self.system,
            )
            if {Duty.CONTENT, Duty.CATALOGUE} <= {*seed.duties}:
                self.reviewer = Actor.of(person)

    @contextmanager
    def _acting_for(self, key: str) -> Iterator[Actor]:
        """Whoever signs in for the organization, else the clerk, a member meanwhile."""
        if key in self.staff:
            yield self.staff[key]
            return
        organization, editor = self.organizations[key], MemberRole.EDITOR
        add_member(organization=organization, person=self.clerk, role=editor, actor=self.system)
        yield Actor.of(self.clerk)
        remove_member(organization=organization, person=self.clerk, actor=self.system)

    def _product(self, writers: dict[str, Actor], seed: ProductSeed) -> None:
        self.products[seed.facts.name] = create_product(
            organization=self.organizations[seed.organization],
            facts=seed.facts,
            actor=writers[seed.organization],
        )

    def _capability(self, writers: dict[str, Actor], seed: CapabilitySeed) -> None:
        actor = writers[seed.organization]
        products = [self.products[name].public_id for name in seed.products]
        stated = {"reference": seed.reference, "products": products}
        capability = create_capability(
            organization=self.organizations[seed.organization],
            facts=seed.facts.model_copy(update=stated),
            actor=actor,
        )
        for step in CAPABILITY_PATHS[seed.state]:
            CAPABILITY_STEPS.take(step, capability, actor)
        self.capabilities[seed.reference] = capability

    def _scenario(self, writers: dict[str, Actor], seed: ScenarioSeed) -> None:
        actor = writers[seed.organization]
        stated = {
            "reference": seed.reference,
            "deadline": self._deadline(seed.open_days),
            "co_publishers": [self.organizations[key].identifier for key in seed.co_publishers],
        }
        scenario = create_scenario(
            organization=self.organizations[seed.organization],
            facts=seed.facts.model_copy(update=stated),
            actor=actor,
        )
        for step in SCENARIO_PATHS[seed.state]:
            by = self.reviewer if step in _OF_THE_REVIEWER else actor
            SCENARIO_STEPS.take(step, scenario, by, reason=seed.reason)
        self.scenarios[seed.reference] = scenario

    def _deadline(self, days: int | None) -> datetime | None:
        """Six o'clock in the evening, Beijing time, so many days from now."""
        if days is None:
            return None
        evening = timezone.localtime(self.now).replace(hour=18, minute=0, second=0, microsecond=0)
        return evening + timedelta(days=days)

    def _application(self, seed: ApplicationSeed) -> None:
        scenario, capability = self.scenarios[seed.scenario], self.capabilities[seed.capability]
        host = self._key_of(scenario.organization_id)
        supplier = self._key_of(capability.organization_id)
        with self._acting_for(supplier) as actor:
            application = create_application(
                scenario=scenario, capability=capability, facts=seed.facts, actor=actor
            )
        for step in APPLICATION_PATHS[seed.state]:
            with self._acting_for(supplier if step in _OF_THE_SUPPLIER else host) as actor:
                APPLICATION_STEPS.take(step, application, actor, reason=seed.reason)

    def _key_of(self, organization_id: int) -> str:
        return next(key for key, each in self.organizations.items() if each.pk == organization_id)

    def _close(self, seed: ScenarioSeed) -> None:
        if seed.state is ScenarioState.CLOSED:
            with self._acting_for(seed.organization) as actor:
                close_scenario(scenario=self.scenarios[seed.reference], actor=actor)

    def _catalogue(self, seed: CatalogueSeed) -> None:
        catalogue = create_demonstration_catalogue(facts=seed.facts, actor=self.system)
        items = [(self._item(catalogue, each), each) for each in seed.items]
        if any(each.state in _ONCE_LISTED for each in seed.items):
            facts = EditionFacts(note=seed.edition)
            publish_edition(catalogue=catalogue, facts=facts, actor=self.reviewer)
        for item, each in items:
            if each.state is ItemState.DELISTED:
                delist_item(item=item, reason=each.reason, actor=self.reviewer)

    def _item(self, catalogue: Catalogue, seed: ItemSeed) -> CatalogueItem:
        product = self.products[seed.product]
        item = add_candidate(
            catalogue=catalogue, product=product, facts=seed.facts, actor=self.reviewer
        )
        if seed.notice is not None:
            first = beijing_today() - timedelta(days=seed.notice.began_days_ago)
            last = first + timedelta(days=seed.notice.days - 1)
            days = NoticeFacts(notice_from=first, notice_to=last)
            take_over_notice(item=item, facts=days, actor=self.system)
        if seed.state in _ONCE_LISTED:
            list_item(item=item, actor=self.reviewer)
        elif seed.state is ItemState.DROPPED:
            drop_item(item=item, reason=seed.reason, actor=self.reviewer)
        return item
