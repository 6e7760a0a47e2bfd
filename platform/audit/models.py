"""Who did what to which object, and when: rows are added, never changed."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One verb carried out; a database trigger refuses to change or remove it."""

    at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)
    actor_kind = models.CharField(_("身份类别"), max_length=20)
    # No foreign key: the entry must outlive the account and never hinder its deletion.
    actor_user_id = models.BigIntegerField(_("用户编号"), null=True)
    actor_label = models.CharField(_("操作者"), max_length=254, blank=True)
    verb = models.CharField(_("操作"), max_length=80)
    object_type = models.CharField(_("对象类别"), max_length=80)
    object_id = models.CharField(_("对象编号"), max_length=80)
    details = models.JSONField(_("细节"), default=dict, encoder=DjangoJSONEncoder)
    request_id = models.CharField(_("请求编号"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = _("操作记录")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_by_object"),
            models.Index(fields=["actor_user_id", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}"
