"""Results of ranking: generations of packed top lists."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Side(models.TextChoices):
    """Whose list it is."""

    SCENARIO = "scenario", _("场景的能力")
    CAPABILITY = "capability", _("能力的场景")


class MatchRun(models.Model):
    """One full ranking: a generation, with everything that a later single ranking needs."""

    generation = models.PositiveIntegerField(_("代"), unique=True)
    definition = models.PositiveSmallIntegerField(_("定义版本"))
    profile = models.CharField(_("权重方案"), max_length=60)
    policy_digest = models.CharField(_("政策数据摘要"), max_length=64, blank=True)
    # Of everything that was read; the same input under the same definition is not ranked again.
    input_digest = models.CharField(_("输入摘要"), max_length=64)
    statistics = models.BinaryField(_("冻结的文本统计"))
    scenario_count = models.PositiveIntegerField(_("场景数"))
    capability_count = models.PositiveIntegerField(_("能力数"))
    created_at = models.DateTimeField(_("完成时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("匹配轮次")
        verbose_name_plural = _("匹配轮次")
        ordering = ["-generation"]

    def __str__(self) -> str:
        return f"第 {self.generation} 代"


class CurrentRun(models.Model):
    """The one row that says which generation readers see; swapped when a generation is whole."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    run = models.ForeignKey(MatchRun, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("当前轮次")
        verbose_name_plural = _("当前轮次")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="matching_one_current_run")
        ]

    def __str__(self) -> str:
        return str(self.run_id)


class MatchList(models.Model):
    """The top list of one record in one generation, packed: parts and reasons come on reading.

    ``version`` is the record's state of change when it was ranked; a list is stale when the record
    has moved on.
    """

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="lists")
    side = models.CharField(_("方向"), max_length=10, choices=Side)
    record_id = models.BigIntegerField(_("记录"))
    version = models.DateTimeField(_("记录版本"))
    keys = models.BinaryField(_("对方记录，64 位整数，小端"))
    scores = models.BinaryField(_("得分，32 位整数，小端"))
    ranked_at = models.DateTimeField(_("匹配时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("匹配清单")
        verbose_name_plural = _("匹配清单")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "side", "record_id"], name="matching_one_list_per_record"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.side} {self.record_id}"
