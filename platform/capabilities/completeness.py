"""What matching and publishers want a capability to say; none of it is required."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from capabilities.facts import CapabilityFacts
from common.completeness import Wanted, missing

WANTED = (
    Wanted(("concepts",), _("产业标签"), _("匹配首先比较标签，没有标签的能力排不到前面。")),
    Wanted(("summary",), _("简介"), _("匹配比较用词，发布单位据此判断合不合适。")),
    Wanted(
        ("readiness",),
        _("技术成熟度"),
        _("匹配时与场景的要求比较；有硬性要求的场景不匹配未填写的。"),
    ),
    Wanted(("price_min_fen", "price_max_fen"), _("报价"), _("匹配时与场景预算比较。")),
    Wanted(("cases",), _("应用案例"), _("发布单位想知道在哪里用过。")),
    Wanted(("products",), _("产品"), _("产品可以由主管部门列入首购目录。")),
)


def gaps(facts: CapabilityFacts) -> list[Wanted]:
    return missing(facts, WANTED)
