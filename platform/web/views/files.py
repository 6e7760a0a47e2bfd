"""Downloads of uploads, for those who see the record that holds them."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.actor import Actor
from common.errors import NotFound
from files import queries, services


@require_safe
@login_required
@never_cache
def stored_file(request: HttpRequest, public_id: UUID) -> FileResponse:
    """As a download; ``?inline=1`` shows an image, and nothing else, inside a page.

    What it is was told by its bytes when it came; the answer runs nothing, whatever it holds
    (THREATS A12). That an administrator read it is on record, in pages that show it too.
    """
    actor = Actor.of(request.user)
    file = get_object_or_404(queries.visible_to(actor), public_id=public_id)
    inline = file.is_image and request.GET.get("inline") == "1"
    try:
        content = services.open_file(file=file, actor=actor)
    except NotFound:
        raise Http404 from None
    response = FileResponse(
        content, as_attachment=not inline, filename=file.name, content_type=file.media_type
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response
