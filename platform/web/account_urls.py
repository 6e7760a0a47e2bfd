"""Addresses of signing in, out of allauth's: those that make sense while sign-up is closed.

Left out: managing and confirming e-mail addresses, re-authentication, sign-in by code.
"""

from allauth.account import views
from django.urls import path, re_path

from web.views.accounts import outage_is_503

urlpatterns = [
    path("login/", outage_is_503(views.login), name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),
    path("password/change/", outage_is_503(views.password_change), name="account_change_password"),
    path("password/set/", outage_is_503(views.password_set), name="account_set_password"),
    path("password/reset/", outage_is_503(views.password_reset), name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        outage_is_503(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
