"""Files that people upload; their bytes lie in a folder, under keys that nobody can guess."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel
from files.enums import IMAGES, MediaType


class StoredFile(PublicModel):
    """``name`` is what the uploader called it, cleaned: shown, and never a path.

    To whom it belongs says the record that holds it (``files.access``); until one does
    (``attached_at``), its uploader alone reaches it, and a day later it is gone.
    """

    key = models.CharField(_("存储键"), max_length=64, unique=True, editable=False)
    name = models.CharField(_("文件名"), max_length=120)
    media_type = models.CharField(_("格式"), max_length=20, choices=MediaType)
    size = models.PositiveIntegerField(_("字节数"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="uploads", null=True
    )
    attached_at = models.DateTimeField(_("采用时间"), null=True)

    class Meta:
        verbose_name = _("文件")
        verbose_name_plural = _("文件")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(attached_at=None),
                name="files_unattached",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.media_type in IMAGES
