"""Tag and city carry the ranking: a table made by hand from the texts, exact to the point.

Each row is a pair that differs from its neighbours in one thing only; the points are worked out
beside it from the rules of ``matching.engine.concepts`` and ``matching.engine.focus``.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from matching.engine.profile import STANDARD
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Scorer, Scores
from matching.engine.text import TextModel
from matching.pipeline import Domain, load_domain
from matching.queries import capabilities_for
from matching.services import rank_all
from taxonomy.models import City, Concept
from tests.records import make_capability, make_organization, make_scenario

pytestmark = pytest.mark.django_db

GUANGZHOU, SHENZHEN, FOSHAN, ZHAOQING, HUIZHOU = "440100", "440300", "440600", "441200", "441300"
SHANTOU = "440500"
NOWHERE = None

# scenario's tag, scenario's city, capability's tag, supplier's city: tag, host and supplier points
TABLE = [
    # The same sub-industry, named by the scenario's city and by the supplier's: 600 of 1000 each.
    (("gd-2024-embodied-robots", FOSHAN, "gd-2024-embodied-robots", FOSHAN), (4000, 900, 600)),
    # The same, the supplier sits where only the field is named (400), then where nothing is.
    (("gd-2024-embodied-robots", FOSHAN, "gd-2024-embodied-robots", HUIZHOU), (4000, 900, 400)),
    (("gd-2024-embodied-robots", FOSHAN, "gd-2024-embodied-robots", ZHAOQING), (4000, 900, 0)),
    # The same tag in a city that names the field alone, then in one that names neither.
    (("gd-2024-embodied-robots", HUIZHOU, "gd-2024-embodied-robots", NOWHERE), (4000, 600, 0)),
    (("gd-2024-embodied-robots", ZHAOQING, "gd-2024-embodied-robots", NOWHERE), (4000, 0, 0)),
    # Mapped tags keep 95 % (exact) and 85 % (close) of the tag part.
    (("gd-2024-quantum-computing", ZHAOQING, "sz-2022-quantum-computing", NOWHERE), (3800, 0, 0)),
    (
        ("gd-2024-quantum-measurement", ZHAOQING, "sz-2022-quantum-measurement", NOWHERE),
        (3400, 0, 0),
    ),
    # A narrower tag lies inside what is asked for, a broader one may reach it.
    (("gd-2024-quantum", ZHAOQING, "gd-2024-quantum-computing", NOWHERE), (2800, 0, 0)),
    (("gd-2024-quantum-computing", ZHAOQING, "gd-2024-quantum", NOWHERE), (2400, 0, 0)),
    # Siblings share a field; strangers share nothing, whatever their cities name.
    (
        ("gd-2024-quantum-computing", ZHAOQING, "gd-2024-quantum-communication", NOWHERE),
        (1600, 0, 0),
    ),
    (("gd-2024-quantum-computing", SHENZHEN, "gd-2024-low-altitude", SHENZHEN), (0, 0, 0)),
]


def score(domain: Domain, asked: str, city: str | None, offered: str, seat: str | None) -> Scores:
    concepts = dict(Concept.objects.values_list("code", "pk"))
    cities = dict(City.objects.values_list("code", "pk"))

    def place(code: str | None) -> int | None:
        return domain.cities[cities[code]] if code else None

    scenario = ScenarioRecord(
        key=1,
        organizations=frozenset({1}),
        title="甲",
        concepts=(domain.concepts[concepts[asked]],),
        city=place(city),
    )
    capability = CapabilityRecord(
        key=1,
        organization=2,
        title="乙",
        concepts=(domain.concepts[concepts[offered]],),
        city=place(seat),
    )
    scorer = Scorer([capability], domain.tables, TextModel.freeze([("乙", "")]), STANDARD)
    return scorer.score(scenario)


def points(scores: Scores) -> tuple[int, int, int]:
    tag, host, supplier = (
        int(scores.parts[part][0]) for part in ("tag", "host_focus", "supplier_focus")
    )
    return tag, host, supplier


@pytest.mark.parametrize(("pair", "expected"), TABLE)
def test_pair_has_the_points_worked_out_by_hand(
    pair: tuple[str, str | None, str, str | None], expected: tuple[int, int, int]
) -> None:
    scores = score(load_domain(), *pair)

    assert points(scores) == expected
    assert int(scores.total[0]) == sum(expected)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        # Both lie within the nation's 未来信息, which makes them no kin.
        ("gd-2024-quantum-computing", "gd-2024-large-models"),
        # Both lie within Guangzhou's 未来网络与量子科技.
        ("gd-2024-quantum-computing", "gd-2024-computing-network"),
        # 区块链 has no counterpart in the fields of 2024.
        ("sz-2022-blockchain", "gd-2024-computing-network"),
    ],
)
def test_strangers_share_nothing(asked: str, offered: str) -> None:
    assert points(score(load_domain(), asked, SHENZHEN, offered, SHENZHEN)) == (0, 0, 0)


def test_table_descends() -> None:
    totals = [sum(expected) for _, expected in TABLE]

    assert all(higher > lower for higher, lower in pairwise(totals))


@pytest.mark.parametrize(
    ("tag", "city", "worth"),
    [
        # 无人系统: the province names Guangzhou's field (400), the city its own track, which the
        # crosswalk holds to be close (85 % of 400).
        ("gd-2024-unmanned-systems", GUANGZHOU, 740),
        # Shenzhen's own industry, which the province's fields do not have.
        ("sz-2022-blockchain", SHENZHEN, 400),
        ("sz-2022-blockchain", GUANGZHOU, 0),
        # 合成生物 in Shenzhen: the province's sub-industry (600) and the city's own (95 % of 400).
        ("gd-2024-synthetic-biology", SHENZHEN, 980),
        # A sub-industry that Guangzhou does not name falls back to the field that it names.
        ("gd-2024-large-models", GUANGZHOU, 400),
        # Named with a group of cities, a sub-industry counts half.
        ("gd-2024-ccus", SHANTOU, 300),
        ("gd-2024-ccus", HUIZHOU, 600),
    ],
)
def test_focus_is_worth_what_the_sources_say(tag: str, city: str, worth: int) -> None:
    domain = load_domain()
    concept = domain.concepts[Concept.objects.get(code=tag).pk]
    place = domain.cities[City.objects.get(code=city).pk]

    assert int(domain.tables.focus[place, concept]) == worth


@pytest.mark.parametrize(
    "unnamed",
    [
        "gd-2024-all-optical-communication",
        "gd-2024-brain-like-intelligence",
        "gd-2024-commercial-space",
        "gd-2024-quantum-communication",
    ],
)
def test_sub_industry_that_no_city_names_falls_back_to_its_field(unnamed: str) -> None:
    concept = Concept.objects.get(code=unnamed)
    assert not concept.focus.exists()
    domain = load_domain()
    by_province = [
        domain.cities[city.pk]
        for city in City.objects.exclude(code__in=(GUANGZHOU, SHENZHEN))  # have tracks of their own
    ]

    own = domain.tables.focus[by_province, domain.concepts[concept.pk]]
    field = domain.tables.focus[by_province, domain.concepts[concept.broader_id]]

    assert own.tolist() == field.tolist()


def test_lists_come_out_in_the_order_of_the_table() -> None:
    """The same through records, ranking and reading: tag and city alone decide."""
    scenario = make_scenario(name="巡检", concepts=["gd-2024-quantum-computing"], city=SHENZHEN)
    seats = {"聚焦": SHENZHEN, "同标签": ZHAOQING}
    tags = {
        "聚焦": "gd-2024-quantum-computing",
        "同标签": "gd-2024-quantum-computing",
        "映射": "sz-2022-quantum-computing",
        "上位": "gd-2024-quantum",
        "同级": "gd-2024-quantum-communication",
        "无关": "gd-2024-low-altitude",
    }
    for name, tag in reversed(tags.items()):
        supplier = make_organization(city=seats.get(name))
        make_capability(supplier, name=name, concepts=[tag])

    rank_all()

    assert [each.record.name for each in capabilities_for(scenario)] == list(tags)[:-1]
