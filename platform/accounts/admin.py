"""People, their addresses, second factors and devices, to look at; secrets are left out."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin

from accounts.models import Consent, User
from common.admin import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Contacts in full are read on the pages that log it."""

    fields = ["public_id", "name", "is_active", "is_demonstration", "date_joined", "last_login"]
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
class EmailAddressAdmin(ReadOnlyAdmin):
    fields = ["user", "verified", "primary"]
    list_display = ["user", "verified", "primary"]
    list_filter = ["verified", "primary"]
    list_select_related = ["user"]
    search_fields = ["email__iexact"]
    ordering = ["-pk"]


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    fields = ["user", "type", "created_at", "last_used_at"]
    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    ordering = ["-pk"]


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    """Never the key: whoever reads it could be that person."""

    fields = ["user", "user_agent", "created_at", "last_seen_at"]
    list_display = ["user", "user_agent", "created_at", "last_seen_at"]
    list_select_related = ["user"]
    ordering = ["-last_seen_at"]
