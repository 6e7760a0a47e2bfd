"""Results of ranking: generations of packed top lists, and what has changed them since."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Side(models.TextChoices):
    """Whose list it is."""

    SCENARIO = "scenario", _("场景的能力")
    CAPABILITY = "capability", _("能力的场景")


class RunState(models.TextChoices):
    READING = "reading", _("正在读取")
    RANKING = "ranking", _("正在匹配")
    DONE = "done", _("已完成")
    ABANDONED = "abandoned", _("已放弃")


class MatchRun(models.Model):
    """One full ranking: a generation, with everything that a later single ranking needs.

    ``snapshot`` names the folder that holds its index; ``base`` is the generation that it is to
    take the place of, ``served`` the deliveries that are done when it does.
    """

    generation = models.PositiveIntegerField(_("代"), unique=True)
    state = models.CharField(_("状态"), max_length=10, choices=RunState, db_default=RunState.DONE)
    snapshot = models.UUIDField(_("快照"), null=True, unique=True)
    base = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    served = models.JSONField(_("一并办结的消息"), db_default=[])
    definition = models.PositiveSmallIntegerField(_("定义版本"))
    profile = models.CharField(_("权重方案"), max_length=60)
    policy_digest = models.CharField(_("政策数据摘要"), max_length=64, blank=True)
    # Of everything that was read; the same input under the same definition is not ranked again.
    input_digest = models.CharField(_("输入摘要"), max_length=64, blank=True, db_default="")
    statistics = models.BinaryField(_("冻结的文本统计"), db_default=b"")
    scenario_count = models.PositiveIntegerField(_("场景数"), db_default=0)
    capability_count = models.PositiveIntegerField(_("能力数"), db_default=0)
    started_at = models.DateTimeField(_("开始时间"), db_default=Now(), editable=False)
    # When somebody last worked on it: a run that nobody works on is taken up, or given up.
    seen_at = models.DateTimeField(_("最近进展"), db_default=Now(), editable=False)
    created_at = models.DateTimeField(_("完成时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("匹配轮次")
        verbose_name_plural = _("匹配轮次")
        ordering = ["-generation"]

    def __str__(self) -> str:
        return f"第 {self.generation} 代"


class MatchPart(models.Model):
    """Some blocks of a full ranking, for one process at a time; its lists stand in a file."""

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField(_("编号"))
    first_block = models.PositiveIntegerField(_("首块"))
    last_block = models.PositiveIntegerField(_("末块之后"))
    blocks_done = models.PositiveIntegerField(_("已完成块数"), db_default=0)
    done_at = models.DateTimeField(_("完成时间"), null=True)

    class Meta:
        verbose_name = _("匹配分段")
        verbose_name_plural = _("匹配分段")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="matching_one_part_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number}"


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
    has moved on. ``entries``: see ``matching.engine.ranking``, as 64-bit integers, little endian.
    """

    # The constraint's index serves it.
    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="lists", db_index=False)
    side = models.CharField(_("方向"), max_length=10, choices=Side)
    record_id = models.BigIntegerField(_("记录"))
    version = models.DateTimeField(_("记录版本"))
    entries = models.BinaryField(_("条目"), db_default=b"")
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


class MatchChange(models.Model):
    """A record that was ranked again: every process of the matching workers follows these, in the
    order of their keys, from the snapshot of the run.

    ``record``: the values that were ranked (``matching.pipeline.packed``), None for what is gone.
    """

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="changes")
    side = models.CharField(_("方向"), max_length=10, choices=Side)
    record_id = models.BigIntegerField(_("记录"))
    record = models.JSONField(_("参与匹配的内容"), null=True)
    created_at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("匹配变更")
        verbose_name_plural = _("匹配变更")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.run_id} {self.side} {self.record_id}"


class MatchHistory(models.Model):
    """The first places of a record's list, each time that they were others than before."""

    generation = models.PositiveIntegerField(_("代"))
    side = models.CharField(_("方向"), max_length=10, choices=Side)
    record_id = models.BigIntegerField(_("记录"))
    entries = models.BinaryField(_("条目"))
    ranked_at = models.DateTimeField(_("匹配时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("匹配历史")
        verbose_name_plural = _("匹配历史")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["side", "record_id"], name="matching_history_of")]

    def __str__(self) -> str:
        return f"{self.side} {self.record_id} {self.generation}"
