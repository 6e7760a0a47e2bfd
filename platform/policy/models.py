"""What the policy texts say: documents, clauses, targets, rules, and the editions of our data."""

from __future__ import annotations

import re

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from policy.enums import Bound, CapUnit, DocumentStatus, RuleBase, RuleStatus, TargetNature


class PolicyEdition(models.Model):
    """One state of all facts in ``seeds/``; a load that changes anything makes the next one."""

    number = models.PositiveIntegerField(_("版次"), unique=True)
    digest = models.CharField(_("文件摘要（SHA-256）"), max_length=64)
    loaded_at = models.DateTimeField(_("载入时间"), db_default=Now(), editable=False)
    changes = models.JSONField(_("变化"), default=list)

    class Meta:
        verbose_name = _("政策数据版次")
        verbose_name_plural = _("政策数据版次")
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"第 {self.number} 版"


class SeededModel(models.Model):
    """A fact out of ``seeds/``, known by its ``code``.

    What disappears from the seeds is retired, never deleted: records may point at it.
    """

    code = models.CharField(_("代码"), max_length=240, unique=True)
    position = models.PositiveIntegerField(_("顺序"), default=0)
    since = models.ForeignKey(PolicyEdition, models.PROTECT, related_name="+")
    retired_in = models.ForeignKey(PolicyEdition, models.PROTECT, related_name="+", null=True)

    class Meta:
        abstract = True
        ordering = ["position", "code"]

    @property
    def retired_edition(self) -> int | None:
        """The edition that no longer has the fact; None while it stands."""
        return self.retired_in.number if self.retired_in else None


class ResponsibleBody(SeededModel):
    """A department that a clause charges with its work (责任单位)."""

    name = models.CharField(_("名称"), max_length=100)
    short_name = models.CharField(_("简称"), max_length=60)
    jurisdiction = models.CharField(_("辖区代码"), max_length=6)

    class Meta(SeededModel.Meta):
        verbose_name = _("责任单位")
        verbose_name_plural = _("责任单位")

    def __str__(self) -> str:
        return self.short_name


class PolicyDocument(SeededModel):
    """A policy text and what it counts for today; ``status_note`` is shown with it everywhere."""

    title = models.CharField(_("标题"), max_length=200)
    short_title = models.CharField(_("简称"), max_length=60)
    number = models.CharField(_("文号"), max_length=60, blank=True)
    issuer = models.CharField(_("发文机关"), max_length=200)
    jurisdiction = models.CharField(_("辖区代码"), max_length=6)
    issued = models.DateField(_("发文日期"), null=True)
    year = models.PositiveSmallIntegerField(_("年份"))
    status = models.CharField(_("状态"), max_length=20, choices=DocumentStatus)
    status_note = models.CharField(_("状态说明"), max_length=300)
    valid_from = models.DateField(_("起始日"), null=True)
    valid_to = models.DateField(_("截止日"), null=True)

    class Meta(SeededModel.Meta):
        verbose_name = _("政策文件")
        verbose_name_plural = _("政策文件")

    def __str__(self) -> str:
        return self.short_title

    def get_absolute_url(self) -> str:
        return reverse("policy_document", args=[self.code])


class PolicyClause(SeededModel):
    """A clause with a summary in our own words."""

    document = models.ForeignKey(PolicyDocument, models.PROTECT, related_name="clauses")
    number = models.CharField(_("条款号"), max_length=60)
    heading = models.CharField(_("标题"), max_length=100)
    summary = models.TextField(_("摘要"))
    bodies = models.ManyToManyField(ResponsibleBody, related_name="clauses")

    class Meta(SeededModel.Meta):
        verbose_name = _("政策条款")
        verbose_name_plural = _("政策条款")

    def __str__(self) -> str:
        return f"{self.number} {self.heading}"

    def get_absolute_url(self) -> str:
        return reverse("policy_clause", args=[self.code])


class PolicyTarget(SeededModel):
    """A figure that a text sets; ``bound`` and ``wording`` keep 以上 and 左右."""

    clause = models.ForeignKey(PolicyClause, models.PROTECT, related_name="targets")
    subject = models.CharField(_("目标"), max_length=120)
    quantity = models.BigIntegerField(_("数量"))
    unit = models.CharField(_("单位"), max_length=20)
    bound = models.CharField(_("限定词"), max_length=10, choices=Bound)
    wording = models.CharField(_("原文表述"), max_length=60)
    year = models.PositiveSmallIntegerField(_("目标年份"))
    nature = models.CharField(_("性质"), max_length=12, choices=TargetNature)

    class Meta(SeededModel.Meta):
        verbose_name = _("政策目标")
        verbose_name_plural = _("政策目标")

    def __str__(self) -> str:
        return f"{self.subject} {self.figure()}"

    def figure(self) -> str:
        """The printed figure with its unit, which tables of the texts state in another column."""
        if self.unit in self.wording:
            return self.wording
        return re.sub(r"[\d.]+", lambda number: number[0] + self.unit, self.wording, count=1)


class PolicyRule(SeededModel):
    """A subsidy rule: what the text states, and apart from it what is our reading."""

    clause = models.ForeignKey(PolicyClause, models.PROTECT, related_name="rules")
    title = models.CharField(_("名称"), max_length=120)
    rate_percent = models.PositiveSmallIntegerField(_("比例（%）"), null=True)
    rate_is_maximum = models.BooleanField(_("比例为上限"), default=False)
    cap_fen = models.BigIntegerField(_("最高金额（分）"), null=True)
    cap_per = models.CharField(_("上限按什么计"), max_length=20, choices=CapUnit)
    cap_per_note = models.CharField(_("上限说明"), max_length=300, blank=True)
    base = models.CharField(_("计算基数"), max_length=30, choices=RuleBase)
    base_wording = models.CharField(_("基数原文"), max_length=100)
    payment = models.CharField(_("资助方式"), max_length=60, blank=True)
    beneficiary = models.CharField(_("资助对象"), max_length=200)
    beneficiary_is_interpretation = models.BooleanField(_("对象属于解读"), default=False)
    interpretation = models.TextField(_("解读"), blank=True)
    conditions = models.JSONField(_("条件"), default=list)
    status = models.CharField(_("状态"), max_length=20, choices=RuleStatus)
    valid_from = models.DateField(_("起始日"), null=True)
    valid_to = models.DateField(_("截止日"), null=True)

    class Meta(SeededModel.Meta):
        verbose_name = _("政策规则")
        verbose_name_plural = _("政策规则")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("policy_rule", args=[self.code])
