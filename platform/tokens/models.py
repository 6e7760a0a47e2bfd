"""Keys by which programs act: tokens of organizations, and the calls that they have answered."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel
from organizations.models import Organization
from tokens.enums import Lifetime, Scope


class ApiToken(PublicModel):
    """A program of ``organization`` acts by it as far as its maker may, never further.

    It ends with ``expires_at``, with being revoked, and with its maker's membership.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="api_tokens")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("名称"), max_length=60)
    permissions = ArrayField(
        models.CharField(max_length=20, choices=Scope), verbose_name=_("权限"), default=list
    )
    prefix = models.CharField(_("前缀"), max_length=20, unique=True)
    # Of the secret part; the secret itself is nowhere.
    digest = models.CharField(max_length=64, editable=False)
    expires_at = models.DateTimeField(_("有效期至"))
    last_used_at = models.DateTimeField(_("最近使用"), null=True)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="revoked_tokens", null=True
    )

    class Meta:
        verbose_name = _("访问令牌")
        verbose_name_plural = _("访问令牌")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    expires_at__lte=models.F("created_at") + timedelta(days=max(Lifetime.values))
                ),
                name="tokens_at_most_a_year",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("token_list", args=[self.organization.public_id])

    def scope_labels(self) -> list[str]:
        return [str(Scope(each).label) for each in self.permissions if each in Scope.values]


class AnsweredCall(models.Model):
    """The answer to a call that carried an idempotency key, written with the call's effect.

    ``request`` digests what was asked, ``standing`` what the caller was allowed then: the answer
    is repeated for the same question of somebody who still stands as they stood. Of an answer that
    nobody may keep (``is_confidential``) there is the status alone.
    """

    caller = models.CharField(_("调用方"), max_length=40)
    key = models.CharField(_("幂等键"), max_length=255)
    request = models.CharField(max_length=64)
    standing = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(_("状态码"), null=True)
    headers = models.JSONField(_("响应头"), default=dict)
    body = models.TextField(_("响应正文"), blank=True)
    is_confidential = models.BooleanField(_("不保存答复"), db_default=False, default=False)
    at = models.DateTimeField(_("时间"), db_default=Now())

    class Meta:
        verbose_name = _("已答复的调用")
        verbose_name_plural = _("已答复的调用")
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="tokens_one_answer_per_key"),
            models.CheckConstraint(
                condition=models.Q(is_confidential=False) | models.Q(body="", headers={}),
                name="tokens_confidential_is_not_kept",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="tokens_answers_by_age")]

    def __str__(self) -> str:
        return f"{self.caller} {self.status}"
