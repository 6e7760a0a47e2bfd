"""Pages that take a file: no more is read than may be kept, and nothing lies about on the disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from files.services import Upload, too_large
from web.views.errors import payload_too_large

# What the other fields of such a form may take.
_ROOM_FOR_FIELDS = 2**20
View = Callable[..., HttpResponseBase]


class _InMemory(MemoryFileUploadHandler):
    """Whatever its size, which the view has judged: a full disk cannot cut it short (F13)."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


def takes_file(view: View) -> View:
    """The stated length is judged before the body is read, where the token against forgery is.

    A body without a stated length is not read at all.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if int(request.META.get("CONTENT_LENGTH") or 0) > (
            settings.FILES_MAX_BYTES + _ROOM_FOR_FIELDS
        ):
            return payload_too_large(request, too_large())
        request.upload_handlers = [_InMemory(request)]
        return protected(request, *args, **kwargs)

    return guarded


def upload_of(given: Any) -> Upload:
    """What a ``FileField`` cleaned."""
    return Upload(name=given.name or "", content=given.read())
