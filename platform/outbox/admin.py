"""Messages and what became of them: where to look when news did not arrive."""

from django.contrib import admin

from common.admin import ReadOnlyAdmin
from outbox.models import Delivery, Message


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["topic", "key", "created_at"]
    search_fields = ["topic__startswith", "key__exact"]
    ordering = ["-pk"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["message", "consumer", "state", "attempts", "due_at", "done_at"]
    list_filter = ["state", "consumer"]
    list_select_related = ["message"]
    search_fields = ["key__exact", "message__topic__startswith"]
    ordering = ["-pk"]
