"""Who did what to which object, and when: rows are added, never changed, and chained by hashes."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One verb carried out; a database trigger refuses to change or remove it."""

    # Whatever is stated here, a trigger puts the time of the database in its place.
    at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)
    actor_kind = models.CharField(_("身份类别"), max_length=20)
    # No foreign key: the entry must outlive the account and never hinder its deletion.
    actor_user_id = models.BigIntegerField(_("用户编号"), null=True)
    # Of a person none, so that a closed account leaves no name here (``common.actor.Actor``).
    actor_label = models.CharField(_("操作者"), max_length=254, blank=True)
    verb = models.CharField(_("操作"), max_length=80)
    object_type = models.CharField(_("对象类别"), max_length=80)
    object_id = models.CharField(_("对象编号"), max_length=80)
    # No foreign keys either: whom it concerns, and the token of the program that acted.
    organization_id = models.BigIntegerField(_("组织编号"), null=True)
    token_id = models.BigIntegerField(_("令牌编号"), null=True)
    # SHA-256 of what the object said (``audit.digests``); empty where there was nothing.
    before = models.CharField(_("改动前摘要"), max_length=64, blank=True, db_default="")
    after = models.CharField(_("改动后摘要"), max_length=64, blank=True, db_default="")
    address = models.CharField(_("来源地址"), max_length=45, blank=True, db_default="")
    details = models.JSONField(_("细节"), default=dict, encoder=DjangoJSONEncoder)
    request_id = models.CharField(_("请求编号"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = _("操作记录")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_by_object"),
            models.Index(fields=["actor_user_id", "-id"], name="audit_by_actor"),
            models.Index(fields=["organization_id", "-id"], name="audit_by_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}"


class AuditLink(models.Model):
    """The place of an event in the chain: ``hash`` covers the event and the link before it.

    Written by triggers alone, at commit (migration 0003 says how); ``seq`` counts from 1 without
    gaps and is empty only while the transaction that wrote the event has not ended.
    """

    event = models.OneToOneField(
        AuditEvent, models.PROTECT, primary_key=True, related_name="link", verbose_name=_("操作")
    )
    seq = models.BigIntegerField(_("序号"), null=True, unique=True)
    hash = models.BinaryField(_("摘要"), null=True)

    class Meta:
        verbose_name = _("操作链")
        verbose_name_plural = _("操作链")

    def __str__(self) -> str:
        return f"{self.seq}"
