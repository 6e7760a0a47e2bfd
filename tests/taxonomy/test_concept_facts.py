"""Concept schemes and the crosswalk between them, against the policy texts typed again by hand."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

Facts = dict[str, Any]

FIELDS = {
    "gd-2024": "未来网络、通用智能、生命与健康、低碳能源、先进材料、未来空间、量子科技",
    "gz-2025": "智能无人系统、具身智能、细胞与基因、未来网络与量子科技、前沿新材料、深海深空",
    "sz-2022": "合成生物、区块链、细胞与基因、空天技术、脑科学与类脑智能、深地深海、"
    "可见光通信与光计算、量子信息",
    "national-six": "未来制造、未来信息、未来材料、未来能源、未来空间、未来健康",
    "gd-145-pillar": "新一代电子信息、绿色石化、智能家电、汽车、先进材料、现代轻工纺织、"
    "软件与信息服务、超高清视频显示、生物医药与健康、现代农业与食品",
    "gd-145-emerging": "半导体与集成电路、高端装备制造、智能机器人、区块链与量子信息、前沿新材料、"
    "新能源、激光与增材制造、数字创意、安全应急与环保、精密仪器设备",
    "gd-145-frontier": "人工智能、区块链、智能传感、卫星互联网、空天科技、太赫兹、信息光子、"
    "低碳零碳负碳技术、天然气水合物、氢能、材料基因工程、合成生物学、干细胞与再生医学",
    # 三（四） of the province's plan, then 第（十三）条 of Shenzhen's draft.
    "cross-field": "大模型+虚拟数字人、数字空间+智慧城市、智能无人系统+低空经济、"
    "新型储能+绿色低碳、类脑智能+机器人、可见光通信+深地深海、光计算+类脑计算、量子计算+合成生物、"
    "合成生物学技术在细胞与基因治疗中的应用、细胞与基因技术在生物育种中的应用",
}
COUNTS = {
    "gd-2024": (7, 29),
    "gz-2025": (6, 0),
    "sz-2022": (8, 28),
    "national-six": (6, 0),
    "gd-145-pillar": (10, 0),
    "gd-145-emerging": (10, 0),
    "gd-145-frontier": (13, 0),
    "cross-field": (10, 0),
}
SOURCES = {
    "gd-2024": {"二", *(f"二（{n}）" for n in "一二三四五六七")},
    "gz-2025": {"三"},
    "sz-2022": {"四（一）", "四（二）", "一"},
    "national-six": {"三"},
    "gd-145-pillar": {"专栏 16"},
    "gd-145-emerging": {"专栏 17"},
    "gd-145-frontier": {"专栏 11"},
    "cross-field": {"三（四）", "第（十三）条"},
}

# Part 二 of the province's plan; 深海空间 and 网络空间 are the words of part 四.
PROVINCE = {
    "未来网络": "高速全光通信、下一代移动通信、算力网络、光计算与可见光通信",
    "通用智能": "大模型、具身智能机器人、未来智能终端、智能无人系统、类脑智能",
    "生命与健康": "合成生物、AI+生物医药、细胞和基因治疗、脑科学与脑机接口、类器官",
    "低碳能源": "新型储能、绿色氢能、先进核能、碳捕集利用与封存",
    "先进材料": "仿生智能材料、纳米材料、超导材料、先进金属",
    "未来空间": "深海空间、网络空间、低空经济、商业航天",
    "量子科技": "量子计算、量子精密测量、量子通信",
}
ALTERNATIVES = {
    "未来智能终端": ["通用智能终端"],
    "碳捕集利用与封存": ["CCUS"],
    "先进金属": ["先进金属材料"],
    "深海空间": ["深海"],
}

# Read: the second concept is exact, close, broad (broader), narrow (narrower) or related to the
# first one.
JUDGEMENTS = [
    ("gd-2024", "细胞和基因治疗", "broad", "gz-2025", "细胞与基因"),
    ("gd-2024", "细胞和基因治疗", "broad", "sz-2022", "细胞与基因"),
    ("gz-2025", "细胞与基因", "close", "sz-2022", "细胞与基因"),
    ("gd-2024", "深海空间", "broad", "gz-2025", "深海深空"),
    ("gd-2024", "深海空间", "broad", "sz-2022", "深地深海"),
    ("gz-2025", "深海深空", "related", "sz-2022", "深地深海"),
    ("gd-2024", "商业航天", "broad", "sz-2022", "空天技术"),
    ("gd-2024", "脑科学与脑机接口", "related", "sz-2022", "脑科学与类脑智能"),
    ("gd-2024", "量子精密测量", "close", "sz-2022", "量子测量"),
    ("gd-2024", "量子科技", "close", "sz-2022", "量子信息"),
    ("gd-2024", "量子科技", "broad", "gz-2025", "未来网络与量子科技"),
    ("gd-2024", "未来网络", "broad", "gz-2025", "未来网络与量子科技"),
    ("gd-2024", "智能无人系统", "close", "gz-2025", "智能无人系统"),
    ("gd-2024", "具身智能机器人", "broad", "gz-2025", "具身智能"),
    ("gd-2024", "先进材料", "close", "gz-2025", "前沿新材料"),
    ("gd-2024", "先进材料", "related", "gd-145-pillar", "先进材料"),
    ("gd-2024", "绿色氢能", "broad", "gd-145-frontier", "氢能"),
    ("sz-2022", "区块链", "broad", "gd-145-emerging", "区块链与量子信息"),
]
EXACT = {
    ("光计算与可见光通信", "可见光通信与光计算"),
    ("类脑智能", "类脑智能"),
    ("合成生物", "合成生物"),
    ("细胞和基因治疗", "细胞与基因治疗技术"),
    ("量子计算", "量子计算"),
    ("量子通信", "量子通信"),
}
INVERSE = {
    "exact": "exact",
    "close": "close",
    "related": "related",
    "broad": "narrow",
    "narrow": "broad",
}


@pytest.fixture
def concepts(client: Client) -> list[Facts]:
    """Every concept that the API lists, in its order."""
    found: list[Facts] = []
    page: str | None = "/api/v1/concepts/?page_size=100"
    while page:
        answer = client.get(page).json()
        found += answer["results"]
        page = answer["next"]
    return found


def within(concepts: list[Facts], scheme: str, level: str) -> list[Facts]:
    return [each for each in concepts if (each["scheme"], each["level"]) == (scheme, level)]


def labelled(concepts: list[Facts], scheme: str, label: str) -> Facts:
    """The scheme's concept of that label; a field before a sub-industry of the same name."""
    return next(each for each in concepts if (each["scheme"], each["label"]) == (scheme, label))


def mappings_into(concept: Facts, scheme: str) -> list[Facts]:
    return [each for each in concept["mappings"] if each["concept"]["scheme"] == scheme]


def missing_in(concept: Facts) -> dict[str, str]:
    return {each["scheme"]: each["reason"] for each in concept["missing_counterparts"]}


def test_schemes_are_the_eight_lists_of_the_texts(client: Client) -> None:
    results = client.get("/api/v1/schemes/", {"page_size": 100}).json()["results"]

    assert {each["code"]: each["concept_count"] for each in results} == {
        scheme: sum(counts) for scheme, counts in COUNTS.items()
    }
    assert {each["code"]: {c["number"] for c in each["clauses"]} for each in results} == SOURCES


@pytest.mark.parametrize("scheme", FIELDS)
def test_scheme_lists_fields_in_the_order_of_the_text(scheme: str, concepts: list[Facts]) -> None:
    fields = within(concepts, scheme, "field")
    sub_industries = within(concepts, scheme, "sub_industry")

    assert "、".join(each["label"] for each in fields) == FIELDS[scheme]
    assert (len(fields), len(sub_industries)) == COUNTS[scheme]


def test_province_fields_hold_their_sub_industries_in_order(concepts: list[Facts]) -> None:
    labels = {each["code"]: each["label"] for each in concepts}
    found = {
        field["label"]: "、".join(labels[code] for code in field["narrower"])
        for field in within(concepts, "gd-2024", "field")
    }

    assert found == PROVINCE


@pytest.mark.parametrize(("position", "label"), list(enumerate(PROVINCE)))
def test_province_concepts_cite_the_clause_of_their_field(
    position: int, label: str, concepts: list[Facts]
) -> None:
    field = labelled(concepts, "gd-2024", label)
    numbers = {
        each["clause"]["number"]
        for each in concepts
        if field["code"] in (each["code"], each["broader"])
    }

    assert numbers == {f"二（{'一二三四五六七'[position]}）"}


def test_province_alternatives_are_other_words_of_the_text(concepts: list[Facts]) -> None:
    found = {
        each["label"]: each["alternatives"]
        for each in concepts
        if each["scheme"] == "gd-2024" and each["alternatives"]
    }

    assert found == ALTERNATIVES


def test_horizon_is_stated_for_shenzhen_fields_alone(concepts: list[Facts]) -> None:
    with_horizon = [(each["scheme"], each["level"]) for each in concepts if each["horizon"]]

    assert with_horizon == [("sz-2022", "field")] * 8


@pytest.mark.parametrize(("scheme", "label", "kind", "other_scheme", "other"), JUDGEMENTS)
def test_crosswalk_judges_the_pair(
    scheme: str, label: str, kind: str, other_scheme: str, other: str, concepts: list[Facts]
) -> None:
    one, two = labelled(concepts, scheme, label), labelled(concepts, other_scheme, other)
    forth = {each["concept"]["code"]: each["kind"] for each in one["mappings"]}
    back = {each["concept"]["code"]: each["kind"] for each in two["mappings"]}

    assert forth[two["code"]] == kind
    assert back[one["code"]] == INVERSE[kind]


def test_exact_mappings_join_province_and_shenzhen_alone(concepts: list[Facts]) -> None:
    exact = {
        (each["label"], mapping["concept"]["scheme"], mapping["concept"]["label"])
        for each in within(concepts, "gd-2024", "field")
        + within(concepts, "gd-2024", "sub_industry")
        for mapping in each["mappings"]
        if mapping["kind"] == "exact"
    }
    everywhere = [m for each in concepts for m in each["mappings"] if m["kind"] == "exact"]

    assert exact == {(label, "sz-2022", other) for label, other in EXACT}
    assert len(everywhere) == 2 * len(EXACT)


@pytest.mark.parametrize(
    ("scheme", "label"),
    [
        ("sz-2022", "区块链"),
        ("sz-2022", "底层平台技术"),
        ("sz-2022", "区块链+金融"),
        ("sz-2022", "区块链+智能制造"),
        ("sz-2022", "区块链+供应链"),
        ("gd-145-frontier", "区块链"),
    ],
)
def test_blockchain_has_no_counterpart_in_the_province_list(
    scheme: str, label: str, concepts: list[Facts]
) -> None:
    concept = labelled(concepts, scheme, label)

    assert mappings_into(concept, "gd-2024") == []
    assert "区块链" in missing_in(concept)["gd-2024"]


@pytest.mark.parametrize("scheme", ["gz-2025", "sz-2022", "national-six"])
def test_every_province_concept_is_answered(scheme: str, concepts: list[Facts]) -> None:
    """Either a mapping or a reason why there is none; never both, never neither."""
    answers = {
        each["label"]: (bool(mappings_into(each, scheme)), scheme in missing_in(each))
        for each in concepts
        if each["scheme"] == "gd-2024"
    }

    assert len(answers) == 7 + 29
    assert {label: pair for label, pair in answers.items() if sum(pair) != 1} == {}


def test_every_other_concept_is_answered_for_the_province_list(concepts: list[Facts]) -> None:
    others = [each for each in concepts if each["scheme"] != "gd-2024"]
    unclear = [
        each["code"]
        for each in others
        if bool(mappings_into(each, "gd-2024")) == ("gd-2024" in missing_in(each))
    ]

    assert len(others) == sum(sum(counts) for counts in COUNTS.values()) - 36
    assert unclear == []


def test_energy_and_materials_have_no_counterpart_in_shenzhen(concepts: list[Facts]) -> None:
    missing = {
        each["label"]
        for each in concepts
        if each["scheme"] == "gd-2024" and "sz-2022" in missing_in(each)
    }
    named = "、".join(["低碳能源", PROVINCE["低碳能源"], "先进材料", PROVINCE["先进材料"]])

    assert set(named.split("、")) <= missing


def test_reasons_are_sentences(concepts: list[Facts]) -> None:
    reasons = [each["reason"] for concept in concepts for each in concept["mappings"]]
    reasons += [reason for concept in concepts for reason in missing_in(concept).values()]

    assert [each for each in reasons if len(each) < 10 or not each.endswith("。")] == []
