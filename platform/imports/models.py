"""Files whose records were taken over."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from organizations.models import Organization


class ImportedFile(models.Model):
    """One file, taken over once; its records point here.

    ``organization`` is empty when the file itself names the organization of each row.
    """

    kind = models.CharField(_("内容"), max_length=20)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", null=True)
    name = models.CharField(_("文件名"), max_length=255)
    digest = models.CharField(_("SHA-256"), max_length=64)
    row_count = models.PositiveIntegerField(_("行数"))
    created_at = models.DateTimeField(_("导入时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("导入文件")
        verbose_name_plural = _("导入文件")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "organization", "digest"],
                name="imports_each_file_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.name
