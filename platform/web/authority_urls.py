"""Addresses below ``administration/authorities/``."""

from django.urls import path

from web.views import authorities

urlpatterns = [
    path("", authorities.authority_list, name="authority_list"),
    path("<code:code>/", authorities.authority_detail, name="authority_detail"),
    path("<code:code>/appoint/", authorities.authority_appoint, name="authority_appoint"),
    path(
        "<code:code>/appointments/<uuid:public_id>/",
        authorities.appointment_change,
        name="appointment_change",
    ),
    path(
        "<code:code>/appointments/<uuid:public_id>/end/",
        authorities.appointment_end,
        name="appointment_end",
    ),
    path("<code:code>/delegate/", authorities.authority_delegate, name="authority_delegate"),
    path(
        "<code:code>/delegations/<uuid:public_id>/end/",
        authorities.delegation_end,
        name="delegation_end",
    ),
]
