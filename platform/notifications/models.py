"""What people are told, and how they want to be told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel
from notifications.enums import Category, Mode, Standing
from organizations.models import Organization


class Digest(PublicModel):
    """One mail a day to a person, with everything that waited for it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests")
    day = models.DateField(_("日期"))

    class Meta:
        verbose_name = _("每日汇总")
        verbose_name_plural = _("每日汇总")
        constraints = [
            # However many beats there are (THREATS F15).
            models.UniqueConstraint(fields=["user", "day"], name="notifications_one_digest_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class Notification(PublicModel):
    """One message of the outbox, as one person is told of it; the words stay as they were.

    ``topic`` and ``record_id`` name what it is about, so that it can be asked again whether the
    reader may see that; without ``record_id`` it is about the reader alone. ``message_id`` is no
    foreign key: notices outlive messages.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    standing = models.CharField(_("身份"), max_length=15, choices=Standing)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="notifications", null=True
    )
    category = models.CharField(_("类别"), max_length=15, choices=Category)
    title = models.CharField(_("标题"), max_length=300)
    text = models.TextField(_("内容"))
    path = models.CharField(_("链接"), max_length=300)
    reason = models.CharField(_("通知原因"), max_length=300)
    topic = models.CharField(_("主题"), max_length=80)
    record_id = models.BigIntegerField(_("对象"), null=True)
    message_id = models.BigIntegerField(_("消息"))
    mode = models.CharField(_("邮件"), max_length=10, choices=Mode)
    digest = models.ForeignKey(Digest, models.PROTECT, related_name="notifications", null=True)
    read_at = models.DateTimeField(_("阅读时间"), null=True)

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "message_id"], name="notifications_one_per_message"
            ),
            models.CheckConstraint(
                condition=models.Q(standing=Standing.MEMBER, organization__isnull=False)
                | (~models.Q(standing=Standing.MEMBER) & models.Q(organization=None)),
                name="notifications_organization_of_members",
            ),
            # A path of this site and nothing else (THREATS A23).
            models.CheckConstraint(
                condition=models.Q(path__regex=r"^/([^/\\[:space:]][^\\[:space:]]*)?$"),
                name="notifications_path_is_local",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notifications_newest"),
            # Every page of a signed-in person counts these.
            models.Index(
                fields=["user"],
                condition=models.Q(read_at=None),
                name="notifications_unread",
            ),
            models.Index(
                fields=["user"],
                condition=models.Q(mode=Mode.DAILY, digest=None),
                name="notifications_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Preference(models.Model):
    """How a person wants mail of a category; ``organization`` where one is set apart."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences"
    )
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="notification_preferences", null=True
    )
    category = models.CharField(_("类别"), max_length=15, choices=Category)
    mode = models.CharField(_("邮件"), max_length=10, choices=Mode)

    class Meta:
        verbose_name = _("通知设置")
        verbose_name_plural = _("通知设置")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization", "category"],
                name="notifications_one_preference",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~models.Q(category=Category.SECURITY),
                name="notifications_security_stays_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.category} {self.mode}"
