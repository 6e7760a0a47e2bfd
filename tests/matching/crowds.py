"""Many random records in one world, and their lists as plain values, to compare engines with.

Everything ties with something: some records differ in their keys alone, texts are of every length,
some the same, some in letters that one side alone uses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np

from matching.engine.compiled import Part, merged, rank_part
from matching.engine.concepts import nearness
from matching.engine.focus import focus_table
from matching.engine.index import Index
from matching.engine.profile import STANDARD, Profile
from matching.engine.ranking import KEY_MASK, TopList, keys_of, rank, scores_of
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Ints, Scorer, Tables
from matching.engine.text import TextModel
from tests.matching.reference import Draw, Text, World

Record = TypeVar("Record", ScenarioRecord, CapabilityRecord)
Listed = list[tuple[int, int]]  # key and score of the counterparts, best first
Lists = dict[int, Listed]  # by key

SHARED = "智能检测系统设备技术水泵降噪光伏清洗机器人数据平台"
ASKED, OFFERED = "需求改造产线场景", "产品方案性能指标"  # by one side alone
RARE = "".join(chr(0x5000 + place) for place in range(400))
LARGEST_KEY = KEY_MASK - 1


@dataclass(frozen=True)
class Crowd:
    world: World
    tables: Tables
    scenarios: list[ScenarioRecord]
    capabilities: list[CapabilityRecord]

    @property
    def profile(self) -> Profile:
        return self.world.profile

    def index(self, *, block: int = 2048, room: int = 0) -> Index:
        return Index.build(
            self.scenarios, self.capabilities, self.tables, self.profile, block=block, room=room
        )

    def shuffled(self, draw: Draw) -> Crowd:
        scenarios, capabilities = self.scenarios, self.capabilities
        return replace(
            self,
            scenarios=[scenarios[row] for row in draw.rng.permutation(len(scenarios))],
            capabilities=[capabilities[row] for row in draw.rng.permutation(len(capabilities))],
        )

    def lists(self, model: TextModel, size: int) -> tuple[Lists, Lists]:
        """Of scenarios and of capabilities, as the plain engine makes them."""
        scorer = Scorer(self.capabilities, self.tables, model, self.profile)
        ranking = rank(self.scenarios, scorer, size)
        return (
            {key: told(each) for key, each in ranking.of_scenarios.items()},
            {key: told(each) for key, each in ranking.of_capabilities.items()},
        )


def tables_of(world: World) -> Tables:
    near = nearness(world.graph)
    cities = range(len(world.circles))
    metro = [[world.together(one, other) for other in cities] for one in cities]
    table = np.array(metro, dtype=bool).reshape(len(cities), len(cities))
    return Tables(near, focus_table(len(cities), world.focus, near), table)


def told(found: TopList) -> Listed:
    return list(zip(found.keys.tolist(), found.scores.tolist(), strict=True))


def read(listed: Ints) -> Listed:
    """A list of entries; whatever stands behind its end counts too, as a key that nobody has."""
    listed = np.trim_zeros(listed, "b")
    return list(zip(keys_of(listed).tolist(), scores_of(listed).tolist(), strict=True))


def lists_of(index: Index, part: Part) -> tuple[Lists, Lists]:
    return (
        dict(zip(index.scenarios.key.tolist(), map(read, part.of_scenarios), strict=False)),
        dict(zip(index.capabilities.key.tolist(), map(read, part.of_capabilities), strict=False)),
    )


def ranked(index: Index, size: int, *, parts: int = 1, shared: Ints | None = None) -> Part:
    """All blocks, in so many parts one after the other."""
    edges = np.linspace(0, len(index.blocks.rows) - 1, parts + 1).astype(int).tolist()
    return merged(
        [rank_part(index, first, last, shared=shared, size=size) for first, last in pairwise(edges)]
    )


class CrowdDraw(Draw):
    """Records and texts of one world; ``long``: the share of very long texts."""

    def __init__(self, seed: int, *, long: float = 0.01) -> None:
        super().__init__(seed)
        self.long = long
        self.tags = [self.numbers(12, 4) for _ in range(8)]
        self.texts: list[Text] = []
        weights = 1 / np.arange(2, 2 + len(SHARED + RARE))
        self.share = weights / weights.sum()

    def crowd(
        self,
        scenarios: int,
        capabilities: int,
        *,
        cities: int = 4,
        profile: Profile = STANDARD,
    ) -> Crowd:
        world = self.world(cities=cities, profile=profile)
        return Crowd(
            world,
            tables_of(world),
            self.many(self.asking, world, scenarios),
            self.many(self.offering, world, capabilities),
        )

    def many(self, one: Callable[[int, World], Record], world: World, count: int) -> list[Record]:
        drawn: list[Record] = []
        for key in self.keys(count):
            again = drawn and self.chance(0.2)
            record = drawn[self.number(len(drawn))] if again else one(key, world)
            drawn.append(replace(record, key=key))
        return drawn

    def asking(self, key: int, world: World) -> ScenarioRecord:
        title, body = self.words(ASKED)
        record = self.scenario(key, world)
        return replace(record, title=title, body=body, concepts=self.some(record.concepts))

    def offering(self, key: int, world: World) -> CapabilityRecord:
        title, body = self.words(OFFERED)
        record = self.capability(key, world)
        return replace(record, title=title, body=body, concepts=self.some(record.concepts))

    def some(self, tags: tuple[int, ...]) -> tuple[int, ...]:
        """Often the tags of others too."""
        return self.tags[self.number(len(self.tags))] if self.chance(0.6) else tags

    def keys(self, count: int) -> list[int]:
        """In no order, the smallest and the largest among them."""
        keys = [int(key) for key in self.rng.choice(10 * count + 10, count, replace=False) + 1]
        return [0, LARGEST_KEY, *keys][:count] if self.chance(0.5) else keys

    def words(self, own: str) -> Text:
        """Of 0 to 12 terms, of some dozens, or of hundreds; or what another says."""
        if self.texts and self.chance(0.2):
            return self.texts[self.number(len(self.texts))]
        if self.chance(self.long):
            text = self.sentence(own, 40), self.sentence(own, 3000)
        elif self.chance(0.4):
            text = (self.sentence(own, 6), "")
        else:
            text = self.sentence(own, 12), self.sentence(own, 60)
        self.texts.append(text)
        return text

    def sentence(self, own: str, longest: int) -> str:
        count = self.number(longest + 1)
        common = self.rng.choice([*SHARED, *RARE], count, p=self.share)
        return "".join(
            str(each) if self.chance(0.8) else own[self.number(len(own))] for each in common
        )


def differences(found: tuple[Lists, Lists], expected: tuple[Lists, Lists]) -> Sequence[object]:
    """Sides and keys whose lists are not the same, with both."""
    return [
        (side, key, own.get(key), other.get(key))
        for side, own, other in zip(("scenario", "capability"), found, expected, strict=True)
        for key in own.keys() | other.keys()
        if own.get(key) != other.get(key)
    ]
