"""Closed lists of the accounts app; labels are what readers see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Duty(models.TextChoices):
    """What a person does for an authority; which go together: ``authorities.facts``."""

    SYSTEM = "system", _("系统管理")
    CONTENT = "content", _("内容管理")
    CATALOGUE = "catalogue", _("目录管理")
    AUDIT = "audit", _("审计管理")


class ConsentKind(models.TextChoices):
    """What a person agrees to, each by a tick of its own."""

    TERMS = "terms_and_privacy", _("服务条款和隐私政策")
    SHARE_CONTACTS = "share_contacts", _("向对接方提供联系方式")
