"""Scenarios: a real place and problem where new technology may be tried."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel
from imports.models import ImportedFile
from organizations.models import Organization
from scenarios.enums import (
    CallMode,
    Condition,
    DemandKind,
    ScenarioKind,
    ScenarioState,
    Strength,
)
from taxonomy.models import City, Concept, District


class Scenario(PublicModel):
    """Only name and organization are required: whatever else is missing is shown as not stated."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="scenarios")
    co_publishers = models.ManyToManyField(Organization, related_name="co_published")
    # The publisher's own number; a file imported again is recognized by it.
    reference = models.CharField(_("自有编号"), max_length=60, blank=True)
    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("场景类型"), max_length=20, choices=ScenarioKind, blank=True)
    demand_kind = models.CharField(_("需求类型"), max_length=10, choices=DemandKind, blank=True)
    concepts = models.ManyToManyField(Concept, related_name="scenarios")
    city = models.ForeignKey(City, models.PROTECT, related_name="scenarios", null=True)
    district = models.ForeignKey(District, models.PROTECT, related_name="scenarios", null=True)
    site = models.CharField(_("地点"), max_length=200, blank=True)
    problem = models.TextField(_("要解决的问题"), blank=True)
    conditions = ArrayField(
        models.CharField(max_length=20, choices=Condition), verbose_name=_("提供条件"), default=list
    )
    conditions_note = models.TextField(_("条件说明"), blank=True)
    budget_min_fen = models.BigIntegerField(_("预算下限（分）"), null=True)
    budget_max_fen = models.BigIntegerField(_("预算上限（分）"), null=True)
    readiness_min = models.PositiveSmallIntegerField(_("技术成熟度下限"), null=True)
    readiness_max = models.PositiveSmallIntegerField(_("技术成熟度上限"), null=True)
    readiness_is_must = models.BooleanField(_("成熟度下限为硬性要求"), default=False)
    required_qualifications = ArrayField(
        models.CharField(max_length=60), verbose_name=_("必备资质"), default=list
    )
    call_mode = models.CharField(_("对接方式"), max_length=10, choices=CallMode, blank=True)
    deadline = models.DateTimeField(_("截止时间"), null=True)
    contact_name = models.CharField(_("联系人"), max_length=60, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=40, blank=True)
    contact_email = models.EmailField(_("联系邮箱"), blank=True)
    state = models.CharField(
        _("状态"), max_length=10, choices=ScenarioState, default=ScenarioState.DRAFT
    )
    published_at = models.DateTimeField(_("发布时间"), null=True)
    imported_from = models.ForeignKey(
        ImportedFile, models.PROTECT, related_name="scenarios", null=True
    )

    class Meta:
        verbose_name = _("场景")
        verbose_name_plural = _("场景")
        # The newest is what was published last, however long it had been a draft.
        ordering = [Coalesce("published_at", "created_at").desc(), "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "reference"],
                condition=~models.Q(reference=""),
                name="scenarios_one_per_reference",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    budget_min_fen__gte=0,
                    budget_max_fen__gte=0,
                    budget_min_fen__lte=models.F("budget_max_fen"),
                ),
                name="scenarios_budget_range",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    readiness_min__range=(1, 9),
                    readiness_max__range=(1, 9),
                    readiness_min__lte=models.F("readiness_max"),
                ),
                name="scenarios_readiness_range",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="scenarios_by_state"),
            models.Index(
                Coalesce("published_at", "created_at").desc(),
                models.F("id").desc(),
                name="scenarios_newest",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("scenario_detail", args=[self.public_id])

    @property
    def can_be_reached(self) -> bool:
        """A name alone reaches nobody."""
        return bool(self.contact_phone or self.contact_email)

    def condition_labels(self) -> list[str]:
        return [str(Condition(value).label) for value in self.conditions]


class ScenarioGoal(models.Model):
    """What will count as success: an indicator that can be measured, and its target."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="goals")
    position = models.PositiveSmallIntegerField(_("顺序"))
    indicator = models.CharField(_("指标"), max_length=120)
    target = models.CharField(_("目标值"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("目标")
        verbose_name_plural = _("目标")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.indicator


class TechnicalNeed(models.Model):
    """What a solution must have or should have.

    A must-have with a ``concept`` is a hard filter; in words alone it is for people to judge.
    """

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="technical_needs")
    position = models.PositiveSmallIntegerField(_("顺序"))
    strength = models.CharField(_("强度"), max_length=5, choices=Strength)
    text = models.CharField(_("内容"), max_length=300)
    concept = models.ForeignKey(Concept, models.PROTECT, related_name="technical_needs", null=True)

    class Meta:
        verbose_name = _("技术需求")
        verbose_name_plural = _("技术需求")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.text
