"""Addresses below an organization's ``tokens/``."""

from django.urls import path

from web.views import tokens

urlpatterns = [
    path("", tokens.token_list, name="token_list"),
    path("new/", tokens.token_new, name="token_new"),
    path("<uuid:token_id>/revoke/", tokens.token_revoke, name="token_revoke"),
]
