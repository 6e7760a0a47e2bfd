"""Reads all of ``seeds/demo/`` and checks what no single entry knows: names of other entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from capabilities.enums import CapabilityState
from common.errors import InvalidFiles, Problem
from common.seedfile import Location, SeedFile, parse
from demonstration.seeds import (
    ApplicationSeed,
    AuthoritySeed,
    CapabilitySeed,
    CatalogueSeed,
    DemonstrationFile,
    OrganizationSeed,
    PersonSeed,
    ProductSeed,
    ScenarioSeed,
)
from scenarios.enums import ScenarioState
from taxonomy.seedset import SeedSet, walk

E = TypeVar("E", bound=BaseModel)


@dataclass(frozen=True)
class Placed(Generic[E]):
    """An entry, and where it stands."""

    entry: E
    file: SeedFile[DemonstrationFile]
    location: Location

    def problem(self, message: str, *inside: int | str) -> Problem:
        return self.file.problem((*self.location, *inside), message)


class World:
    """The entries of all files by kind: the first of each file, the second of each, and so on.

    What is newest then comes from all of them.
    """

    def __init__(self, files: list[SeedFile[DemonstrationFile]]) -> None:
        self._files = files
        self.organizations: list[Placed[OrganizationSeed]] = self._all("organizations")
        self.authorities: list[Placed[AuthoritySeed]] = self._all("authorities")
        self.people: list[Placed[PersonSeed]] = self._all("people")
        self.products: list[Placed[ProductSeed]] = self._all("products")
        self.capabilities: list[Placed[CapabilitySeed]] = self._all("capabilities")
        self.scenarios: list[Placed[ScenarioSeed]] = self._all("scenarios")
        self.applications: list[Placed[ApplicationSeed]] = self._all("applications")
        self.catalogues: list[Placed[CatalogueSeed]] = self._all("catalogues")

    def __str__(self) -> str:
        return (
            f"{len(self.organizations)} organizations, {len(self.scenarios)} scenarios, "
            f"{len(self.capabilities)} capabilities, {len(self.products)} products, "
            f"{len(self.applications)} applications"
        )

    def _all(self, kind: str) -> list[Placed[Any]]:
        placed = [
            Placed(entry, file, (kind, index))
            for file in self._files
            for index, entry in enumerate(getattr(file.content, kind))
        ]
        return sorted(placed, key=lambda each: each.location[1])


def read_world(directory: Path, seeds: SeedSet | None = None) -> World:
    """Raises InvalidFiles with every fault found, not only the first.

    ``seeds``: the policy facts whose codes the entries name, where they are to be checked too;
    while loading, the verbs do that.
    """
    problems: list[Problem] = []
    files = []
    for path in sorted(directory.glob("*.yaml")):
        file, faults = parse(path.read_bytes(), DemonstrationFile, name=f"demo/{path.name}")
        problems += faults
        if file is not None:
            files.append(file)
    world = World(files)
    if not problems and not world.organizations:
        problems.append(Problem(f"{directory.name}/", 1, "", "这个文件夹里没有演示数据"))
    # A file that could not be read would make every name in it look wrong.
    problems = problems or [*_faults(world), *(_strange_codes(world, seeds) if seeds else ())]
    if problems:
        raise InvalidFiles(f"演示数据有 {len(problems)} 处错误，未作任何更改。", problems)
    return world


def _faults(world: World) -> Iterator[Problem]:
    yield from _repeated(world.organizations, lambda entry: entry.key, "key")
    yield from _repeated(world.authorities, lambda entry: entry.facts.code, "facts", "code")
    yield from _repeated(world.people, lambda entry: entry.email, "email")
    yield from _repeated(world.scenarios, lambda entry: entry.reference, "reference")
    yield from _repeated(world.capabilities, lambda entry: entry.reference, "reference")
    yield from _repeated(world.products, lambda entry: entry.facts.name, "facts", "name")
    yield from _strange_organizations(world)
    yield from _strange_products(world)
    yield from _strange_applications(world)


def _repeated(
    placed: list[Placed[E]], name_of: Callable[[E], str], *field: str
) -> Iterator[Problem]:
    seen = set()
    for each in placed:
        name = name_of(each.entry)
        if name in seen:
            yield each.problem(f"“{name}”重复", *field)
        seen.add(name)


def _strange_organizations(world: World) -> Iterator[Problem]:
    known = {each.entry.key for each in world.organizations}
    authorities = {each.entry.facts.code for each in world.authorities}
    owned: list[Placed[Any]] = [*world.products, *world.capabilities, *world.scenarios]
    for each in owned:
        if each.entry.organization not in known:
            yield each.problem(f"没有组织“{each.entry.organization}”", "organization")
    for person in world.people:
        if person.entry.organization not in {None, *known}:
            yield person.problem(f"没有组织“{person.entry.organization}”", "organization")
        if person.entry.authority not in {None, *authorities}:
            yield person.problem(f"没有部门“{person.entry.authority}”", "authority")
    for scenario in world.scenarios:
        for index, key in enumerate(scenario.entry.co_publishers):
            if key not in known:
                yield scenario.problem(f"没有组织“{key}”", "co_publishers", index)


def _strange_products(world: World) -> Iterator[Problem]:
    owners = {each.entry.facts.name: each.entry.organization for each in world.products}
    for capability in world.capabilities:
        for index, name in enumerate(capability.entry.products):
            if owners.get(name) != capability.entry.organization:
                yield capability.problem(f"这个组织没有产品“{name}”", "products", index)
    for catalogue in world.catalogues:
        for index, item in enumerate(catalogue.entry.items):
            if item.product not in owners:
                yield catalogue.problem(f"没有产品“{item.product}”", "items", index, "product")


def _strange_applications(world: World) -> Iterator[Problem]:
    called = {ScenarioState.PUBLISHED, ScenarioState.CLOSED}
    scenarios = {each.entry.reference: each.entry.state for each in world.scenarios}
    capabilities = {each.entry.reference: each.entry.state for each in world.capabilities}
    for each in world.applications:
        asked, answer = each.entry.scenario, each.entry.capability
        if scenarios.get(asked) not in called:
            yield each.problem(f"没有发布过场景“{asked}”，不能申请", "scenario")
        if capabilities.get(answer) != CapabilityState.PUBLISHED:
            yield each.problem(f"没有发布能力“{answer}”，不能用于申请", "capability")


def _strange_codes(world: World, seeds: SeedSet) -> Iterator[Problem]:
    yield from _strange_concepts(world, seeds)
    yield from _strange_places(world, seeds)
    clauses = {each.code for file in seeds.policies for each in file.content.clauses}
    for catalogue in world.catalogues:
        if (basis := catalogue.entry.facts.basis) not in clauses:
            yield catalogue.problem(f"没有条款“{basis}”", "facts", "basis")


def _strange_concepts(world: World, seeds: SeedSet) -> Iterator[Problem]:
    known = {each.code for file in seeds.schemes for each, _, _ in walk(file.content.concepts)}
    tagged: list[Placed[Any]] = [*world.capabilities, *world.scenarios]
    for each in tagged:
        for index, code in enumerate(each.entry.facts.concepts):
            if code not in known:
                yield each.problem(f"没有标签“{code}”", "facts", "concepts", index)
    for scenario in world.scenarios:
        for index, need in enumerate(scenario.entry.facts.needs):
            if need.concept not in {None, *known}:
                message = f"没有标签“{need.concept}”"
                yield scenario.problem(message, "facts", "needs", index, "concept")


def _strange_places(world: World, seeds: SeedSet) -> Iterator[Problem]:
    known = {
        city.code: {district.code for district in city.districts}
        for city in seeds.cities.content.cities
    }
    for capability in world.capabilities:
        for index, code in enumerate(capability.entry.facts.cities_served):
            if code not in known:
                yield capability.problem(f"没有城市“{code}”", "facts", "cities_served", index)
    placed: list[Placed[Any]] = [*world.organizations, *world.scenarios]
    for each in placed:
        city, district = each.entry.facts.city, each.entry.facts.district
        if city is not None and city not in known:
            yield each.problem(f"没有城市“{city}”", "facts", "city")
        elif district is not None and district not in known.get(city, ()):
            yield each.problem(f"这个城市没有区“{district}”", "facts", "district")
