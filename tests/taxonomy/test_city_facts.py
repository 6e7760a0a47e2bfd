"""What the site says of each city, against the five policy texts typed again by hand."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

Facts = dict[str, Any]


class Stated(NamedTuple):
    """A city's paragraph in part 四 of the province's plan, in its own words and order."""

    code: str
    region: str
    carriers: str
    fields: str
    sub_industries: str


ALL_SEVEN = "未来网络、通用智能、生命与健康、低碳能源、先进材料、未来空间、量子科技"

NAMED = {
    "广州市": Stated(
        "440100",
        "pearl_river_delta",
        "广州科学城、中新广州知识城、广州国际生物岛、南沙科学城、广州民营科技园",
        ALL_SEVEN,
        "细胞和基因治疗、脑科学与脑机接口、类器官、仿生智能材料、纳米材料、深海空间、"
        "网络空间、低空经济、量子精密测量",
    ),
    "深圳市": Stated(
        "440300",
        "pearl_river_delta",
        "光明科学城、河套深港科技创新合作区、前海深港现代服务业合作区、西丽湖国际科教城",
        ALL_SEVEN,
        "下一代移动通信、算力网络、大模型、通用智能终端、具身智能机器人、合成生物、"
        "AI+生物医药、细胞和基因治疗、脑科学与脑机接口、低空经济、量子计算",
    ),
    "珠海市": Stated(
        "440400",
        "pearl_river_delta",
        "横琴粤澳深度合作区、珠海高新区",
        "低碳能源、未来空间、通用智能、生命与健康",
        "新型储能、深海空间、网络空间、未来智能终端、智能无人系统、脑科学与脑机接口、低空经济",
    ),
    "佛山市": Stated(
        "440600",
        "pearl_river_delta",
        "佛山国家高新区、三龙湾科技城、佛山人才创新灯塔产业园、佛山云东海医药健康产业园、"
        "佛山北滘机器人谷智造产业园",
        "通用智能、生命与健康、先进材料、低碳能源、未来空间",
        "具身智能机器人、未来智能终端、AI+生物医药、细胞和基因治疗、绿色氢能、新型储能、深海空间",
    ),
    "惠州市": Stated(
        "441300",
        "pearl_river_delta",
        "大亚湾开发区、仲恺高新区、惠州新材料产业园",
        "未来网络、通用智能、低碳能源、先进材料",
        "智能无人系统、新型储能、先进核能、碳捕集利用与封存、纳米材料",
    ),
    "东莞市": Stated(
        "441900",
        "pearl_river_delta",
        "松山湖科学城、滨海湾片区、水乡片区",
        "未来网络、通用智能、生命与健康、未来空间、低碳能源、先进材料",
        "下一代移动通信、未来智能终端、具身智能机器人、合成生物、网络空间、超导材料、"
        "先进金属材料、纳米材料、绿色氢能、新型储能",
    ),
    "中山市": Stated(
        "442000",
        "pearl_river_delta",
        "中山火炬开发区、翠亨新区、岐江新城",
        "未来网络、通用智能、生命与健康、低碳能源、先进材料、未来空间",
        "下一代移动通信、光计算与可见光通信、未来智能终端、智能无人系统、细胞和基因治疗、"
        "新型储能、绿色氢能、先进核能、先进金属、深海空间、低空经济、网络空间",
    ),
    "江门市": Stated(
        "440700",
        "pearl_river_delta",
        "江门人才岛科创中心、中科健康创新生物产业园",
        "先进材料、低碳能源、未来空间",
        "先进金属、先进核能、新型储能、深海空间",
    ),
    "肇庆市": Stated(
        "441200",
        "pearl_river_delta",
        "珠三角（肇庆）国家自主创新示范区、西江高新技术产业开发区、金利高新技术产业开发区、"
        "广东省（肇庆）大型产业集聚区",
        "低碳能源",
        "新型储能",
    ),
}

# 粤东粤西粤北地区: one paragraph for all of them, without carriers.
GROUP_FIELDS = "低碳能源、未来空间"
GROUP_SUB_INDUSTRIES = "绿色氢能、新型储能、先进核能、碳捕集利用与封存、深海空间"
GROUPED = {
    name: Stated(code, region, "", GROUP_FIELDS, GROUP_SUB_INDUSTRIES)
    for name, code, region in [
        ("汕头市", "440500", "east"),
        ("汕尾市", "441500", "east"),
        ("潮州市", "445100", "east"),
        ("揭阳市", "445200", "east"),
        ("阳江市", "441700", "west"),
        ("湛江市", "440800", "west"),
        ("茂名市", "440900", "west"),
        ("韶关市", "440200", "north"),
        ("河源市", "441600", "north"),
        ("梅州市", "441400", "north"),
        ("清远市", "441800", "north"),
        ("云浮市", "445300", "north"),
    ]
}
PROVINCE = NAMED | GROUPED

# Shenzhen's plan, part 四: industry and directions, by the years given to it.
SHENZHEN = {
    "5-10": {
        "合成生物": "合成生物底层技术、定量合成生物技术、生物创制",
        "区块链": "底层平台技术、区块链+金融、区块链+智能制造、区块链+供应链",
        "细胞与基因": "细胞技术、基因技术、细胞与基因治疗技术、生物育种技术",
        "空天技术": "空天信息技术、先进遥感技术、导航定位技术、空天装备制造",
    },
    "10-15": {
        "脑科学与类脑智能": "脑图谱技术、脑诊治技术、类脑智能",
        "深地深海": "深地矿产和地热资源开发利用、城市地下空间开发利用、深海高端装备、深海智能感知、"
        "深海信息技术",
        "可见光通信与光计算": "可见光通信技术、光计算技术",
        "量子信息": "量子计算、量子通信、量子测量",
    },
}

SIX_AREAS = (
    "光明科学城、河套深港科技创新合作区、前海深港现代服务业合作区、西丽湖国际科教城、"
    "东部滨海国际生物谷、红岭新兴金融产业带"
)
SIX_PLUS_FIVE = f"{SIX_AREAS}、深圳国家高新区南山园区、坪山园区、宝安园区、龙岗园区、龙华园区"

# Carriers outside part 四: clause, city, the clause's words in the order of the site's carriers.
ELSEWHERE = {
    ("gd-2024-3-7-2", "广州市"): "南沙",
    ("gd-2024-3-7-2", "深圳市"): "河套、前海",
    ("gd-2024-3-7-2", "珠海市"): "横琴",
    ("gd-2024-4", "深圳市"): "深港河套",
    ("gd-2024-4", "珠海市"): "粤澳横琴",
    ("gz-2025-5-8", "广州市"): "广州科学城、中新广州知识城、南沙科学城",
    ("gz-2025-5-8", "深圳市"): "河套、前海",
    ("gz-2025-5-8", "珠海市"): "横琴",
    ("sz-2022-3-3", "深圳市"): f"{SIX_AREAS}、深圳国家高新区",
    ("sz-2022-6", "深圳市"): SIX_PLUS_FIVE,
    ("sz-2023-2", "深圳市"): SIX_PLUS_FIVE,
    ("gd-145-2-1", "广州市"): "广州科学城、中新广州知识城、南沙科学城、"
    "广州人工智能与数字经济试验区、广州创新合作区、南沙粤港澳全面合作示范区",
    ("gd-145-2-1", "深圳市"): "光明科学城、深港科技创新合作区深圳园区、"
    "前海深港现代服务业合作区、西丽湖国际科教城、深汕特别合作区",
    ("gd-145-2-1", "珠海市"): "横琴粤澳深度合作区、珠海西部生态新区",
    ("gd-145-2-1", "佛山市"): "佛山三龙湾",
    ("gd-145-2-1", "东莞市"): "松山湖科学城",
    ("gd-145-2-1", "中山市"): "中山翠亨新区",
    ("gd-145-box-2", "深圳市"): "深港科技创新合作区深圳园区、前海深港现代服务业合作区、"
    "前海国际人才港",
    ("gd-145-box-2", "珠海市"): "横琴粤澳深度合作区、粤澳合作中医药科技产业园",
    ("gd-145-box-3", "汕头市"): "华侨经济文化合作试验区、中以（汕头）科技创新合作区、"
    "中国科协“海智计划”广东（汕头）工作基地",
    ("gd-145-box-3", "湛江市"): "湛江高新技术产业开发区、军民融合深度发展示范区、"
    "湛江海洋科技产业创新中心、海洋科学城",
    ("gd-145-2-2", "广州市"): "南沙科学城",
    ("gd-145-2-2", "深圳市"): "光明科学城",
    ("gd-145-2-2", "东莞市"): "松山湖科学城",
    ("gd-145-4-3", "阳江市"): "阳江高新区",
    ("gd-145-4-3", "韶关市"): "韶关高新区",
    ("gd-145-4-3", "梅州市"): "梅州高新区",
    ("gd-145-4-3", "揭阳市"): "揭阳高新区",
    ("gd-145-4-3", "云浮市"): "云浮高新区",
    ("gd-145-4-3", "潮州市"): "潮州高新区",
    ("gd-145-4-3", "汕尾市"): "汕尾高新区",
}

DISTRICTS = {
    "广州市": {
        "440103": "荔湾区",
        "440104": "越秀区",
        "440105": "海珠区",
        "440106": "天河区",
        "440111": "白云区",
        "440112": "黄埔区",
        "440113": "番禺区",
        "440114": "花都区",
        "440115": "南沙区",
        "440117": "从化区",
        "440118": "增城区",
    },
    "深圳市": {
        "440303": "罗湖区",
        "440304": "福田区",
        "440305": "南山区",
        "440306": "宝安区",
        "440307": "龙岗区",
        "440308": "盐田区",
        "440309": "龙华区",
        "440310": "坪山区",
        "440311": "光明区",
    },
}
FUNCTIONAL_AREAS = {"深圳市": ["大鹏新区", "深汕特别合作区"]}


@pytest.fixture
def cities(client: Client) -> dict[str, Facts]:
    """The API's cities by name."""
    results = client.get("/api/v1/cities/", {"page_size": 100}).json()["results"]
    return {city["name"]: city for city in results}


def printed(items: list[Facts]) -> str:
    """Concepts as the text prints them."""
    return "、".join(item["wording"] or item["label"] for item in items)


def focus_of(city: Facts, document: str) -> list[Facts]:
    """What the clauses of one document name for the city."""
    return [each for each in city["focus"] if each["clause"]["document"]["code"] == document]


def carriers_by_clause(city: Facts) -> dict[str, str]:
    """For each clause the carriers that it names in this city, in the clause's words."""
    named: dict[str, list[str]] = {}
    for carrier in city["carriers"]:
        for source in carrier["sources"]:
            words = source["wording"] or carrier["name"]
            named.setdefault(source["clause"]["code"], []).append(words)
    return {clause: "、".join(names) for clause, names in named.items()}


def elsewhere(name: str) -> dict[str, str]:
    return {clause: words for (clause, city), words in ELSEWHERE.items() if city == name}


def test_cities_are_the_21_of_the_province(cities: dict[str, Facts]) -> None:
    found = {name: (city["code"], city["region"]) for name, city in cities.items()}

    assert len(cities) == 21
    assert found == {name: (stated.code, stated.region) for name, stated in PROVINCE.items()}


@pytest.mark.parametrize("name", PROVINCE)
def test_province_focus_repeats_the_paragraph(name: str, cities: dict[str, Facts]) -> None:
    [focus] = focus_of(cities[name], "gd-2024")

    assert printed(focus["fields"]) == PROVINCE[name].fields
    assert printed(focus["sub_industries"]) == PROVINCE[name].sub_industries
    assert focus["scope"] == ("city" if name in NAMED else "group")
    paragraph = name if name in NAMED else "粤东粤西粤北地区"
    assert focus["clause"]["number"] == f"四·{paragraph}"


@pytest.mark.parametrize("name", PROVINCE)
def test_carriers_are_those_of_the_clauses(name: str, cities: dict[str, Facts]) -> None:
    expected = elsewhere(name)
    if PROVINCE[name].carriers:
        expected[f"gd-2024-4-{cities[name]['slug']}"] = PROVINCE[name].carriers

    assert carriers_by_clause(cities[name]) == expected


def test_shenzhen_core_areas_are_six_plus_five() -> None:
    assert len(SIX_AREAS.split("、")) == 6
    assert len(SIX_PLUS_FIVE.split("、")) == 6 + 5


@pytest.mark.parametrize("name", PROVINCE)
def test_focus_of_own_documents_only_for_guangzhou_and_shenzhen(
    name: str, cities: dict[str, Facts]
) -> None:
    documents = {each["clause"]["document"]["code"] for each in cities[name]["focus"]}
    own = {"广州市": {"gz-2025"}, "深圳市": {"sz-2022", "sz-2023"}}.get(name, set())

    assert documents == {"gd-2024"} | own


def test_guangzhou_tracks_are_six_without_sub_industries(cities: dict[str, Facts]) -> None:
    [focus] = focus_of(cities["广州市"], "gz-2025")

    assert printed(focus["fields"]) == (
        "智能无人系统、具身智能、细胞与基因、未来网络与量子科技、前沿新材料、深海深空"
    )
    assert focus["sub_industries"] == []
    assert focus["clause"]["number"] == "三"
    assert focus["clause"]["document"]["status"] == "in_force"


def test_shenzhen_plan_names_eight_industries_in_two_groups(cities: dict[str, Facts]) -> None:
    found = {
        focus["clause"]["number"]: (printed(focus["fields"]), printed(focus["sub_industries"]))
        for focus in focus_of(cities["深圳市"], "sz-2022")
    }

    assert found == {
        number: ("、".join(industries), "、".join(industries.values()))
        for number, industries in zip(["四（一）", "四（二）"], SHENZHEN.values(), strict=True)
    }


@pytest.mark.parametrize("horizon", SHENZHEN)
def test_shenzhen_industries_have_horizon_and_directions(horizon: str, client: Client) -> None:
    asked = {"scheme": "sz-2022", "page_size": 100}
    concepts = client.get("/api/v1/concepts/", asked).json()["results"]
    labels = {concept["code"]: concept["label"] for concept in concepts}
    found = {
        concept["label"]: "、".join(labels[code] for code in concept["narrower"])
        for concept in concepts
        if concept["horizon"] == horizon
    }

    assert found == SHENZHEN[horizon]
    assert list(found) == list(SHENZHEN[horizon])


def test_shenzhen_draft_names_the_same_eight_industries(cities: dict[str, Facts]) -> None:
    [focus] = focus_of(cities["深圳市"], "sz-2023")

    assert printed(focus["fields"]) == "、".join(
        industry for industries in SHENZHEN.values() for industry in industries
    )
    assert focus["sub_industries"] == []


def test_shenzhen_sources_say_that_they_do_not_bind(cities: dict[str, Facts]) -> None:
    status = {
        each["clause"]["document"]["code"]: each["clause"]["document"]["status"]
        for each in cities["深圳市"]["focus"]
    }

    assert status == {
        "gd-2024": "in_force",
        "sz-2022": "period_over",
        "sz-2023": "draft_for_comment",
    }


@pytest.mark.parametrize("name", PROVINCE)
def test_districts_have_their_division_codes(name: str, cities: dict[str, Facts]) -> None:
    districts = cities[name]["districts"]
    coded = {each["division_code"]: each["name"] for each in districts if each["division_code"]}
    functional = [each["name"] for each in districts if each["kind"] == "functional"]

    assert coded == DISTRICTS.get(name, {})
    assert functional == FUNCTIONAL_AREAS.get(name, [])
    assert len(districts) == len(coded) + len(functional)
