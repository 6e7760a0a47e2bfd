"""The header ``Idempotency-Key``: an unsafe call that may be repeated without a second effect."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.actor import Actor, ActorKind
from tokens.idempotency import Answer, answer_once

HEADER = "Idempotency-Key"
KEPT_HEADERS = ("Cache-Control", "Content-Type", "ETag", "Location")
_KEY = re.compile("[!-~]{1,255}")

PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="由调用方为每个请求生成（如 UUID）。带同一个键重发同一请求，只执行一次，"
    "答复与第一次相同，并带 `Idempotency-Replayed: true`；内容不同则回答 422。保留 24 小时。"
    "含机密内容的答复（如完整联系方式）不保存，重发时回答 409，也不再次执行。",
)


class IdempotentView(APIView):
    # Wraps the handler of an unsafe call that carries a key: after authentication and limits, so
    # that the key belongs to whoever was let in. (A docstring would be shown to readers of the
    # API's description.)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get(HEADER)
        method = str(request.method).lower()
        handler = getattr(self, method, None)
        if key is None or request.method in SAFE_METHODS or handler is None:
            return
        actor = Actor.of(request.user)
        if actor.kind is ActorKind.VISITOR:
            return
        if not _KEY.fullmatch(key):
            raise ValidationError({HEADER: ["应为 1 至 255 个可见的 ASCII 字符，不含空格。"]})

        def once(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            body: Any = request.data or b""
            asked = [method, request.get_full_path(), request.headers.get("If-Match", "")]
            answer, is_repeated = answer_once(
                key=key,
                asked=[*asked, body],
                actor=actor,
                call=lambda: self._answer(handler, request, *args, **kwargs),
            )
            response = HttpResponse(answer.body, status=answer.status, headers=answer.headers)
            if is_repeated:
                response["Idempotency-Replayed"] = "true"
            return response

        setattr(self, method, once)

    def _answer(
        self, handler: Callable[..., HttpResponseBase], request: Request, *args: Any, **kwargs: Any
    ) -> Answer:
        """What the handler answers; a refusal is an answer too, and undoes what came before it."""
        response: HttpResponseBase
        try:
            with transaction.atomic():
                response = handler(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 (what is no refusal is raised again)
            response = self.handle_exception(error)
        if isinstance(response, Response):
            body = JSONRenderer().render(response.data)
            response["Content-Type"] = "application/json"
        else:
            body = response.content  # type: ignore[attr-defined]
        headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        # What no cache may keep, the database does not keep either.
        is_confidential = "no-store" in response.get("Cache-Control", "")
        return Answer(response.status_code, body.decode(), headers, is_confidential)
