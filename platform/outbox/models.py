"""News that must arrive: written with the change it tells of, delivered after the commit."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """Something happened; ``key`` names the record that it happened to."""

    topic = models.CharField(_("主题"), max_length=80)
    key = models.CharField(_("对象"), max_length=120)
    payload = models.JSONField(_("内容"), default=dict, encoder=DjangoJSONEncoder)
    # Who did it, for whom that is no news; no foreign key, as with audit events.
    by_user_id = models.BigIntegerField(_("操作者"), null=True)
    created_at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("待送达")
    DONE = "done", _("已送达")
    DEAD = "dead", _("多次失败，待人工处理")


class Delivery(models.Model):
    """One message for one consumer.

    Marked done by the consumer itself, in the transaction of its effect: so an effect happens
    once, however often the task that carries the delivery is run.
    """

    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    consumer = models.CharField(_("接收方"), max_length=80)
    # Copied from the message, for the index that coalescing needs.
    key = models.CharField(_("对象"), max_length=120)
    state = models.CharField(
        _("状态"), max_length=10, choices=DeliveryState, default=DeliveryState.PENDING
    )
    # Runs begun, not times sent, and the number that a task must carry to run (services.deliver).
    attempts = models.PositiveSmallIntegerField(_("已尝试次数"), default=0)
    due_at = models.DateTimeField(_("下次发送"), db_default=Now())
    done_at = models.DateTimeField(_("送达时间"), null=True)
    last_error = models.TextField(_("最近的错误"), blank=True)

    class Meta:
        verbose_name = _("送达")
        verbose_name_plural = _("送达")
        constraints = [
            models.UniqueConstraint(fields=["message", "consumer"], name="outbox_one_per_consumer")
        ]
        indexes = [
            models.Index(fields=["due_at"], name="outbox_due", condition=models.Q(state="pending")),
            models.Index(
                fields=["consumer", "key"], name="outbox_same", condition=models.Q(state="pending")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} → {self.consumer}"
