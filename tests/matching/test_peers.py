"""Peers rank as told: each against brute force by its own formula, on few records."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import numpy as np
import psycopg
import pytest

from matching.benchmark import peers
from matching.benchmark.bandwidth import copy_bandwidth
from matching.benchmark.peers import Case, Features, PeersMissing, Rank, Sample
from matching.engine.concepts import ConceptGraph, nearness
from matching.engine.focus import focus_table
from matching.engine.profile import PARTS
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Tables
from tests.conftest import owner_address
from tests.matching.reference import Draw, Reference, World, terms

# A field with two sub-industries, and a stranger.
FIELD, SUB, SIBLING, STRANGER = range(4)
WORLD = World(ConceptGraph(4, broader=[(SUB, FIELD), (SIBLING, FIELD)]), circles=[frozenset()])
HOST, SUPPLIER = 1, 2
LETTERS = "水泵降噪光伏清洗电池回收"


def tables(world: World) -> Tables:
    near = nearness(world.graph)
    cities = range(len(world.circles))
    metro = [[world.together(one, other) for other in cities] for one in cities]
    focus = focus_table(len(cities), world.focus, near)
    return Tables(near, focus, np.array(metro, dtype=bool).reshape(len(cities), len(cities)))


def case(
    scenarios: list[ScenarioRecord], capabilities: list[CapabilityRecord], world: World = WORLD
) -> Case:
    return Case.of(scenarios, capabilities, tables(world))


def scenario(title: str, body: str = "", *concepts: int) -> ScenarioRecord:
    return ScenarioRecord(1, frozenset({HOST}), title, body, concepts)


def capability(title: str, body: str = "", *concepts: int) -> CapabilityRecord:
    return CapabilityRecord(1, SUPPLIER, title, body, concepts)


@pytest.fixture(scope="module")
def random_case() -> Case:
    """More capabilities than a list holds."""
    chance = np.random.default_rng(5)

    def text(longest: int) -> str:
        return "".join(chance.choice(list(LETTERS), int(chance.integers(1, longest))))

    return case(
        [scenario(text(8), text(20)) for _ in range(12)],
        [capability(text(8), text(30)) for _ in range(90)],
    )


def bm25(case: Case, row: int, *, weighed: bool) -> list[float]:
    """The formula of the docstrings, with idf to the power 1.5."""

    def said(title: str, body: str) -> Counter[str]:
        counts = Counter({term: 5 * count for term, count in terms(title).items()})
        return counts + terms(body)

    documents = [said(each.title, each.body) for each in case.capability_records]
    average = sum(document.total() for document in documents) / len(documents)
    spread = Counter(term for document in documents for term in document)
    record = case.scenario_records[row]
    scores = []
    for document in documents:
        norm = 5 * 1.5 * (0.25 + 0.75 * document.total() / average)
        score = 0.0
        for term, count in said(record.title, record.body).items():
            if term in document:
                odds = (len(documents) - spread[term] + 0.5) / (spread[term] + 0.5)
                share = document[term] * 2.5 / (document[term] + norm)
                score += (count if weighed else 1) * math.log(1 + odds) ** 1.5 * share
        scores.append(score)
    return scores


def best(rank: Rank, row: int = 0) -> list[int]:
    return rank(np.array([row]))[0].tolist()


def assert_ranks_by(scores: list[float], found: list[int]) -> None:
    """The best 50 of those with any score, best first; sums of float32 may tie or swap."""
    expected = sorted((score for score in scores if score > 0), reverse=True)[:50]
    assert len(set(found)) == len(found)
    assert [scores[row] for row in found] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("ranker", "weighed"), [(peers.bm25s_text_ranker, False), (peers.scipy_ranker, True)]
)
def test_text_peer_ranks_by_bm25_of_weighed_terms(
    ranker: Callable[[Case], Rank], weighed: bool, random_case: Case
) -> None:
    found = ranker(random_case)(np.arange(12))

    assert len(found) == 12
    for row in range(12):
        assert_ranks_by(bm25(random_case, row, weighed=weighed), found[row].tolist())


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_backends_of_bm25s_give_the_same_scores(backend: str, random_case: Case) -> None:
    retriever = peers.bm25s_retriever(random_case, backend)

    scores = retriever.get_scores_from_ids(random_case.scenarios.of(0)[0])

    assert scores.tolist() == pytest.approx(bm25(random_case, 0, weighed=False), rel=1e-5)


@pytest.mark.parametrize(
    "ranker",
    [
        peers.bm25s_text_ranker,
        peers.bm25s_features_ranker,
        peers.scipy_ranker,
        peers.tantivy_ranker,
    ],
)
def test_a_scenario_without_a_word_finds_nothing(ranker: Callable[[Case], Rank]) -> None:
    assert best(ranker(case([scenario("，")], [capability("水泵"), capability("光伏")]))) == []


def test_tantivy_puts_a_shared_tag_above_a_shared_character_and_a_near_one_between() -> None:
    offered = [
        capability("水泵水泵"),
        capability("水", "", SIBLING),
        capability("水", "", SUB),
        capability("水", "", STRANGER),
    ]
    others = [capability("光伏", "", STRANGER) for _ in range(4)]

    found = best(peers.tantivy_ranker(case([scenario("水", "清洗", SUB)], offered + others)))

    assert found[:2] == [2, 1]
    assert sorted(found) == [0, 1, 2, 3]


def test_tantivy_puts_the_title_above_the_body() -> None:
    offered = [capability("光伏清洗", "水泵"), capability("水泵清洗", "光伏")]

    assert best(peers.tantivy_ranker(case([scenario("水泵")], offered))) == [1, 0]


@pytest.fixture
def address(committed_db: str) -> str:
    """The owner's: the site may make no tables, not even for the moment."""
    return owner_address(urlsplit(committed_db).path.removeprefix("/"))


@pytest.fixture
def connection(address: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def test_postgres_ranks_by_shared_terms_title_above_body(connection: psycopg.Connection) -> None:
    offered = [
        capability("光伏", "水泵"),
        capability("水泵", "光伏"),
        capability("光伏"),
        capability("水", "光伏"),
    ]

    ranked = best(peers.postgres_ranker(case([scenario("水泵")], offered), connection))

    assert ranked == [1, 3, 0]


def test_postgres_gives_the_best_fifty(connection: psycopg.Connection, random_case: Case) -> None:
    found = peers.postgres_ranker(random_case, connection)(np.arange(3))

    assert [len(set(each.tolist())) for each in found] == [50, 50, 50]


def test_postgres_leaves_nothing_behind(address: str, random_case: Case) -> None:
    def relations() -> list[tuple[str, str]]:
        with psycopg.connect(address) as reader:
            return reader.execute(
                "SELECT relnamespace::regnamespace::text, relname FROM pg_class ORDER BY 1, 2"
            ).fetchall()

    before = relations()

    result = peers.postgres_ts_rank(random_case, Sample.spread(random_case.scenarios), address)

    assert result.name == "postgres_ts_rank"
    assert result.sampled == 12
    assert relations() == before


def test_features_are_the_points_of_the_reference_without_text() -> None:
    draw = Draw(seed=11)
    for _ in range(6):
        world = draw.world()
        reference = Reference(world)
        offered = [draw.capability(key, world) for key in range(40)]
        features = Features(offered, tables(world))
        for asked in (draw.scenario(key, world) for key in range(40)):
            points = features.points(asked)
            for each, found in zip(offered, points.tolist(), strict=True):
                if reference.eligible(asked, each):
                    parts = reference.points(asked, each)
                    whole = sum(parts[part] for part in PARTS if part != "text")
                    # The reference rounds down, several times for a part.
                    assert whole - 1e-2 <= found <= whole + 20
                else:
                    assert found < 0


def test_bm25s_with_features_leaves_out_what_a_must_have_filters() -> None:
    asked = replace(scenario("水泵", "降噪", SUB), must_concepts=(SUB,))
    offered = [
        capability("水泵降噪"),
        capability("水泵", "", SUB),
        replace(capability("水泵", "", SUB), organization=HOST),
        capability("光伏", "", SUB),
    ]

    assert best(peers.bm25s_features_ranker(case([asked], offered))) == [1, 3]


def test_bm25s_with_features_ranks_by_points_and_text() -> None:
    offered = [
        capability("水泵降噪"),
        capability("水泵", "", SUB),
        capability("水泵", "", SIBLING),
        capability("光伏", "", SUB),
    ]

    found = best(peers.bm25s_features_ranker(case([scenario("水泵", "降噪", SUB)], offered)))

    assert found == [1, 3, 2, 0]


def test_case_counts_a_title_five_times_and_numbers_terms_alike_on_both_sides() -> None:
    made = case([scenario("水泵", "水")], [capability("泵", "水水")])

    asked, offered = (
        dict(zip(*(side.tolist() for side in texts.of(0)), strict=True))
        for texts in (made.scenarios, made.capabilities)
    )
    assert sorted(asked.values()) == [5, 5, 6]  # the pair, 泵, 水
    assert sorted(offered.values()) == [1, 2, 5]  # the pair 水水, 水, 泵
    assert sum(asked[term] == 6 and count == 2 for term, count in offered.items() if term in asked)
    assert made.size == 4


def test_a_sample_has_every_scenario_once_and_short_and_long_texts_from_the_start() -> None:
    records = [scenario("水" * (1 + number)) for number in range(400)]
    scrambled = np.random.default_rng(3).permutation(400)
    texts = peers.Texts(
        np.concatenate([[0], np.cumsum(scrambled)]),
        np.zeros(scrambled.sum(), np.int32),
        np.ones(scrambled.sum(), np.int64),
    )

    order = Sample.spread(texts).order

    assert len(texts) == len(records)
    assert sorted(order.tolist()) == list(range(400))
    for size in (5, 20, 60):
        assert scrambled[order[:size]].mean() == pytest.approx(199.5, rel=0.2)
    assert order.tolist() == Sample.spread(texts).order.tolist()
    assert order.tolist() != Sample.spread(texts, seed=2).order.tolist()


class Clock:
    """Goes on by a second for each scenario that is ranked, by 100 for an index."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ranked: list[int] = []

    def build(self) -> Rank:
        self.now += 100
        return self.rank

    def rank(self, rows: peers.Ints) -> list[peers.Ints]:
        self.now += len(rows)
        self.ranked += rows.tolist()
        return [rows for _ in rows]

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("at_once", "seconds", "sampled"),
    [(20, 30.0, 40), (20, 5.0, 20), (3, 9.0, 9), (20, 1e9, 1000)],
)
def test_what_is_measured_is_scaled_up_to_all(at_once: int, seconds: float, sampled: int) -> None:
    clock = Clock()
    sample = Sample(np.arange(1000)[::-1], at_once, seconds)

    result = peers.measure("slow", clock.build, sample, clock)

    assert result == peers.PeerResult("slow", seconds=1000.0, sampled=sampled, build_seconds=100.0)
    assert clock.ranked == [999, *range(999, 999 - sampled, -1)]  # the first to warm up


@pytest.mark.parametrize(
    ("peer", "name"),
    [
        (peers.bm25s_text, "bm25s_text"),
        (peers.bm25s_features, "bm25s_features"),
        (peers.scipy_product, "scipy"),
        (peers.tantivy_boosted, "tantivy"),
    ],
)
def test_every_peer_is_measured(
    peer: Callable[[Case, Sample], peers.PeerResult], name: str, random_case: Case
) -> None:
    result = peer(random_case, Sample.spread(random_case.scenarios))

    assert result.name == name
    assert result.sampled == 12
    assert result.seconds > 0
    assert result.build_seconds > 0


@pytest.mark.parametrize(
    ("module", "peer"),
    [
        ("bm25s", peers.bm25s_text),
        ("scipy.sparse", peers.scipy_product),
        ("tantivy", peers.tantivy_boosted),
    ],
)
def test_a_missing_peer_tells_what_to_install(
    module: str,
    peer: Callable[[Case, Sample], peers.PeerResult],
    random_case: Case,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as Python marks what cannot be imported

    with pytest.raises(PeersMissing, match=f"^{module} .* deploy/venv requirements-embedded"):
        peer(random_case, Sample.spread(random_case.scenarios))


def test_copying_is_measured_in_bytes_a_second() -> None:
    assert 1e8 < copy_bandwidth(size=8 << 20) < 1e13
