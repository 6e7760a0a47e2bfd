"""Messages and what became of them: where to look when news did not arrive."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from common.admin import ReadOnlyAdmin, called
from outbox.models import Delivery, Message


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Never the payload: it may tell of people, and carries what a mail will say."""

    fields = ["topic", "key", "by_user_id", "created_at"]
    list_display = ["topic", "key", "created_at"]
    search_fields = ["topic__startswith", "key__exact"]
    ordering = ["-pk"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    told = called("message", _("消息"))
    readonly_fields = ["told"]
    fields = ["told", "consumer", "state", "attempts", "due_at", "done_at", "last_error"]
    list_display = ["told", "consumer", "state", "attempts", "due_at", "done_at"]
    list_filter = ["state", "consumer"]
    list_select_related = ["message"]
    search_fields = ["key__exact", "message__topic__startswith"]
    ordering = ["-pk"]
