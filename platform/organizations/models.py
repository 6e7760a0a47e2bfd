"""Organizations that publish, supply or serve, and the people who act for them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel
from organizations.enums import (
    Attribute,
    Capacity,
    IdentifierScheme,
    LegalKind,
    MemberRole,
    OrganizationState,
)
from taxonomy.models import City, District


class Organization(PublicModel):
    """A legal person; ``city`` is empty when the seat lies outside Guangdong (``seat`` says where).

    Only what a verified organization publishes is seen and matched.
    """

    name = models.CharField(_("名称"), max_length=120)
    legal_kind = models.CharField(_("法人类别"), max_length=20, choices=LegalKind)
    capacities = ArrayField(
        models.CharField(max_length=10, choices=Capacity), verbose_name=_("身份"), default=list
    )
    attributes = ArrayField(
        models.CharField(max_length=20, choices=Attribute), verbose_name=_("属性"), default=list
    )
    identifier_scheme = models.CharField(
        _("证件类型"),
        max_length=20,
        choices=IdentifierScheme,
        default=IdentifierScheme.CREDIT_CODE,
    )
    identifier = models.CharField(_("证件号码"), max_length=40)
    city = models.ForeignKey(City, models.PROTECT, related_name="organizations", null=True)
    district = models.ForeignKey(District, models.PROTECT, related_name="organizations", null=True)
    seat = models.CharField(_("省外所在地"), max_length=60, blank=True)
    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=OrganizationState,
        default=OrganizationState.SUBMITTED,
    )
    # Invented, with all that it publishes; pages and API say so.
    is_demonstration = models.BooleanField(_("演示数据"), db_default=False, default=False)

    class Meta:
        verbose_name = _("组织")
        verbose_name_plural = _("组织")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["identifier_scheme", "identifier"], name="organizations_one_per_identifier"
            )
        ]
        # Every page asks whether there are any.
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(is_demonstration=True),
                name="organizations_invented",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organization_detail", args=[self.public_id])

    def attribute_labels(self) -> list[str]:
        return [str(Attribute(value).label) for value in self.attributes]

    def capacity_labels(self) -> list[str]:
        return [str(Capacity(value).label) for value in self.capacities]


class Membership(models.Model):
    """A person acts for an organization."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("角色"), max_length=10, choices=MemberRole)
    created_at = models.DateTimeField(_("加入时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("成员")
        verbose_name_plural = _("成员")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], name="organizations_one_membership"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.organization_id}"
