"""Catalogues of innovative products for first purchase (首购目录), their items and editions."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from capabilities.enums import ProductKind
from capabilities.models import Product
from catalogue.editions import Announcement
from catalogue.enums import LIVE, ItemState
from common.models import PublicModel
from organizations.enums import IdentifierScheme
from organizations.models import Organization
from policy.models import PolicyClause, ResponsibleBody


class Catalogue(PublicModel):
    """What an authority lists on the basis of a clause; ``code`` begins the numbers of editions.

    A catalogue of the demonstration names no authority: nobody is to be asked about it.
    """

    code = models.CharField(_("代码"), max_length=8)
    name = models.CharField(_("名称"), max_length=120)
    issuer = models.ForeignKey(
        ResponsibleBody, models.PROTECT, related_name="catalogues", null=True
    )
    basis = models.ForeignKey(PolicyClause, models.PROTECT, related_name="catalogues")
    introduction = models.TextField(_("说明"), blank=True)
    is_demonstration = models.BooleanField(_("演示数据"), db_default=False, default=False)

    class Meta:
        verbose_name = _("首购目录")
        verbose_name_plural = _("首购目录")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="catalogue_one_per_code"),
            models.CheckConstraint(
                condition=models.Q(code__regex="^[A-Z]{2,8}$"), name="catalogue_code_capitals"
            ),
            models.CheckConstraint(
                condition=models.Q(is_demonstration=True, issuer=None)
                | models.Q(is_demonstration=False, issuer__isnull=False),
                name="catalogue_issuer_unless_invented",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalogue_detail", args=[self.code])

    @property
    def issuer_name(self) -> str:
        return self.issuer.name if self.issuer else gettext("演示发布机构（虚构）")

    @property
    def latest_edition(self) -> CatalogueEdition | None:
        """Prefetch ``editions`` where several catalogues are shown."""
        return next(iter(self.editions.all()), None)


class CatalogueItem(PublicModel):
    """A product on its way into a catalogue, or out of it again.

    Days of notice are Beijing days, both included. ``announced`` keeps what the product said when
    its notice began: that, and nothing said later, is what people may object to and what is listed.
    """

    catalogue = models.ForeignKey(Catalogue, models.PROTECT, related_name="items")
    product = models.ForeignKey(Product, models.PROTECT, related_name="catalogue_items")
    grounds = models.TextField(_("推荐理由"))
    notice_from = models.DateField(_("公示开始"), null=True)
    notice_to = models.DateField(_("公示结束"), null=True)
    announced = models.JSONField(_("公示内容"), null=True)
    state = models.CharField(
        _("状态"), max_length=12, choices=ItemState, default=ItemState.CANDIDATE
    )

    class Meta:
        verbose_name = _("首购目录条目")
        verbose_name_plural = _("首购目录条目")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["catalogue", "product"],
                condition=models.Q(state__in=LIVE),
                name="catalogue_one_live_item",
            ),
            models.CheckConstraint(
                condition=models.Q(notice_from=None, notice_to=None)
                | models.Q(notice_from__lte=models.F("notice_to")),
                name="catalogue_notice_in_order",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[ItemState.UNDER_NOTICE, ItemState.LISTED])
                | models.Q(
                    notice_from__isnull=False, notice_to__isnull=False, announced__isnull=False
                ),
                name="catalogue_listed_after_notice",
            ),
        ]
        indexes = [models.Index(fields=["catalogue", "state"], name="catalogue_items_by_state")]

    def __str__(self) -> str:
        return self.told.name

    def get_absolute_url(self) -> str:
        return reverse("catalogue_item", args=[self.public_id])

    @property
    def told(self) -> Announcement:
        """The product as announced; before its notice, as it is."""
        return Announcement(**self.announced) if self.announced else Announcement.of(self.product)

    @property
    def organization(self) -> Organization:
        """The supplier."""
        return self.product.organization

    @property
    def audited_organization_id(self) -> int:
        return self.product.organization_id


class CatalogueEdition(PublicModel):
    """A numbered list as it was published; a database trigger refuses to change or remove it."""

    catalogue = models.ForeignKey(Catalogue, models.PROTECT, related_name="editions")
    year = models.PositiveSmallIntegerField(_("年份"))
    sequence = models.PositiveSmallIntegerField(_("年内期次"))
    number = models.CharField(_("期号"), max_length=20, unique=True)
    title = models.CharField(_("标题"), max_length=200)
    note = models.TextField(_("说明"), blank=True)
    # No row beyond this position can be added later.
    item_count = models.PositiveIntegerField(_("产品数"))
    published_at = models.DateTimeField(_("发布时间"))

    class Meta:
        verbose_name = _("首购目录期次")
        verbose_name_plural = _("首购目录期次")
        ordering = ["-year", "-sequence", "catalogue"]
        constraints = [
            models.UniqueConstraint(
                fields=["catalogue", "year", "sequence"], name="catalogue_one_per_sequence"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.number}）"

    def get_absolute_url(self) -> str:
        return reverse("catalogue_edition", args=[self.number])


class EditionItem(models.Model):
    """What an edition says of a product: a copy, so that later changes leave it as it was."""

    edition = models.ForeignKey(CatalogueEdition, models.PROTECT, related_name="items")
    position = models.PositiveIntegerField(_("序号"))
    item = models.ForeignKey(CatalogueItem, models.PROTECT, related_name="edition_items")
    product_name = models.CharField(_("产品"), max_length=120)
    kind = models.CharField(_("类别"), max_length=10, choices=ProductKind)
    model_number = models.CharField(_("型号"), max_length=60, blank=True)
    summary = models.TextField(_("简介"), blank=True)
    price_min_fen = models.BigIntegerField(_("价格下限（分）"), null=True)
    price_max_fen = models.BigIntegerField(_("价格上限（分）"), null=True)
    organization_name = models.CharField(_("供给单位"), max_length=120)
    identifier_scheme = models.CharField(_("证件类型"), max_length=20, choices=IdentifierScheme)
    identifier = models.CharField(_("证件号码"), max_length=40)
    is_demonstration = models.BooleanField(_("演示数据"), db_default=False, default=False)
    notice_from = models.DateField(_("公示开始"))
    notice_to = models.DateField(_("公示结束"))
    grounds = models.TextField(_("推荐理由"))

    class Meta:
        verbose_name = _("首购目录产品")
        verbose_name_plural = _("首购目录产品")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "position"], name="catalogue_one_per_position"
            ),
            models.UniqueConstraint(
                fields=["edition", "item"], name="catalogue_one_per_edition_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.product_name}"
