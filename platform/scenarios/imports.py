"""The columns of a scenario file."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from imports.cells import (
    Value,
    choice,
    city,
    concept,
    credit_code,
    deadline,
    district,
    each,
    halves,
    labels,
    money,
    readiness,
    text,
    texts,
    yes_no,
)
from imports.columns import Column, Reading
from imports.importable import Importable, register
from organizations.enums import Capacity
from organizations.models import Organization
from scenarios.enums import CallMode, Condition, DemandKind, ScenarioKind, Strength
from scenarios.facts import ScenarioFacts
from scenarios.models import Scenario
from scenarios.services import import_scenarios

CONTACT_SEEN = "只有贵单位成员看得到；选定供给方并出示联系方式后，该供给方也看得到"


def goal(value: Value, reading: Reading) -> dict[str, Any]:
    """``指标：目标值``."""
    indicator, target = halves(text(value, reading))
    return {"indicator": indicator, "target": target}


def need(value: Value, reading: Reading) -> dict[str, Any]:
    """``必须 …`` or ``期望 …``, without either a wish.

    ``#标签：说明`` ties it to a tag: of a must-have, the matcher filters by it.
    """
    written = text(value, reading)
    strength = next((s for s in Strength if written.startswith(str(s.label))), Strength.WISH)
    words = written.removeprefix(str(strength.label)).lstrip("：: ")
    if not words.startswith(("#", "＃")):
        return {"strength": strength, "text": words}
    tag, rest = halves(words[1:])
    code = reading.vocabulary.concept(tag)
    return {"strength": strength, "text": rest or tag, "concept": code}


def obstacle(facts: ScenarioFacts) -> dict[str, str]:
    if facts.deadline and facts.deadline <= timezone.now():
        return {"deadline": "截止时间已过，不能发布，只能导入为草稿"}
    return {}


def existing(organizations: list[Organization]) -> QuerySet[Scenario]:
    return Scenario.objects.filter(organization__in=organizations)


COLUMNS = (
    Column("name", "场景名称", "一句话说明在哪里解决什么问题，最多 120 字", ("名称", "标题", "title"),
           "港口岸电设备智能巡检", required=True),
    Column("reference", "自有编号", "本组织内唯一，再次导入时凭它识别重复",
           ("编号", "需求编号", "id", "need"), "2026-001"),
    Column("kind", "场景类型", "选填一项", (), "首试首用", choices=labels(ScenarioKind),
           read=choice(ScenarioKind)),
    Column("demand_kind", "需求类型", "选填一项", (), "应用场景需求", choices=labels(DemandKind),
           read=choice(DemandKind)),
    Column("concepts", "产业标签",
           "标签名称或代码，最多 8 个，用；分隔；多个体系同名时取靠前的体系，也可写成“体系/标签”",
           ("标签", "tags"), "具身智能机器人；人工智能", split=True, read=each(concept)),
    Column("city", "城市", "广东省内地级以上市", (), "广州市", read=city),
    Column("district", "区", "广州、深圳的区", (), "南沙区", read=district),
    Column("site", "地点", "具体地点", (), "南沙港区四期码头"),
    Column("problem", "要解决的问题", "现状、难点和期望，最多 8000 字",
           ("问题", "问题描述", "需求描述", "body"), "人工巡检频次低，高温天气存在安全隐患"),
    Column("goals", "目标与指标", "“指标：目标值”，用；分隔", (), "漏检率：不高于 1%；单次巡检用时：20 分钟",
           split=True, read=each(goal)),
    Column("needs", "技术需求",
           "以“必须”或“期望”开头，用；分隔；“必须 #标签：说明”会按标签筛选能力",
           (), "必须 #具身智能机器人：可全天候作业；期望 支持国产操作系统", split=True, read=each(need)),
    Column("required_qualifications", "必备资质", "没有这些资质的能力不会匹配，用；分隔",
           ("资质要求",), "防爆合格证", split=True, read=texts),
    Column("conditions", "提供条件", f"可选：{'、'.join(labels(Condition))}，用；分隔", (),
           "提供场地；有首购意向", split=True, choices=labels(Condition),
           read=each(choice(Condition))),
    Column("conditions_note", "条件说明", "场地、数据、资金等的具体情况", (), "提供一个泊位连续三个月试用"),
    Column("budget_min_fen", "预算下限", "不写单位时为元，也可写 120 万", ("预算下限（元）",), "80 万",
           read=money),
    Column("budget_max_fen", "预算上限", "不写单位时为元，也可写 120 万", ("预算上限（元）", "预算"),
           "150 万", read=money),
    Column("readiness_min", "技术成熟度下限", "1 至 9", ("成熟度下限",), "6", read=readiness),
    Column("readiness_max", "技术成熟度上限", "1 至 9", ("成熟度上限",), "9", read=readiness),
    Column("readiness_is_must", "成熟度为硬性要求", "是或否；填“是”时低于下限的能力不会匹配", (), "否",
           choices=("是", "否"), read=yes_no),
    Column("call_mode", "对接方式", "选填一项", (), "揭榜挂帅", choices=labels(CallMode),
           read=choice(CallMode)),
    Column("deadline", "截止时间", "北京时间；只写日期时为当日结束", ("截止日期",), "2027-03-31 18:00",
           read=deadline),
    Column("contact_name", "联系人", CONTACT_SEEN, (), "陈工"),
    Column("contact_phone", "联系电话", CONTACT_SEEN, (), "020-00000000"),
    Column("contact_email", "联系邮箱", CONTACT_SEEN, (), "scene@example.com"),
    Column("co_publishers", "联合发布单位", "已登记组织的统一社会信用代码，用；分隔", (), "",
           split=True, read=each(credit_code)),
)  # fmt: skip

SCENARIOS = register(
    Importable(
        kind="scenarios",
        title="场景",
        permission="scenarios.import",
        capacity=Capacity.PUBLISH,
        facts=ScenarioFacts,
        columns=COLUMNS,
        insert=import_scenarios,
        existing=existing,
        partners="co_publishers",
        obstacle=obstacle,
    )
)
