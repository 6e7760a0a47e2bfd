"""Applications: what suppliers answer to scenarios."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.enums import OVER, ApplicationState
from capabilities.models import Capability
from common.models import PublicModel
from organizations.models import Organization
from scenarios.models import Scenario


class Application(PublicModel):
    """A supplier offers one of its capabilities for one scenario."""

    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="applications")
    capability = models.ForeignKey(Capability, models.PROTECT, related_name="applications")
    proposal = models.TextField(_("方案说明"), blank=True)
    price_fen = models.BigIntegerField(_("报价（分）"), null=True)
    schedule = models.CharField(_("实施周期"), max_length=120, blank=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    state = models.CharField(
        _("状态"), max_length=12, choices=ApplicationState, default=ApplicationState.DRAFT
    )

    class Meta:
        verbose_name = _("对接申请")
        verbose_name_plural = _("对接申请")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "capability"],
                condition=~models.Q(state__in=OVER),
                name="applications_one_per_capability",
            ),
            models.CheckConstraint(
                condition=models.Q(price_fen__gte=0), name="applications_price_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["scenario", "state"], name="applications_by_scenario")]

    def __str__(self) -> str:
        return f"{self.scenario.name} · {self.capability.name}"

    @property
    def organization(self) -> Organization:
        """The supplier."""
        return self.capability.organization

    @property
    def audited_organization_id(self) -> int:
        return self.capability.organization_id

    def get_absolute_url(self) -> str:
        return reverse("application_detail", args=[self.public_id])
