"""Addresses of the inbox."""

from django.urls import path

from web.views import notifications

urlpatterns = [
    path("", notifications.notification_list, name="notification_list"),
    path("read/", notifications.notifications_read, name="notifications_read"),
    path("preferences/", notifications.preferences, name="notification_preferences"),
    path("<uuid:public_id>/read/", notifications.notification_read, name="notification_read"),
    path("<uuid:public_id>/open/", notifications.notification_open, name="notification_open"),
]
