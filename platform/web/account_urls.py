"""Addresses of accounts: signing up and in, second factors, devices, personal data.

Most views are allauth's. Left out: sign-in by code, and what it offers to programs.
"""

from allauth.account import views
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import include, path, re_path

from web.views import accounts
from web.views.accounts import account_view

SECOND_FACTOR = [
    path("", accounts.second_factor, name="mfa_index"),
    path("authenticate/", account_view(accounts.second_step), name="mfa_authenticate"),
    path("reauthenticate/", account_view(accounts.code_again), name="mfa_reauthenticate"),
    path("app/", account_view(totp.activate_totp), name="mfa_activate_totp"),
    path("app/remove/", account_view(accounts.remove_app), name="mfa_deactivate_totp"),
    path(
        "recovery-codes/",
        account_view(recovery_codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "recovery-codes/new/",
        account_view(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("passkeys/add/", account_view(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("passkeys/login/", account_view(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path(
        "passkeys/reauthenticate/",
        account_view(accounts.passkey_again),
        name="mfa_reauthenticate_webauthn",
    ),
    path("passkeys/<int:pk>/edit/", account_view(accounts.name_passkey), name="mfa_edit_webauthn"),
    path(
        "passkeys/<int:pk>/remove/",
        account_view(accounts.remove_passkey),
        name="mfa_remove_webauthn",
    ),
]

PERSONAL_DATA = [
    path("", accounts.personal_data, name="account_personal_data"),
    path("sharing/", accounts.sharing, name="account_sharing"),
    path("export/", account_view(accounts.export), name="account_export"),
    path("close/", account_view(accounts.close), name="account_close"),
]

urlpatterns = [
    path("", accounts.account, name="account_index"),
    path("contact/", accounts.contact, name="account_contact"),
    path("login/", account_view(views.login), name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", account_view(views.signup), name="account_signup"),
    path("consent/", account_view(accounts.consent), name="account_consent"),
    path("terms/", accounts.terms, name="account_terms"),
    path("privacy/", accounts.privacy, name="account_privacy"),
    path("reauthenticate/", account_view(views.reauthenticate), name="account_reauthenticate"),
    path("email/", account_view(views.email), name="account_email"),
    path(
        "confirm-email/",
        account_view(accounts.verification_sent),
        name="account_email_verification_sent",
    ),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$",
        account_view(accounts.confirm_email),
        name="account_confirm_email",
    ),
    path("password/change/", account_view(views.password_change), name="account_change_password"),
    path("password/set/", account_view(views.password_set), name="account_set_password"),
    path("password/reset/", account_view(views.password_reset), name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account_view(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-factor/", include(SECOND_FACTOR)),
    path("sessions/", accounts.sessions, name="account_sessions"),
    path("sessions/end/", account_view(accounts.sessions_end), name="account_sessions_end"),
    path("sessions/<int:number>/end/", accounts.session_end, name="account_session_end"),
    path("personal-data/", include(PERSONAL_DATA)),
]
