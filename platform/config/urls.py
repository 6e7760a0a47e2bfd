"""Addresses: pages at the root, programs under ``/api/``."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("api.urls")),
    path("", include("web.urls")),
]

handler400 = "web.views.errors.bad_request"
handler403 = "web.views.errors.permission_denied"
handler404 = "web.views.errors.page_not_found"
handler429 = "web.views.errors.too_many_requests"  # allauth's
handler500 = "web.views.errors.server_error"
