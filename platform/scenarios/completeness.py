"""What matching and reviewers want a scenario to say; none of it is required."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.completeness import Wanted, missing
from scenarios.facts import ScenarioFacts

WANTED = (
    Wanted(("concepts",), _("产业标签"), _("匹配首先比较标签，没有标签的场景排不到前面。")),
    Wanted(("city",), _("城市"), _("匹配时看能力是不是这个城市的聚焦领域。")),
    Wanted(("problem",), _("要解决的问题"), _("匹配比较用词，供给方据此判断能不能做。")),
    Wanted(("goals",), _("目标"), _("审核和验收都要看可衡量的指标。")),
    Wanted(("deadline",), _("截止时间"), _("没有截止时间，供给方不知道何时答复。")),
    Wanted(("budget_min_fen", "budget_max_fen"), _("预算"), _("匹配时与报价比较。")),
    Wanted(("readiness_min", "readiness_max"), _("技术成熟度"), _("匹配时与能力的成熟度比较。")),
    Wanted(
        ("contact_phone", "contact_email"),
        _("联系方式"),
        _("对接时要出示。只有发布单位成员看得到；选定供给方并出示联系方式后，该供给方也看得到。"),
    ),
)


def gaps(facts: ScenarioFacts) -> list[Wanted]:
    return missing(facts, WANTED)
