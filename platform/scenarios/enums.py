"""Closed lists of the scenarios app; labels are what readers see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ScenarioKind(models.TextChoices):
    """What a scenario is for (Guangdong 2024: 早期验证, 首试首用, 标杆示范; 跨界融合)."""

    EARLY_VALIDATION = "early_validation", _("早期验证")
    FIRST_TRIAL = "first_trial", _("首试首用")
    DEMONSTRATION = "demonstration", _("标杆示范")
    CROSS_FIELD = "cross_field", _("跨界融合")


class DemandKind(models.TextChoices):
    SCENARIO = "scenario", _("应用场景需求")
    PROJECT = "project", _("市场化项目需求")


class CallMode(models.TextChoices):
    OPEN = "open", _("常规对接")
    CHALLENGE = "challenge", _("揭榜挂帅")
    RACE = "race", _("赛马制")


class Condition(models.TextChoices):
    """What the publisher offers to whoever tries."""

    SITE = "site", _("提供场地")
    DATA = "data", _("提供数据")
    FUNDING = "funding", _("提供资金")
    FIRST_PURCHASE = "first_purchase", _("有首购意向")
    PAY_AFTER_USE = "pay_after_use", _("先使用后付费")


class Strength(models.TextChoices):
    """A must-have filters; a wish is read by people."""

    MUST = "must", _("必须")
    WISH = "wish", _("期望")


class ScenarioState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待审核")
    RETURNED = "returned", _("已退回")
    PUBLISHED = "published", _("已发布")
    CLOSED = "closed", _("已结束")
