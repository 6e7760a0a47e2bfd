"""Documents, clauses, targets and rules, against the five policy texts typed again by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db

Facts = dict[str, Any]

# The policy texts are not ours to publish; without them nothing can be compared.
TEXTS = Path(settings.ROOT).parent / "shared" / "policy"
WAN = 10_000 * 100  # 万元 in fen
DIGITS = "一二三四五六七八九十"


class Document(NamedTuple):
    title: str
    number: str
    issued: str | None
    status: str
    period: tuple[str | None, str | None]


DOCUMENTS = {
    "gd-2024": Document("关于加快培育发展未来产业的行动方案", "", None, "in_force", (None, None)),
    "gz-2025": Document(
        "广州市关于加快培育发展未来产业的实施意见",
        "穗科字〔2025〕4号",
        "2025-09-30",
        "in_force",
        (None, None),
    ),
    "sz-2023": Document(
        "深圳市关于加快培育发展未来产业的若干措施（征求意见稿）",
        "",
        None,
        "draft_for_comment",
        (None, None),
    ),
    "sz-2022": Document(
        "深圳市培育发展未来产业行动计划（2022-2025年）",
        "",
        "2022-06-06",
        "period_over",
        ("2022-01-01", "2025-12-31"),
    ),
    "gd-145": Document(
        "广东省科技创新“十四五”规划", "", None, "period_over", ("2021-01-01", "2025-12-31")
    ),
}

# Shenzhen's draft: the headings of its articles （一） to （二十四）; the last one prints none.
ARTICLES = [
    "建立政府与市场协同机制",
    "加强各区协同发展",
    "支持探索未来产业相关科学问题",
    "优化前沿技术创新布局",
    "支持创新载体建设",
    "提升科研平台保障能力",
    "支持孵化器、众创空间建设",
    "大力培育企业梯队",
    "凝聚产业优质资源",
    "支持建设概念验证中心、中试验证和成果转化基地",
    "推动技术创新与产业化应用",
    "实施未来产业创新产品首购制度",
    "推动未来产业交叉融合发展",
    "推进未来产业应用示范",
    "发挥科普对科技成果转化的促进作用",
    "支持未来产业技术标准研制",
    "支持开展检测认证服务",
    "支持未来产业企业拓展市场",
    "强化未来产业人才保障",
    "强化未来产业空间保障",
    "强化未来产业资金保障",
    "加快未来产业创新监管体系构建",
    "制定配套实施办法或操作规程",
]

# Numbers and headings of the clauses; part 四 of the province's plan prints no headings by city.
CLAUSES = {
    "gd-2024": {
        "一（三）": ["发展目标"],
        "二": ["瞄准重点领域，构建广东未来产业发展体系"],
        "二（一）": ["未来网络"],
        "二（二）": ["通用智能"],
        "二（三）": ["生命与健康"],
        "二（四）": ["低碳能源"],
        "二（五）": ["先进材料"],
        "二（六）": ["未来空间"],
        "二（七）": ["量子科技"],
        "三（一）": [
            "未来产业预见行动",
            "源头创新供给行动",
            "创新平台建设行动",
            "企业梯队培育行动",
        ],
        "三（二）": ["高质量数据集建设行动", "数字基础设施建设行动", "科技基础设施建设行动"],
        "三（三）": ["创新主体成果转化能力提升行动", "孵化载体建设行动"],
        "三（四）": ["场景创新行动", "标杆示范行动", "成果推广行动"],
        "三（五）": ["创投资本体系构建行动", "金融产品服务创新行动", "科技金融生态打造行动"],
        "三（六）": [
            "未来产业战略人才引培行动",
            "未来产业科技人才汇聚行动",
            "人才创新活力激发行动",
        ],
        "三（七）": ["国际交流合作行动", "粤港澳协同行动"],
        "四": ["聚焦“两核、双廊”，优化广东未来产业空间布局"],
        "五（一）": ["强化组织实施"],
        "五（二）": ["创新体制机制"],
        "五（三）": ["开展监测评估"],
        "五（四）": ["营造良好氛围"],
    },
    "gz-2025": {
        "二": ["发展目标"],
        "三": ["发展方向"],
        "四": ["区域布局"],
        "五（一）": ["产业技术策源行动"],
        "五（二）": ["基础设施支撑行动"],
        "五（三）": ["成果转化加速行动"],
        "五（四）": ["企业育成倍增行动"],
        "五（五）": ["创新场景牵引行动"],
        "五（六）": ["科技金融赋能行动"],
        "五（七）": ["未来人才汇聚行动"],
        "五（八）": ["交流合作协同行动"],
        "六（一）": ["加强统筹协调"],
        "六（二）": ["动态监测评估"],
        "六（三）": ["强化机制创新"],
    },
    "sz-2022": {
        "三": ["发展目标"],
        "三（一）": ["产业梯次接续发展"],
        "三（二）": ["产业竞争不断增强"],
        "三（三）": ["产业空间持续优化"],
        "三（四）": ["产业生态不断完善"],
        "四（一）": ["5至10年内有望成长为战略性新兴产业"],
        "四（二）": ["10至15年内有望成长为战略性新兴产业"],
        "五（一）": ["基础研究强基工程"],
        "五（二）": ["技术攻关突破工程"],
        "五（三）": ["成果产业化加速工程"],
        "五（四）": ["科技金融融合工程"],
        "五（五）": ["创新人才汇聚工程"],
        "六": ["空间布局"],
        "七（一）": ["组织保障"],
        "七（二）": ["资金保障"],
        "七（三）": ["制度保障"],
        "七（四）": ["跟踪监测"],
    },
    "gd-145": {
        "专栏 1": ["“十四五”时期广东科技创新核心指标"],
        "第二章第一节": ["构建大湾区创新发展新格局"],
        "专栏 2": ["推进粤港澳大湾区国际科技创新中心合作区建设"],
        "专栏 3": ["支持汕头、湛江建设区域创新中心"],
        "第二章第二节": ["建设综合性国家科学中心"],
        "专栏 4": ["重大科技基础设施建设行动计划"],
        "专栏 11": ["前沿技术和颠覆性技术研究行动计划"],
        "第四章第二节": ["打造创新型产业集群"],
        "专栏 16": ["培育发展战略性支柱产业集群"],
        "专栏 17": ["培育发展战略性新兴产业集群"],
        "第四章第三节": ["推动高新区高质量发展"],
        "专栏 18": ["高新区高质量发展行动计划"],
        "专栏 19": ["科技孵化育成体系高质量发展行动计划"],
    },
}

# The bracket that closes a clause, as printed. Province: part 三 and 五; Guangzhou: part 五.
BODIES = {
    ("gd-2024", "未来产业预见行动"): "省发展改革委、科技厅、工业和信息化厅",
    ("gd-2024", "源头创新供给行动"): "省科技厅",
    ("gd-2024", "创新平台建设行动"): "省发展改革委、科技厅、工业和信息化厅",
    ("gd-2024", "企业梯队培育行动"): "省发展改革委、科技厅、工业和信息化厅",
    ("gd-2024", "高质量数据集建设行动"): "省工业和信息化厅、科技厅、政务和数据局",
    ("gd-2024", "数字基础设施建设行动"): "省委网信办，省发展改革委、工业和信息化厅、政务和数据局，"
    "省通信管理局",
    ("gd-2024", "科技基础设施建设行动"): "省发展改革委、科技厅",
    ("gd-2024", "创新主体成果转化能力提升行动"): "省教育厅、科技厅、市场监管局",
    ("gd-2024", "孵化载体建设行动"): "省发展改革委、科技厅、工业和信息化厅",
    ("gd-2024", "场景创新行动"): "省发展改革委、科技厅、工业和信息化厅、国资委",
    ("gd-2024", "标杆示范行动"): "省发展改革委、科技厅、工业和信息化厅、政务和数据局",
    ("gd-2024", "成果推广行动"): "省发展改革委、科技厅、工业和信息化厅、国资委",
    ("gd-2024", "创投资本体系构建行动"): "省委金融办，省发展改革委、科技厅、工业和信息化厅、"
    "财政厅、国资委",
    ("gd-2024", "金融产品服务创新行动"): "省委金融办，省科技厅，中国人民银行广东省分行、"
    "广东金融监管局、广东证监局",
    ("gd-2024", "科技金融生态打造行动"): "省科技厅、市场监管局",
    ("gd-2024", "未来产业战略人才引培行动"): "省委组织部，省科技厅、工业和信息化厅、"
    "人力资源社会保障厅",
    ("gd-2024", "未来产业科技人才汇聚行动"): "省委组织部，省教育厅、科技厅、工业和信息化厅、"
    "人力资源社会保障厅",
    ("gd-2024", "人才创新活力激发行动"): "省教育厅、科技厅、人力资源社会保障厅",
    ("gd-2024", "国际交流合作行动"): "省发展改革委、科技厅",
    ("gd-2024", "粤港澳协同行动"): "省发展改革委、教育厅、科技厅、政务和数据局",
    ("gd-2024", "强化组织实施"): "省发展改革委、科技厅、工业和信息化厅、能源局",
    ("gd-2024", "创新体制机制"): "省发展改革委、科技厅、市场监管局",
    ("gd-2024", "开展监测评估"): "省发展改革委、科技厅、工业和信息化厅、统计局",
    ("gd-2024", "营造良好氛围"): "省发展改革委、科技厅、市场监管局",
    ("gz-2025", "产业技术策源行动"): "市科技局、市发展改革委、市工业和信息化局",
    ("gz-2025", "基础设施支撑行动"): "市发展改革委、市政务和数据局、市工业和信息化局、市科技局",
    ("gz-2025", "成果转化加速行动"): "市科技局、市发展改革委、市工业和信息化局、市市场监管局",
    ("gz-2025", "企业育成倍增行动"): "市科技局、市工业和信息化局、市国资委",
    ("gz-2025", "创新场景牵引行动"): "市发展改革委、市科技局、市工业和信息化局、市国资委",
    ("gz-2025", "科技金融赋能行动"): "市科技局、市委金融办、市财政局、市国资委",
    ("gz-2025", "未来人才汇聚行动"): "市委组织部、市人力资源社会保障局、市科技局、市教育局",
    ("gz-2025", "交流合作协同行动"): "市科技局、市教育局、市商务局、市市场监管局、市投发委办",
}


class Target(NamedTuple):
    clause: str
    subject: str
    wording: str
    quantity: int
    unit: str
    bound: str
    year: int
    nature: str = "cumulative"


GROWTH = "全社会研发经费投入年均增长（“十四五”期间）"
PATENTS = "海外发明专利授权量（“十四五”期间累计新增）"
TARGETS = {
    "gd-2024": [
        Target("一（三）", "未来产业研究院、未来技术学院等平台", "3个左右", 3, "个", "about", 2027),
        Target("一（三）", "应用场景和标杆示范", "20个以上", 20, "个", "at_least", 2027),
        Target(
            "一（三）",
            "未来产业生态主导型、平台引领型企业",
            "5家以上",
            5,
            "家",
            "at_least",
            2027,
        ),
        Target(
            "一（三）",
            "具有核心技术优势的细分行业骨干企业",
            "50家以上",
            50,
            "家",
            "at_least",
            2027,
        ),
        Target("一（三）", "未来产业孵化载体", "10家以上", 10, "家", "at_least", 2027),
        Target("一（三）", "具有国际影响力的未来产业集群", "5个左右", 5, "个", "about", 2027),
    ],
    "gz-2025": [
        Target("二", "未来产业先导区", "5个以上", 5, "个", "at_least", 2029),
        Target("二", "未来产业高能级创新平台", "10个", 10, "个", "exact", 2029),
        Target("二", "概念验证中心和中试平台", "50个", 50, "个", "exact", 2029),
        Target("二", "首试首用应用场景", "100个", 100, "个", "exact", 2029),
        Target("二", "未来产业引领型企业", "1000家", 1000, "家", "exact", 2029),
        Target("二", "未来产业新星企业", "万家", 10_000, "家", "exact", 2029),
    ],
    "sz-2022": [],
    "sz-2023": [
        Target(
            "第（三）条",
            "面向未来产业布局的基础研究项目（每年）",
            "100个以上",
            100,
            "个",
            "at_least",
            2023,
            "annual",
        ),
    ],
    "gd-145": [
        Target("专栏 1", GROWTH, "10 左右", 10, "%", "about", 2025),
        Target("专栏 1", "全社会基础研究经费投入占研发经费比重", "10", 10, "%", "exact", 2025),
        Target("专栏 1", "每万人研发人员全时当量", "90", 90, "人年", "exact", 2025),
        Target("专栏 1", "每万人口高价值发明专利拥有量", "20", 20, "件", "exact", 2025),
        Target("专栏 1", PATENTS, "8", 8, "万件", "exact", 2025),
        Target(
            "专栏 1", "高技术制造业增加值占规模以上工业增加值比重", "33", 33, "%", "exact", 2025
        ),
        Target("专栏 1", "技术合同成交额", "5000", 5000, "亿元", "exact", 2025),
        Target("专栏 1", "公民具备科学素质比例", "16", 16, "%", "exact", 2025),
        Target("第四章第三节", "省级以上高新区", "60 家以上", 60, "家", "at_least", 2025),
        Target("专栏 19", "平均每个孵化器当年毕业企业", "6 家", 6, "家", "exact", 2025),
    ],
}


class Rule(NamedTuple):
    """``rate`` in percent; ``at_most`` where the text writes 不超过 before the rate."""

    article: str
    title: str
    rate: int | None
    at_most: bool
    cap_fen: int
    cap_per: str
    base: str
    base_wording: str
    payment: str = ""
    beneficiary_is_interpretation: bool = False


STANDARDS = "按照项目分别予以最高100万元、50万元、30万元资助"
RULES = [
    Rule(
        "三",
        "深港澳科技计划项目资助",
        None,
        False,
        300 * WAN,
        "not_stated",
        "none",
        "最高300万元",
        beneficiary_is_interpretation=True,
    ),
    Rule(
        "四",
        "核心技术攻关资助（赛马制、揭榜挂帅等）",
        50,
        True,
        3000 * WAN,
        "project",
        "total_investment",
        "总投资",
        beneficiary_is_interpretation=True,
    ),
    Rule(
        "四",
        "重大科技项目资助（项目经理人制）",
        None,
        False,
        10_000 * WAN,
        "project",
        "none",
        "单个项目资助金额不超过1亿元",
        beneficiary_is_interpretation=True,
    ),
    Rule(
        "五",
        "省市级创新平台建设资助",
        None,
        False,
        3000 * WAN,
        "not_stated",
        "none",
        "最高3000万元",
        beneficiary_is_interpretation=True,
    ),
    Rule(
        "七",
        "孵化器建设补助",
        50,
        True,
        300 * WAN,
        "not_stated",
        "operating_cost_two_years",
        "近两年投入运营经费",
        "事后补助",
        beneficiary_is_interpretation=True,
    ),
    Rule(
        "七",
        "众创空间建设补助",
        50,
        True,
        200 * WAN,
        "not_stated",
        "operating_cost_two_years",
        "近两年投入运营经费",
        "事后补助",
        beneficiary_is_interpretation=True,
    ),
    Rule(
        "十一",
        "新产品新技术测试验证费用资助",
        30,
        False,
        300 * WAN,
        "project",
        "audited_cost",
        "专项审计后确认费用",
        "事后资助",
        beneficiary_is_interpretation=True,
    ),
    Rule(
        "十二",
        "未来产业创新产品首购资助",
        30,
        False,
        1000 * WAN,
        "not_stated",
        "sales_contract",
        "销售合同金额",
    ),
    Rule("十六", "国际标准研制资助", None, False, 100 * WAN, "standard", "none", STANDARDS),
    Rule("十六", "国家标准研制资助", None, False, 50 * WAN, "standard", "none", STANDARDS),
    Rule("十六", "行业标准研制资助", None, False, 30 * WAN, "standard", "none", STANDARDS),
    Rule(
        "十七",
        "认证认可测试公共服务平台资助",
        40,
        False,
        500 * WAN,
        "platform",
        "total_investment",
        "项目总投资",
    ),
    Rule(
        "十七",
        "技术标准化公共服务平台资助",
        40,
        False,
        500 * WAN,
        "platform",
        "total_investment",
        "项目总投资",
    ),
    Rule(
        "二十",
        "未来产业特色园区资助",
        50,
        False,
        300 * WAN,
        "not_stated",
        "audited_cost",
        "专项审计后的确认费用",
    ),
]


def everything(client: Client, noun: str, **filters: str) -> list[Facts]:
    """All results of a list of the API, page after page."""
    answer = client.get(f"/api/v1/{noun}/", {"page_size": 100, **filters}).json()
    found = list(answer["results"])
    while answer["next"]:
        answer = client.get(answer["next"]).json()
        found += answer["results"]
    return found


def numeral(number: int) -> str:
    """1 to 24 in Chinese."""
    tens, ones = divmod(number, 10)
    leading = DIGITS[tens - 1] if tens > 1 else ""
    return leading + ("十" if tens else "") + (DIGITS[ones - 1] if ones else "")


def full_names(bracket: str, document: str) -> set[str]:
    """The bodies of a closing bracket, with the province or city that the text leaves out."""
    if document == "gz-2025":
        return {f"广州{name}" for name in bracket.split("、")}
    names = re.split("[、，]", bracket)
    return {name if name.startswith(("省", "中国", "广东")) else f"省{name}" for name in names}


def test_documents_have_title_number_date_and_status(client: Client) -> None:
    found = {
        each["code"]: Document(
            each["title"],
            each["number"],
            each["issued"],
            each["status"],
            (each["valid_from"], each["valid_to"]),
        )
        for each in everything(client, "policy-documents")
    }

    assert found == DOCUMENTS


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("sz-2023", "征求意见"),
        ("sz-2023", "2023年X月X日"),
        ("sz-2023", "5 年"),
        ("sz-2022", "2022 至 2025 年，已经期满"),
        ("gd-145", "2021 至 2025 年（“十四五”），已经期满"),
        ("gd-2024", "没有印发日期和文号"),
    ],
)
def test_status_note_says_what_the_document_counts_for(
    code: str, words: str, client: Client
) -> None:
    assert words in client.get(f"/api/v1/policy-documents/{code}/").json()["status_note"]


def test_draft_articles_have_number_and_heading(client: Client) -> None:
    clauses = everything(client, "policy-clauses", document="sz-2023")
    found = [(each["number"], each["heading"]) for each in clauses]
    articles = [(f"第（{numeral(n)}）条", heading) for n, heading in enumerate(ARTICLES, start=1)]

    assert found[:-1] == [("一", "重点支持方向"), *articles]
    assert found[-1][0] == "第（二十四）条"


@pytest.mark.parametrize("document", CLAUSES)
def test_clauses_have_number_and_heading_of_the_text(document: str, client: Client) -> None:
    found: dict[str, list[str]] = {}
    for each in everything(client, "policy-clauses", document=document):
        if not each["number"].startswith("四·"):
            found.setdefault(each["number"], []).append(each["heading"])

    assert found == CLAUSES[document]


def test_responsible_bodies_are_those_of_the_closing_brackets(client: Client) -> None:
    found = {
        (clause["document"]["code"], clause["heading"]): {
            body["short_name"] for body in clause["bodies"]
        }
        for clause in everything(client, "policy-clauses")
        if clause["bodies"]
    }

    assert found == {key: full_names(bracket, key[0]) for key, bracket in BODIES.items()}


@pytest.mark.parametrize("document", TARGETS)
def test_targets_keep_the_figure_as_printed(document: str, client: Client) -> None:
    found = [
        Target(
            each["clause"]["number"],
            each["subject"],
            each["wording"],
            each["quantity"],
            each["unit"],
            each["bound"],
            each["year"],
            each["nature"],
        )
        for each in everything(client, "policy-targets", document=document)
    ]

    assert found == TARGETS[document]


def test_rules_have_rate_cap_and_base_of_the_draft(client: Client) -> None:
    found = [
        Rule(
            each["clause"]["number"].strip("第（）条"),
            each["title"],
            each["rate_percent"],
            each["rate_is_maximum"],
            each["cap_fen"],
            each["cap_per"],
            each["base"],
            each["base_wording"],
            each["payment"],
            each["beneficiary_is_interpretation"],
        )
        for each in everything(client, "policy-rules")
    ]

    assert found == RULES


def test_rules_are_all_draft_without_dates(client: Client) -> None:
    found = {
        (each["status"], each["valid_from"], each["valid_to"], each["clause"]["document"]["status"])
        for each in everything(client, "policy-rules")
    }

    assert found == {("draft", None, None, "draft_for_comment")}


def test_rules_say_what_is_our_reading(client: Client) -> None:
    """A cap without a unit and a beneficiary that the text does not name are both explained."""
    rules = everything(client, "policy-rules")
    open_caps = [each for each in rules if each["cap_per"] == "not_stated"]
    assumed = [each for each in rules if each["beneficiary_is_interpretation"]]

    assert [each["code"] for each in open_caps if not each["cap_per_note"]] == []
    assert [each["code"] for each in assumed if "没有写" not in each["interpretation"]] == []


def test_first_purchase_needs_an_item_of_the_catalogue(client: Client) -> None:
    [rule] = [
        each
        for each in everything(client, "policy-rules")
        if each["clause"]["heading"] == "实施未来产业创新产品首购制度"
    ]

    assert rule["beneficiary"] == "购买首购目录创新产品的单位"
    assert len(rule["conditions"]) == 1
    assert "首购目录" in rule["conditions"][0]


def letters(text: str) -> list[int]:
    """Places of what is neither punctuation nor space."""
    return [place for place, sign in enumerate(text) if re.match(r"[^\W_]", sign)]


def runs(text: str, length: int) -> Iterator[tuple[str, str]]:
    """Every run of so many letters, without and with the punctuation in it."""
    places = letters(text)
    for first in range(len(places) - length + 1):
        here = places[first : first + length]
        yield "".join(text[place] for place in here), text[here[0] : here[-1] + 1]


def is_list_of_names(passage: str) -> bool:
    return "、" in passage and all(len(part) <= 12 for part in re.split(r"[^\w+]", passage))


@pytest.mark.skipif(not TEXTS.is_dir(), reason=f"the policy texts are not at {TEXTS}")
@pytest.mark.parametrize(
    ("noun", "field"),
    [
        ("policy-clauses", "summary"),
        ("policy-documents", "status_note"),
        ("policy-rules", "interpretation"),
        ("concepts", "definition"),
        ("schemes", "note"),
    ],
)
def test_our_words_share_no_sentence_with_the_texts(noun: str, field: str, client: Client) -> None:
    printed = {
        run for path in sorted(TEXTS.glob("*.txt")) for run, _ in runs(path.read_text("utf-8"), 20)
    }
    copied = [
        (each["code"], passage)
        for each in everything(client, noun)
        for run, passage in runs(each[field], 20)
        if run in printed and not is_list_of_names(passage)
    ]

    assert len(printed) > 50_000
    assert copied == []
