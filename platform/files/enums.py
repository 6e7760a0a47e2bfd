"""Closed lists of the files app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MediaType(models.TextChoices):
    """What may be uploaded: formats that browsers show and that carry no program."""

    PDF = "application/pdf", _("PDF 文件")
    PNG = "image/png", _("PNG 图片")
    JPEG = "image/jpeg", _("JPEG 图片")


IMAGES = frozenset({MediaType.PNG, MediaType.JPEG})
EXTENSIONS = {MediaType.PDF: ".pdf", MediaType.PNG: ".png", MediaType.JPEG: ".jpg"}
