"""Closed lists of the capabilities app; labels are what readers see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProductKind(models.TextChoices):
    TECHNOLOGY = "technology", _("技术")
    MATERIAL = "material", _("材料")
    PRODUCT = "product", _("产品")
    SERVICE = "service", _("服务")


class CapabilityState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("已发布")
    WITHDRAWN = "withdrawn", _("已下架")
