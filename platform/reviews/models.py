"""Experts: what they know, and what ties them to organizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.history import keeps_history
from common.models import PublicModel
from organizations.enums import IdentifierScheme
from organizations.models import Organization
from reviews.enums import InterestKind
from taxonomy.models import Concept

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal


@keeps_history("is_active")
class ExpertProfile(PublicModel):
    """A person appointed to review; ``organization`` is the employer, if it is registered here."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="expert_profile"
    )
    title = models.CharField(_("职称"), max_length=60, blank=True)
    employer = models.CharField(_("工作单位"), max_length=120, blank=True)
    organization = models.ForeignKey(
        Organization, models.SET_NULL, related_name="experts", null=True
    )
    concepts = models.ManyToManyField(Concept, related_name="experts", verbose_name=_("专长"))
    is_active = models.BooleanField(_("在任"), default=True)
    appointed_at = models.DateTimeField(_("聘任时间"))
    ended_at = models.DateTimeField(_("解聘时间"), null=True)

    class Meta:
        verbose_name = _("专家")
        verbose_name_plural = _("专家")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_active=True, ended_at=None)
                | models.Q(is_active=False, ended_at__isnull=False),
                name="reviews_active_until_ended",
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class Interest(PublicModel):
    """A tie to an organization as the expert has declared it; only its end is added later.

    ``until`` is the last day; ``ended_at`` is when the expert stated it, if not at the beginning.
    """

    expert = models.ForeignKey(ExpertProfile, models.PROTECT, related_name="interests")
    kind = models.CharField(_("关系"), max_length=12, choices=InterestKind)
    name = models.CharField(_("单位名称"), max_length=120)
    scheme = models.CharField(
        _("证件类型"),
        max_length=20,
        choices=IdentifierScheme,
        default=IdentifierScheme.CREDIT_CODE,
    )
    identifier = models.CharField(_("证件号码"), max_length=40, blank=True)
    since: models.DateField[date | None, date | None] = models.DateField(_("开始日期"), null=True)
    until: models.DateField[date | None, date | None] = models.DateField(_("结束日期"), null=True)
    share_percent: models.DecimalField[Decimal | None, Decimal | None] = models.DecimalField(
        _("持股比例（%）"), max_digits=5, decimal_places=2, null=True
    )
    relation = models.CharField(_("说明"), max_length=120, blank=True)
    ended_at = models.DateTimeField(_("申报结束的时间"), null=True)

    class Meta:
        verbose_name = _("利益关系")
        verbose_name_plural = _("利益关系")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(since=None)
                | models.Q(until=None)
                | models.Q(until__gte=models.F("since")),
                name="reviews_interest_days_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(share_percent=None)
                | models.Q(
                    kind=InterestKind.SHAREHOLDING, share_percent__gt=0, share_percent__lte=100
                ),
                name="reviews_interest_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"

    @property
    def audited_name(self) -> str:
        """None in the audit log: whom a person's family or money is tied to is not for auditors."""
        return ""
