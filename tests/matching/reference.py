"""The score of one pair, written a second time from its definition, to test the engine against.

Slow and plain on purpose: dicts, loops, strings and fractions; of the engine only constants and
records. The logarithms of text are the only floats. ``Draw`` makes random worlds and records.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product

import numpy as np

from matching.engine.concepts import KEEPS, ConceptGraph, Link
from matching.engine.focus import FIELD, GROUP_SHARE, SUB_INDUSTRY, Focus
from matching.engine.profile import STANDARD, Profile
from matching.engine.records import CapabilityRecord, Range, ScenarioRecord

Text = tuple[str, str]  # title, body

ONE = 1000
K1, B, BODY_WEIGHT, IDF_POWER = Fraction(3, 2), Fraction(3, 4), Fraction(1, 5), 1.5
WEIGHT_ONE, IMPACT_ONE, IDF_ONE, LOG_ONE = 2**23, 100, 2**12, 2**10


@dataclass(frozen=True)
class World:
    """Everything but the two records that a score depends on.

    ``circles``: the metro circles of each city; ``corpus``: the texts of the frozen statistics.
    """

    graph: ConceptGraph
    focus: Sequence[Focus] = ()
    circles: Sequence[frozenset[str]] = ()
    corpus: Sequence[Text] = ()
    profile: Profile = STANDARD

    def together(self, one: int, other: int) -> bool:
        return one == other or bool(self.circles[one] & self.circles[other])


class Reference:
    """Points, statements and filters of single pairs in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.text = TextReference(world.corpus)
        every = range(world.graph.size)
        self.like = {pair: likeness(world.graph, *pair) for pair in product(every, every)}
        self.near = {pair: self._nearness(*pair) for pair in product(every, every)}

    def _nearness(self, asked: int, offered: int) -> int:
        """The best way over one kinship, with like concepts at either end."""
        graph, like = self.world.graph, self.like
        best = 0
        for first in range(graph.size):
            if not like[asked, first]:
                continue
            for second in range(graph.size):
                link = kinship(graph, first, second)
                if link is not None:
                    onward = KEEPS[link] * like[second, offered] // ONE
                    best = max(best, like[asked, first] * onward // ONE)
        return best

    def focus(self, city: int, concept: int) -> int:
        """What the focus areas of ``city`` are worth for ``concept``."""
        by_source: dict[int, int] = {}
        for each in self.world.focus:
            if each.city == city:
                known = by_source.get(each.source, 0)
                by_source[each.source] = max(known, self._worth(each, concept))
        return min(sum(by_source.values()), ONE)

    def _worth(self, each: Focus, concept: int) -> int:
        strength = FIELD if each.is_field else SUB_INDUSTRY
        if each.is_group:
            strength = strength * GROUP_SHARE // ONE
        inside = (
            self.like[concept, one] * self.like[wider, each.concept] // ONE
            for one in range(self.world.graph.size)
            for wider in parents(self.world.graph, one)
        )
        return max(self.like[concept, each.concept], *inside, 0) * strength // ONE

    def points(self, scenario: ScenarioRecord, capability: CapabilityRecord) -> dict[str, int]:
        shares = {
            "tag": self._tag(scenario, capability),
            "host_focus": self._city_focus(scenario.city, scenario, capability),
            "supplier_focus": self._city_focus(capability.city, scenario, capability),
            "readiness": readiness(scenario.readiness, capability.readiness),
            "scale": scale(scenario.budget, capability.price),
            "nearness": ONE * self._nearby(scenario.city, capability.city),
        }
        maxima = self.world.profile.maxima()
        points = {part: share * maxima[part] // ONE for part, share in shares.items()}
        query, document = (scenario.title, scenario.body), (capability.title, capability.body)
        return points | {"text": self.text.points(query, document, maxima["text"])}

    def total(self, scenario: ScenarioRecord, capability: CapabilityRecord) -> int:
        """What a list goes by: 0 for what no list may hold, or what shares no tag and no word."""
        points = self.points(scenario, capability)
        if not self.eligible(scenario, capability) or not (points["tag"] or points["text"]):
            return 0
        return sum(points.values())

    def relevance(self, scenario: ScenarioRecord, tag: int) -> int:
        return max((self.near[asked, tag] for asked in scenario.concepts), default=0)

    def _tag(self, scenario: ScenarioRecord, capability: CapabilityRecord) -> int:
        """Half the best pair of tags, half how well the scenario's tags are met on average."""
        if not scenario.concepts:
            return 0
        met = [
            max((self.near[asked, tag] for tag in capability.concepts), default=0)
            for asked in scenario.concepts
        ]
        return (max(met) + sum(met) // len(met)) // 2

    def _city_focus(
        self, city: int | None, scenario: ScenarioRecord, capability: CapabilityRecord
    ) -> int:
        if city is None:
            return 0
        return max(
            (
                self.relevance(scenario, tag) * self.focus(city, tag) // ONE
                for tag in capability.concepts
            ),
            default=0,
        )

    def _nearby(self, one: int | None, other: int | None) -> bool:
        return one is not None and other is not None and self.world.together(one, other)

    def stated(self, scenario: ScenarioRecord, capability: CapabilityRecord) -> dict[str, bool]:
        tags = bool(scenario.concepts and capability.concepts)
        here, there = scenario.city is not None, capability.city is not None
        return {
            "tag": tags,
            "host_focus": tags and here,
            "supplier_focus": tags and there,
            "text": True,
            "readiness": scenario.readiness != (None, None) and capability.readiness is not None,
            "scale": scenario.budget != (None, None) and capability.price != (None, None),
            "nearness": here and there,
        }

    def _covers(self, asked: int, offered: int) -> bool:
        """The same or alike, or inside it, by equal concepts at either end."""
        graph = self.world.graph
        inside = any(
            wider in exact_family(graph, asked)
            for one in exact_family(graph, offered)
            for wider in parents(graph, one)
        )
        return self.like[asked, offered] > 0 or inside

    def eligible(self, scenario: ScenarioRecord, capability: CapabilityRecord) -> bool:
        lowest = scenario.readiness[0]
        filters = [
            capability.organization not in scenario.organizations,
            all(
                any(self._covers(must, tag) for tag in capability.concepts)
                for must in scenario.must_concepts
            ),
            not scenario.must_readiness
            or lowest is None
            or (capability.readiness is not None and capability.readiness >= lowest),
            scenario.must_qualifications <= capability.qualifications,
            scenario.city is None
            or not capability.cities_served
            or scenario.city in capability.cities_served,
        ]
        return all(filters)


def likeness(graph: ConceptGraph, one: int, other: int) -> int:
    if one == other:
        return ONE
    if other in exact_family(graph, one):
        return KEEPS[Link.EXACT]
    if {one, other} in [set(pair) for pair in graph.close]:
        return KEEPS[Link.CLOSE]
    return 0


def exact_family(graph: ConceptGraph, concept: int) -> set[int]:
    family, waiting = {concept}, [concept]
    while waiting:
        present = waiting.pop()
        for pair in graph.exact:
            if present in pair:
                waiting += set(pair) - family
                family |= set(pair)
    return family


def parents(graph: ConceptGraph, concept: int) -> set[int]:
    """What is one step wider: in the tree of the concept's scheme, or by a mapping to another."""
    return {parent for child, parent in [*graph.broader, *graph.wider] if child == concept}


def kinship(graph: ConceptGraph, asked: int, offered: int) -> Link | None:
    """The closest tie between the two themselves."""
    pair = asked, offered
    if asked == offered:
        return Link.EQUAL
    if asked in parents(graph, offered):
        return Link.NARROWER
    if offered in parents(graph, asked):
        return Link.BROADER
    if {asked, offered} in [set(pair) for pair in graph.related]:
        return Link.RELATED
    trees = [{parent for child, parent in graph.broader if child == one} for one in pair]
    return Link.SIBLING if trees[0] & trees[1] else None


def readiness(asked: Range, offered: int | None) -> int:
    if asked == (None, None) or offered is None:
        return 0
    lower, upper = asked[0] or 1, asked[1] or 9
    missing, excess = max(lower - offered, 0), max(offered - upper, 0)
    return max(ONE - 350 * missing - 100 * excess, 0)


def scale(budget: Range, price: Range) -> int:
    purse = budget[1] if budget[1] is not None else budget[0]
    lowest = price[0] if price[0] is not None else price[1]
    if purse is None or lowest is None:
        return 0
    if purse >= lowest:
        return ONE
    share = ONE * purse // lowest
    return share if 2 * share >= ONE else 0


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(each if each.isalnum() else " " for each in plain)


def terms(text: str) -> Counter[str]:
    """How often each character and each pair of neighbours occurs."""
    found: Counter[str] = Counter()
    for word in folded(text).split():
        found.update(word)
        found.update(one + other for one, other in pairwise(word))
    return found


def weighed(text: Text) -> dict[str, Fraction]:
    """How often each term occurs, as if all stood in the title."""
    found: dict[str, Fraction] = {}
    for part, weight in zip(text, (Fraction(1), BODY_WEIGHT), strict=True):
        for term, count in terms(part).items():
            found[term] = found.get(term, Fraction(0)) + weight * count
    return found


class TextReference:
    """BM25 as published, over characters and pairs, in the whole numbers of the engine."""

    def __init__(self, corpus: Sequence[Text]) -> None:
        documents = [weighed(text) for text in corpus]
        self.texts = len(documents)
        self.frequencies = Counter(term for document in documents for term in document)
        # A corpus that says nothing counts as one term of one body.
        length = sum((sum(each.values()) for each in documents), Fraction(0)) or BODY_WEIGHT
        self.average_length = length / max(self.texts, 1)

    def idf(self, term: str) -> int:
        """Terms that no text had count as the rarest that one had."""
        if not self.frequencies:
            return IDF_ONE
        frequency = self.frequencies.get(term) or min(self.frequencies.values())
        ratio = (self.texts - frequency + 0.5) / (frequency + 0.5)
        return max(round(IDF_ONE * math.pow(math.log(1 + ratio), IDF_POWER)), 1)

    def impacts(self, text: Text) -> dict[str, int]:
        counts = weighed(text)
        norm = K1 * (1 - B + B * sum(counts.values()) / self.average_length)
        shares = {term: count * (K1 + 1) / (count + norm) for term, count in counts.items()}
        return {
            term: max(math.floor(IMPACT_ONE * share + Fraction(1, 2)), 1)
            for term, share in shares.items()
        }

    def weights(self, text: Text) -> dict[str, int]:
        """Weights by term; what says the same, title or all of it, reaches the maximum."""
        title, body = map(terms, text)
        asked = {
            term: (logarithm(title[term]) + BODY_WEIGHT * logarithm(body[term])) * self.idf(term)
            for term in title | body
        }
        own = max(
            sum(asked[term] * impact for term, impact in self.impacts(said).items())
            for said in ((text[0], ""), text)
        )
        return {term: math.ceil(WEIGHT_ONE * weight / own) for term, weight in asked.items()}

    def points(self, query: Text, document: Text, maximum: int) -> int:
        weights, impacts = self.weights(query), self.impacts(document)
        total = sum(weight * impacts.get(term, 0) for term, weight in weights.items())
        return min(total * maximum // WEIGHT_ONE, maximum)


def logarithm(count: int) -> int:
    return round(LOG_ONE * math.log2(1 + count))


class Draw:
    """Random worlds and records; the same seed always draws the same.

    Everything comes from few values, so that records often share something and scores often tie.
    """

    LETTERS = (*"水泵降噪光伏清洗", "Ａ", "a", "7", "𠀀", "，", " ", "😀")
    FEN = (0, 1, 2_000_00, 3_000_00, 4_999_99, 5_000_00, 10_000_00, 2**62, 2**63 - 1)
    PAPERS = ("iso9001", "cma", "civil-aviation")

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def number(self, below: int) -> int:
        return int(self.rng.integers(below))

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def maybe(self, below: int) -> int | None:
        return self.number(below) if self.chance(0.7) and below else None

    def numbers(self, below: int, most: int) -> tuple[int, ...]:
        count = min(self.number(most + 1), below)
        return tuple(int(each) for each in self.rng.choice(below, count, replace=False))

    def pairs(self, size: int, count: int) -> list[tuple[int, int]]:
        drawn = [(self.number(size), self.number(size)) for _ in range(count)] if size else []
        return [(one, other) for one, other in drawn if one != other]

    def text(self, longest: int) -> str:
        return "".join(self.rng.choice(self.LETTERS, self.number(longest + 1)))

    def graph(self, size: int) -> ConceptGraph:
        """Two schemes' worth of ties of every kind; cycles and contradictions too."""
        return ConceptGraph(
            size=size,
            broader=self.pairs(size, size * 2 // 3),
            wider=self.pairs(size, size // 3),
            exact=self.pairs(size, size // 4),
            close=self.pairs(size, size // 3),
            related=self.pairs(size, size // 4),
        )

    def world(self, concepts: int = 12, cities: int = 4, profile: Profile = STANDARD) -> World:
        focus = [
            Focus(
                city=self.number(cities),
                concept=self.number(concepts),
                source=self.number(3),
                is_field=self.chance(0.5),
                is_group=self.chance(0.3),
            )
            for _ in range(cities * 4)
        ]
        circles = [
            frozenset({"北", "南"}) if self.chance(0.3) else frozenset({str(city)})
            for city in range(cities)
        ]
        corpus = [(self.text(8), self.text(20)) for _ in range(self.number(12))]
        return World(self.graph(concepts), focus, circles, corpus, profile)

    def span(self, values: Sequence[int]) -> Range:
        lower, upper = (
            values[self.number(len(values))] if self.chance(0.6) else None for _ in range(2)
        )
        return lower, upper

    def scenario(self, key: int, world: World) -> ScenarioRecord:
        concepts = world.graph.size
        return ScenarioRecord(
            key=key,
            organizations=frozenset(self.numbers(8, 2)),
            title=self.text(6),
            body=self.text(12) if self.chance(0.7) else "",
            concepts=self.numbers(concepts, 4),
            city=self.maybe(len(world.circles)),
            readiness=self.span(range(1, 10)),
            budget=self.span(self.FEN),
            must_concepts=self.numbers(concepts, 1) if self.chance(0.3) else (),
            must_qualifications=frozenset(self.papers(2)) if self.chance(0.3) else frozenset(),
            must_readiness=self.chance(0.3),
        )

    def capability(self, key: int, world: World) -> CapabilityRecord:
        level = self.maybe(9)
        return CapabilityRecord(
            key=key,
            organization=self.number(8),
            title=self.text(6),
            body=self.text(20) if self.chance(0.7) else "",
            concepts=self.numbers(world.graph.size, 4),
            city=self.maybe(len(world.circles)),
            readiness=None if level is None else level + 1,
            price=self.span(self.FEN),
            qualifications=frozenset(self.papers(3)),
            cities_served=frozenset(
                self.numbers(len(world.circles), 3) if self.chance(0.4) else ()
            ),
        )

    def papers(self, most: int) -> list[str]:
        return [self.PAPERS[each] for each in self.numbers(len(self.PAPERS), most)]
