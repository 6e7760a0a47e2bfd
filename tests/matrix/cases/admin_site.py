"""Django's admin site: a window for system administrators, through which nobody writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType

from accounts.models import User
from tests.matrix.case import Case
from tests.matrix.world import World

PLAIN = ("index", "login", "logout", "password_change", "password_change_done", "jsi18n")


def cases() -> Iterator[Case]:
    for page in PLAIN:
        yield Case(f"admin:{page}")
    query = "?app_label=accounts&model_name=consent&field_name=user"
    yield Case("admin:autocomplete", query=query)
    yield Case("admin:app_list", place=lambda world, side: {"app_label": "outbox"}, is_public=True)
    yield Case("admin:view_on_site", place=_somebody, is_public=True)
    for model in admin.site._registry:
        kind = f"{model._meta.app_label}_{model._meta.model_name}"
        for page in ("changelist", "add"):
            yield Case(f"admin:{kind}_{page}")

        def row(world: World, side: str, model: Any = model) -> dict[str, Any]:
            return {
                "object_id": model._default_manager.order_by("pk").values_list("pk", flat=True)[0]
            }

        for page in ("change", "delete", "history"):
            yield Case(f"admin:{kind}_{page}", place=row, is_public=True)
        path = f"admin/{model._meta.app_label}/{model._meta.model_name}/<path:object_id>/"
        literal = "/" + path.replace("<path:object_id>", "{object_id}")
        yield Case(f"admin:{path}", place=row, literal=literal, is_public=True)


def _somebody(world: World, side: str) -> dict[str, Any]:
    kind = ContentType.objects.get_for_model(User)
    return {"content_type_id": kind.pk, "object_id": world.people["owner"].pk}
