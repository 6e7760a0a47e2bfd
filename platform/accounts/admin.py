"""People, their addresses, second factors and devices, to look at; secrets are left out."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent, User
from common.admin import ReadOnlyAdmin, called


class NumberedAdmin(ReadOnlyAdmin):
    """Of rows whose libraries call them by what must not be shown: here by their numbers."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        numbered = {**(extra_context or {}), "subtitle": object_id, "original": object_id}
        return super().change_view(request, object_id, form_url, numbered)


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Contacts in full are read on the pages that log it."""

    number = called("public_id", _("公开编号"))
    readonly_fields = ["number"]
    fields = ["number", "name", "is_active", "is_demonstration", "date_joined", "last_login"]
    list_display = ["name", "is_active", "is_demonstration", "date_joined", "last_login"]
    list_filter = ["is_active", "is_demonstration"]
    search_fields = ["name", "email__iexact"]
    ordering = ["-pk"]


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ["user", "kind", "version", "given_at", "withdrawn_at"]
    list_filter = ["kind", "version"]
    list_select_related = ["user"]
    ordering = ["-pk"]


@admin.register(EmailAddress)
class EmailAddressAdmin(NumberedAdmin):
    person = called("user", _("用户"))
    fields = ["person", "verified", "primary"]
    readonly_fields = ["person"]
    list_display = ["person", "verified", "primary"]
    list_filter = ["verified", "primary"]
    list_select_related = ["user"]
    search_fields = ["email__iexact"]
    ordering = ["-pk"]


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    heading = _("两步验证方式")
    person = called("user", _("用户"))
    kind = called("type", _("方式"))
    added_at = called("created_at", _("添加时间"))
    used_at = called("last_used_at", _("最近使用"))
    fields = ["person", "kind", "added_at", "used_at"]
    readonly_fields = ["person", "kind", "added_at", "used_at"]
    list_display = ["person", "kind", "added_at", "used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    ordering = ["-pk"]


@admin.register(UserSession)
class UserSessionAdmin(NumberedAdmin):
    """Never the key: whoever reads it could be that person. The address is its owner's to see."""

    heading = _("登录的设备")
    person = called("user", _("用户"))
    device = called("user_agent", _("浏览器"))
    begun_at = called("created_at", _("登录时间"))
    seen_at = called("last_seen_at", _("最近使用"))
    fields = ["person", "device", "begun_at", "seen_at"]
    readonly_fields = ["person", "device", "begun_at", "seen_at"]
    list_display = ["person", "device", "begun_at", "seen_at"]
    list_select_related = ["user"]
    ordering = ["-last_seen_at"]
