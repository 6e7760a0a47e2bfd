"""Authorities, the people who work for them, and the operators who act in their name."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import Duty
from common.history import keeps_history
from common.models import PublicModel
from organizations.models import Organization
from policy.models import ResponsibleBody
from taxonomy.models import City, District


@keeps_history("code", "name", "body", "city", "district")
class Authority(PublicModel):
    """A department and where it is in charge (主管部门): the province, a city or a district.

    ``body`` is the responsible body of the policy texts that it is: catalogues name those as
    their issuers.
    """

    code = models.SlugField(_("代码"), max_length=60)
    name = models.CharField(_("名称"), max_length=120)
    body = models.ForeignKey(
        ResponsibleBody, models.PROTECT, related_name="authorities", null=True, blank=True
    )
    city = models.ForeignKey(City, models.PROTECT, related_name="authorities", null=True)
    district = models.ForeignKey(District, models.PROTECT, related_name="authorities", null=True)
    is_demonstration = models.BooleanField(_("演示数据"), db_default=False, default=False)

    class Meta:
        verbose_name = _("主管部门")
        verbose_name_plural = _("主管部门")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="authorities_one_per_code"),
            models.CheckConstraint(
                condition=models.Q(district=None) | models.Q(city__isnull=False),
                name="authorities_district_in_its_city",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def jurisdiction(self) -> str:
        """Where it is in charge, in words."""
        if self.city is None:
            return gettext("广东省")
        return f"{self.city}{self.district}" if self.district else str(self.city)


class _Duties(PublicModel):
    """Duties of an authority that somebody has, until the end of a day or until further notice."""

    duties = ArrayField(models.CharField(max_length=10, choices=Duty), verbose_name=_("职责"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, editable=False)

    class Meta:
        abstract = True

    def duty_labels(self) -> list[str]:
        return [str(Duty(each).label) for each in self.duties]


@keeps_history("authority", "user", "duties", "ends_on", "ended_at")
class Appointment(_Duties):
    """A person works for an authority; ``ends_on`` is the last day (Beijing), if there is one.

    Duties are separated (三员分立): who keeps the accounts and who audits have no other duty, so
    that nobody appoints himself to what he decides, and nobody audits himself.
    """

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="appointments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointments")
    ends_on = models.DateField(_("任期至"), null=True, blank=True)

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        ordering = ["authority", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "user"],
                condition=models.Q(ended_at=None),
                name="authorities_one_appointment",
            ),
            models.CheckConstraint(
                condition=~models.Q(duties__contains=[Duty.AUDIT]) | models.Q(duties=[Duty.AUDIT]),
                name="authorities_audit_stands_alone",
            ),
            # What ended before this was asked stays written as it was.
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=False)
                | ~models.Q(duties__contains=[Duty.SYSTEM])
                | models.Q(duties=[Duty.SYSTEM]),
                name="authorities_system_stands_alone",
            ),
            models.CheckConstraint(
                condition=models.Q(duties__len__gt=0), name="authorities_appointed_to_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.authority}"


@keeps_history("authority", "operator", "duties", "ends_on", "ended_at")
class Delegation(_Duties):
    """An operator (运营机构, such as a 场景创新中心) acts for an authority until ``ends_on``.

    Owners and editors of the operator hold the duties, as long as it is verified.
    """

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="delegations")
    operator = models.ForeignKey(Organization, models.PROTECT, related_name="delegations")
    ends_on = models.DateField(_("委托至"))

    class Meta:
        verbose_name = _("委托")
        verbose_name_plural = _("委托")
        ordering = ["authority", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "operator"],
                condition=models.Q(ended_at=None),
                name="authorities_one_delegation",
            ),
            # What the authority keeps to itself: its own people, accounts and audit.
            models.CheckConstraint(
                condition=models.Q(duties__contained_by=[Duty.CONTENT, Duty.CATALOGUE]),
                name="authorities_delegable_duties",
            ),
            models.CheckConstraint(
                condition=models.Q(duties__len__gt=0), name="authorities_delegated_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator} · {self.authority}"

    @property
    def audited_organization_id(self) -> int:
        return self.operator_id
