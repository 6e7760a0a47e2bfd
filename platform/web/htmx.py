"""One address, two answers: the whole page, or the part that htmx asks for."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


def render_page_or_part(
    request: HttpRequest, page: str, part: str, context: dict[str, Any]
) -> HttpResponse:
    """Render ``page``, or ``part`` for htmx, whose address loses its empty parameters.

    The part must never be kept under the page's address: going back would show it naked.
    """
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    if not htmx or htmx.history_restore_request:
        response = render(request, page, context)
    else:
        response = render(request, part, context)
        response["Cache-Control"] = "no-store"
        given = [(name, value) for name, value in request.GET.items() if value]
        response["HX-Push-Url"] = f"{request.path}?{urlencode(given)}" if given else request.path
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response
