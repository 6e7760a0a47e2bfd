"""Django's admin site as a window: records are looked at there, and changed by services alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def called(field: str, heading: str | _StrPromise) -> Any:
    """A column of a model that has no Chinese for it itself."""

    @admin.display(description=heading, ordering=field)
    def column(_admin: ReadOnlyAdmin, row: Any) -> Any:
        shown = getattr(row, f"get_{field}_display", None)
        return shown() if shown else getattr(row, field)

    return column


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The site asks who may look; nobody writes, so no change goes without permission and log."""

    list_per_page = 50
    show_full_result_count = False
    actions = None
    heading: str | _StrPromise = ""  # instead of a name that is no Chinese

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, self._headed(extra_context))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        headed = self._headed(extra_context)
        return super().change_view(request, object_id, form_url, headed)

    def _headed(self, context: Any) -> dict[str, Any]:
        return {**({"title": self.heading} if self.heading else {}), **(context or {})}

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Nothing is written here, so there is none; the audit log tells who did what."""
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)
