"""Capabilities: what a supplier can do; products: what can be bought."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from capabilities.enums import CapabilityState, ProductKind
from common.models import PublicModel
from imports.models import ImportedFile
from organizations.models import Organization
from taxonomy.models import City, Concept


class Product(PublicModel):
    """Something that can be bought from its organization."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="products")
    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("类别"), max_length=10, choices=ProductKind)
    model_number = models.CharField(_("型号"), max_length=60, blank=True)
    summary = models.TextField(_("简介"), blank=True)
    price_min_fen = models.BigIntegerField(_("价格下限（分）"), null=True)
    price_max_fen = models.BigIntegerField(_("价格上限（分）"), null=True)

    class Meta:
        verbose_name = _("产品")
        verbose_name_plural = _("产品")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    price_min_fen__gte=0,
                    price_max_fen__gte=0,
                    price_min_fen__lte=models.F("price_max_fen"),
                ),
                name="capabilities_product_price_range",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Capability(PublicModel):
    """Only name and organization are required: whatever else is missing is shown as not stated."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="capabilities")
    # The supplier's own number; a file imported again is recognized by it.
    reference = models.CharField(_("自有编号"), max_length=60, blank=True)
    name = models.CharField(_("名称"), max_length=120)
    summary = models.TextField(_("简介"), blank=True)
    highlights = ArrayField(
        models.CharField(max_length=200), verbose_name=_("技术亮点"), default=list
    )
    concepts = models.ManyToManyField(Concept, related_name="capabilities")
    products = models.ManyToManyField(Product, related_name="capabilities")
    readiness = models.PositiveSmallIntegerField(_("技术成熟度"), null=True)
    price_min_fen = models.BigIntegerField(_("价格下限（分）"), null=True)
    price_max_fen = models.BigIntegerField(_("价格上限（分）"), null=True)
    qualifications = ArrayField(
        models.CharField(max_length=60), verbose_name=_("资质"), default=list
    )
    patents = ArrayField(models.CharField(max_length=200), verbose_name=_("专利"), default=list)
    # Empty: serves the whole province. Stated: the supplier goes nowhere else.
    cities_served = models.ManyToManyField(City, related_name="served_by")
    state = models.CharField(
        _("状态"), max_length=10, choices=CapabilityState, default=CapabilityState.DRAFT
    )
    imported_from = models.ForeignKey(
        ImportedFile, models.PROTECT, related_name="capabilities", null=True
    )

    class Meta:
        verbose_name = _("能力")
        verbose_name_plural = _("能力")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "reference"],
                condition=~models.Q(reference=""),
                name="capabilities_one_per_reference",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    price_min_fen__gte=0,
                    price_max_fen__gte=0,
                    price_min_fen__lte=models.F("price_max_fen"),
                ),
                name="capabilities_price_range",
            ),
            models.CheckConstraint(
                condition=models.Q(readiness__range=(1, 9)), name="capabilities_readiness_level"
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="capabilities_by_state")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("capability_detail", args=[self.public_id])


class ReferenceCase(models.Model):
    """Where the capability has been used before."""

    capability = models.ForeignKey(Capability, models.CASCADE, related_name="reference_cases")
    position = models.PositiveSmallIntegerField(_("顺序"))
    title = models.CharField(_("案例"), max_length=120)
    client = models.CharField(_("应用单位"), max_length=120, blank=True)
    year = models.PositiveSmallIntegerField(_("年份"), null=True)

    class Meta:
        verbose_name = _("应用案例")
        verbose_name_plural = _("应用案例")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title
