"""The admin site: for the province's system administrators, behind the sign-in of all else."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.enums import Duty
from accounts.jurisdiction import is_province_wide
from common.actor import Actor
from common.admin import ReadOnlyAdmin

# Of apps whose libraries have no Chinese for them.
APPS = {"account": _("电子邮箱"), "mfa": _("两步验证"), "usersessions": _("登录")}


class ReadOnlyAdminSite(AdminSite):
    """Shows what apps registered as ``ReadOnlyAdmin``, not what libraries register to write."""

    site_header = _("场景桥数据查看")
    site_title = _("场景桥")
    index_title = _("只读：修改请使用网站上的相应功能")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        if admin_class is not None and issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def unregister(self, model_or_iterable: Any) -> None:
        """Libraries swap their own admins, none of which is here."""

    def get_app_list(self, request: HttpRequest, app_label: Any = None) -> list[Any]:
        apps: list[Any] = super().get_app_list(request, app_label)
        for app in apps:
            app["name"] = APPS.get(app["app_label"], app["name"])
            for model in app["models"]:
                shown = cast("ReadOnlyAdmin", self._registry[model["model"]])
                model["name"] = shown.heading or model["name"]
        return apps

    def has_permission(self, request: HttpRequest) -> bool:
        """It knows no jurisdiction: nobody may look whose duty has bounds."""
        return is_province_wide(Actor.of(request.user), Duty.SYSTEM)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """As allauth's ``secure_admin_login``, asking for the duty instead of a flag: limits,
        second factor and log of the site's own sign-in hold here too."""
        if request.user.is_authenticated:
            if self.has_permission(request):
                return redirect("admin:index")
            raise PermissionDenied
        target = {"next": request.GET.get("next", request.path)}
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode(target)}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return redirect("account_logout")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponseBase:
        return redirect("account_change_password")
