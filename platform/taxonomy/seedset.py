"""Reads all of ``seeds/`` and checks what no single file can know: codes that name each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from common import seedfile
from common.errors import InvalidFiles, Problem
from common.seedfile import Location, SeedFile
from policy.seeds import BodiesFile, PolicyFile
from taxonomy.enums import ConceptLevel
from taxonomy.seeds import (
    CarriersFile,
    CitiesFile,
    ConceptSeed,
    CrosswalkFile,
    FocusFile,
    SchemeFile,
)

M = TypeVar("M", bound=BaseModel)

# Raised when the way from file to row changes, so that unchanged files are taken over anew.
LOADER_VERSION = 1

CITY_COUNT = 21


@dataclass(frozen=True)
class SeedSet:
    """Every seed file, parsed and checked; ``digest`` changes with any byte of them."""

    digest: str
    bodies: SeedFile[BodiesFile]
    policies: list[SeedFile[PolicyFile]]
    schemes: list[SeedFile[SchemeFile]]
    crosswalk: SeedFile[CrosswalkFile]
    cities: SeedFile[CitiesFile]
    focus: SeedFile[FocusFile]
    carriers: SeedFile[CarriersFile]


def read_files(directory: Path) -> dict[str, bytes]:
    """The seed files by name (``cities/focus.yaml``); one reading serves digest and facts."""
    folders = ("policy", "taxonomy", "cities")
    paths = sorted(path for folder in folders for path in directory.glob(f"{folder}/*.yaml"))
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in paths}


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and bytes: equal digests mean equal facts."""
    summed = hashlib.sha256(f"loader {LOADER_VERSION}\n".encode())
    for name, content in files.items():
        summed.update(f"{name} {len(content)}\n".encode() + content)
    return summed.hexdigest()


def read_seeds(files: Mapping[str, bytes]) -> SeedSet:
    """Parse and check; raises InvalidFiles with every fault found, not only the first."""
    reader = _Reader(files)
    bodies = reader.one("policy/bodies.yaml", BodiesFile)
    policies = reader.others("policy", {"bodies.yaml"}, PolicyFile)
    schemes = reader.others("taxonomy", {"crosswalk.yaml"}, SchemeFile)
    crosswalk = reader.one("taxonomy/crosswalk.yaml", CrosswalkFile)
    cities = reader.one("cities/cities.yaml", CitiesFile)
    focus = reader.one("cities/focus.yaml", FocusFile)
    carriers = reader.one("cities/carriers.yaml", CarriersFile)
    if bodies and crosswalk and cities and focus and carriers and not reader.problems:
        seeds = SeedSet(
            digest_of(files), bodies, policies, schemes, crosswalk, cities, focus, carriers
        )
        reader.problems += _CrossCheck(seeds).problems()
        if not reader.problems:
            return seeds
    raise InvalidFiles(f"政策数据有 {len(reader.problems)} 处错误，未作任何更改。", reader.problems)


def walk(
    concepts: list[ConceptSeed], location: Location = ("concepts",), parent: str | None = None
) -> Iterator[tuple[ConceptSeed, str | None, Location]]:
    """Concepts with the code of the broader one and their place in the file, parents first."""
    for index, concept in enumerate(concepts):
        here = (*location, index)
        yield concept, parent, here
        yield from walk(concept.narrower, (*here, "narrower"), concept.code)


class _Reader:
    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.problems: list[Problem] = []

    def one(self, name: str, model: type[M]) -> SeedFile[M] | None:
        if name not in self.files:
            self.problems.append(Problem(name, 1, "", "找不到这个文件"))
            return None
        file, problems = seedfile.parse(self.files[name], model, name=name)
        self.problems += problems
        return file

    def others(self, folder: str, known: set[str], model: type[M]) -> list[SeedFile[M]]:
        known_names = {f"{folder}/{name}" for name in known}
        names = [name for name in self.files if name.startswith(f"{folder}/")]
        parsed = [self.one(name, model) for name in names if name not in known_names]
        return [file for file in parsed if file is not None]


@dataclass
class _CrossCheck:
    """Collects definitions first, then checks every reference against them."""

    seeds: SeedSet
    found: list[Problem] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def problems(self) -> list[Problem]:
        self._define_policy()
        self._define_concepts()
        self._define_places()
        self._policy_references()
        self._taxonomy_references()
        self._crosswalk()
        self._city_references()
        return self.found

    def _define(
        self, kind: str, code: str, file: SeedFile[M], location: Location, belongs: str = ""
    ) -> None:
        known = self.codes.setdefault(kind, {})
        if code in known:
            self.found.append(file.problem(location, f"代码 “{code}” 重复"))
        known[code] = belongs

    def _refer(self, kind: str, code: str | None, file: SeedFile[M], location: Location) -> None:
        if code is not None and code not in self.codes.get(kind, {}):
            self.found.append(file.problem(location, f"“{code}” 不存在"))

    def _define_policy(self) -> None:
        seeds = self.seeds
        for i, body in enumerate(seeds.bodies.content.bodies):
            self._define("body", body.code, seeds.bodies, ("bodies", i, "code"))
        for policy in seeds.policies:
            content = policy.content
            self._define("document", content.document.code, policy, ("document", "code"))
            for i, clause in enumerate(content.clauses):
                here: Location = ("clauses", i, "code")
                self._define("clause", clause.code, policy, here)
                if not clause.code.startswith(f"{content.document.code}-"):
                    message = f"条款代码应以 “{content.document.code}-” 开头"
                    self.found.append(policy.problem(here, message))
            for i, target in enumerate(content.targets):
                self._define("target", target.code, policy, ("targets", i, "code"))
            for i, rule in enumerate(content.rules):
                self._define("rule", rule.code, policy, ("rules", i, "code"))

    def _define_concepts(self) -> None:
        for scheme in self.seeds.schemes:
            code = scheme.content.scheme.code
            self._define("scheme", code, scheme, ("scheme", "code"))
            order = str(scheme.content.scheme.order)
            self._define("order", order, scheme, ("scheme", "order"))
            for concept, _, place in walk(scheme.content.concepts):
                self._define("concept", concept.code, scheme, (*place, "code"), code)
                self._define(f"level {concept.level}", concept.code, scheme, (*place, "code"))

    def _define_places(self) -> None:
        seeds = self.seeds
        tiles: dict[tuple[int, int], str] = {}
        for i, city in enumerate(seeds.cities.content.cities):
            self._define("city", city.code, seeds.cities, ("cities", i, "code"))
            self._define("slug", city.slug, seeds.cities, ("cities", i, "slug"))
            self._define("name", city.name, seeds.cities, ("cities", i, "name"))
            neighbour = tiles.setdefault((city.column, city.row), city.name)
            if neighbour != city.name:
                message = f"{neighbour}与{city.name}占用同一格"
                self.found.append(seeds.cities.problem(("cities", i, "column"), message))
            for j, district in enumerate(city.districts):
                here = ("cities", i, "districts", j, "code")
                self._define("district", district.code, seeds.cities, here, city.code)
                if district.division_code:
                    here = ("cities", i, "districts", j, "division_code")
                    self._define("division", district.division_code, seeds.cities, here)
        for i, carrier in enumerate(seeds.carriers.content.carriers):
            self._define("carrier", carrier.code, seeds.carriers, ("carriers", i, "code"))

    def _policy_references(self) -> None:
        for policy in self.seeds.policies:
            for i, clause in enumerate(policy.content.clauses):
                for j, body in enumerate(clause.bodies):
                    self._refer("body", body, policy, ("clauses", i, "bodies", j))
            for i, target in enumerate(policy.content.targets):
                self._refer("clause", target.clause, policy, ("targets", i, "clause"))
            for i, rule in enumerate(policy.content.rules):
                self._refer("clause", rule.clause, policy, ("rules", i, "clause"))

    def _taxonomy_references(self) -> None:
        for file in self.seeds.schemes:
            scheme = file.content.scheme
            self._refer("document", scheme.document, file, ("scheme", "document"))
            for i, clause in enumerate(scheme.clauses):
                self._refer("clause", clause, file, ("scheme", "clauses", i))
            for concept, parent, here in walk(file.content.concepts):
                self._refer("clause", concept.clause, file, (*here, "clause"))
                expected = ConceptLevel.FIELD if parent is None else ConceptLevel.SUB_INDUSTRY
                if concept.narrower and parent is not None:
                    message = "标签只有领域和细分产业两层"
                    self.found.append(file.problem((*here, "narrower"), message))
                if concept.level != expected:
                    message = f"这一层应为 “{expected.value}”"
                    self.found.append(file.problem((*here, "level"), message))

    def _crosswalk(self) -> None:
        file = self.seeds.crosswalk
        scheme_of = self.codes["concept"]
        pairs: set[frozenset[str]] = set()
        mapped: set[tuple[str, str]] = set()
        for i, mapping in enumerate(file.content.mappings):
            self._refer("concept", mapping.source, file, ("mappings", i, "source"))
            self._refer("concept", mapping.target, file, ("mappings", i, "target"))
            pair = frozenset({mapping.source, mapping.target})
            if pair in pairs:
                self.found.append(file.problem(("mappings", i), "这对标签已有映射"))
            pairs.add(pair)
            source, target = scheme_of.get(mapping.source), scheme_of.get(mapping.target)
            if source and source == target:
                message = "映射两端属于同一标签体系"
                self.found.append(file.problem(("mappings", i, "target"), message))
            mapped |= {(mapping.source, target or ""), (mapping.target, source or "")}
        for i, missing in enumerate(file.content.unmapped):
            pair_code = f"{missing.concept} {missing.scheme}"
            self._define("unmapped", pair_code, file, ("unmapped", i, "concept"))
            self._refer("concept", missing.concept, file, ("unmapped", i, "concept"))
            self._refer("scheme", missing.scheme, file, ("unmapped", i, "scheme"))
            if (missing.concept, missing.scheme) in mapped:
                message = f"“{missing.concept}” 在上文已映射到该体系"
                self.found.append(file.problem(("unmapped", i, "concept"), message))

    def _city_references(self) -> None:
        seeds = self.seeds
        if len(seeds.cities.content.cities) != CITY_COUNT:
            message = f"应有 {CITY_COUNT} 个地级以上市，现有 {len(seeds.cities.content.cities)} 个"
            self.found.append(seeds.cities.problem(("cities",), message))
        said: set[tuple[str, str, str]] = set()
        for i, entry in enumerate(seeds.focus.content.focus):
            self._refer("clause", entry.clause, seeds.focus, ("focus", i, "clause"))
            for j, city in enumerate(entry.cities):
                self._refer("city", city, seeds.focus, ("focus", i, "cities", j))
            levels = {
                "fields": (ConceptLevel.FIELD, entry.fields),
                "sub_industries": (ConceptLevel.SUB_INDUSTRY, entry.sub_industries),
            }
            for name, (level, items) in levels.items():
                for j, item in enumerate(items):
                    here = ("focus", i, name, j, "concept")
                    self._refer(f"level {level}", item.concept, seeds.focus, here)
                    for city in entry.cities:
                        if (city, item.concept, entry.clause) in said:
                            self.found.append(seeds.focus.problem(here, f"“{item.concept}” 重复"))
                        said.add((city, item.concept, entry.clause))
        for i, carrier in enumerate(seeds.carriers.content.carriers):
            self._refer("city", carrier.city, seeds.carriers, ("carriers", i, "city"))
            self._refer("district", carrier.district, seeds.carriers, ("carriers", i, "district"))
            owner = self.codes["district"].get(carrier.district or "")
            if owner is not None and owner != carrier.city:
                message = f"“{carrier.district}” 不属于 {carrier.city}"
                self.found.append(seeds.carriers.problem(("carriers", i, "district"), message))
            for j, source in enumerate(carrier.sources):
                here = ("carriers", i, "sources", j, "clause")
                self._define("source", f"{carrier.code} {source.clause}", seeds.carriers, here)
                self._refer("clause", source.clause, seeds.carriers, here)
