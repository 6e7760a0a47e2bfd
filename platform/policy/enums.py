"""Closed lists of the policy app; labels are what readers see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentStatus(models.TextChoices):
    """What a document counts for."""

    IN_FORCE = "in_force", _("现行")
    DRAFT_FOR_COMMENT = "draft_for_comment", _("征求意见稿")
    PERIOD_OVER = "period_over", _("规划期已满")


class RuleStatus(models.TextChoices):
    """Whether a rule can be applied today."""

    DRAFT = "draft", _("征求意见稿，未见正式施行")
    IN_FORCE = "in_force", _("现行")
    EXPIRED = "expired", _("已失效")
    SUPERSEDED = "superseded", _("已被替代")


class Bound(models.TextChoices):
    """How a text qualifies a figure."""

    AT_LEAST = "at_least", _("以上")
    ABOUT = "about", _("左右")
    EXACT = "exact", _("（无限定词）")


class TargetNature(models.TextChoices):
    """Whether a target is reached once or every year."""

    CUMULATIVE = "cumulative", _("到期累计")
    ANNUAL = "annual", _("每年")


class RuleBase(models.TextChoices):
    """The amount that a rate applies to."""

    SALES_CONTRACT = "sales_contract", _("销售合同金额")
    AUDITED_COST = "audited_cost", _("专项审计后确认的费用")
    TOTAL_INVESTMENT = "total_investment", _("项目总投资")
    OPERATING_COST_TWO_YEARS = "operating_cost_two_years", _("近两年投入运营经费")
    NONE = "none", _("定额上限，不按比例计算")


class CapUnit(models.TextChoices):
    """What a cap counts per; NOT_STATED where the text leaves it open."""

    PROJECT = "project", _("单个项目")
    ORGANIZATION = "organization", _("单个单位")
    PLATFORM = "platform", _("单个平台")
    STANDARD = "standard", _("单项标准")
    NOT_STATED = "not_stated", _("原文未说明")
