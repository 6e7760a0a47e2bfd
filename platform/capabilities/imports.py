"""The columns of a capability file."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet

from capabilities.facts import CapabilityFacts
from capabilities.models import Capability
from capabilities.services import import_capabilities
from imports.cells import Value, city, concept, each, money, readiness, text, texts
from imports.columns import Column, Reading
from imports.importable import Importable, register
from organizations.enums import Capacity
from organizations.models import Organization

_YEAR = re.compile(r"[（(]([0-9]{4})\s*年?[）)]$")


def case(value: Value, reading: Reading) -> dict[str, Any]:
    """``案例，应用单位（年份）``; client and year may be missing."""
    written = text(value, reading)
    year = _YEAR.search(written)
    title, _, client = _YEAR.sub("", written).strip().replace(",", "，", 1).partition("，")
    return {
        "title": title.strip(),
        "client": client.strip(),
        "year": int(year[1]) if year else None,
    }


def existing(organizations: list[Organization]) -> QuerySet[Capability]:
    return Capability.objects.filter(organization__in=organizations)


COLUMNS = (
    Column("name", "能力名称", "一句话说明能做什么，最多 120 字", ("名称", "标题", "title"),
           "港口设备巡检机器人", required=True),
    Column("reference", "自有编号", "本组织内唯一，再次导入时凭它识别重复",
           ("编号", "成果编号", "id", "achievement"), "C-001"),
    Column("concepts", "产业标签",
           "标签名称或代码，最多 8 个，用；分隔；多个体系同名时取靠前的体系，也可写成“体系/标签”",
           ("标签", "tags"), "具身智能机器人", split=True, read=each(concept)),
    Column("summary", "简介", "原理、性能和适用条件，最多 8000 字", ("摘要", "描述", "body"),
           "轮式底盘，搭载热成像与声纹传感器"),
    Column("highlights", "技术亮点", "每条最多 200 字，用；分隔", ("亮点",), "续航 12 小时；防护等级 IP67",
           split=True, read=texts),
    Column("readiness", "技术成熟度", "1 至 9", ("成熟度", "TRL"), "7", read=readiness),
    Column("price_min_fen", "价格下限", "不写单位时为元，也可写 60 万", ("价格下限（元）",), "60 万",
           read=money),
    Column("price_max_fen", "价格上限", "不写单位时为元，也可写 60 万", ("价格上限（元）", "价格"),
           "120 万", read=money),
    Column("qualifications", "资质", "用；分隔", (), "防爆合格证", split=True, read=texts),
    Column("patents", "专利", "专利号和名称，用；分隔", (), "", split=True, read=texts),
    Column("cases", "应用案例", "“案例，应用单位（年份）”，用；分隔", ("案例",),
           "码头巡检，某港务公司（2025）", split=True, read=each(case)),
    Column("cities_served", "服务城市", "只在这些城市提供服务；不填表示全省，用；分隔", (), "广州市；深圳市",
           split=True, read=each(city), blank_says=True),
)  # fmt: skip

CAPABILITIES = register(
    Importable(
        kind="capabilities",
        title="能力",
        permission="capabilities.import",
        capacity=Capacity.SUPPLY,
        facts=CapabilityFacts,
        columns=COLUMNS,
        insert=import_capabilities,
        existing=existing,
    )
)
