"""Every error of the API as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from rest_framework import exceptions
from rest_framework.views import exception_handler, set_rollback

from common.errors import DomainError, InvalidInput
from common.problem import CONTENT_TYPE, problem


def problem_response(exc: Exception, context: dict[str, Any]) -> HttpResponseBase | None:
    """DRF's exception handler; None (a fault of ours) lets Django log it and answer 500.

    A plain response, not DRF's: a view that renders YAML or HTML still answers errors as JSON.
    """
    if isinstance(exc, DomainError):
        set_rollback()
        fields = exc.fields if isinstance(exc, InvalidInput) else {}
        errors = [{"field": name, "message": m} for name, all_ in fields.items() for m in all_]
        return _answer(problem(exc.status, exc.code, exc.message, errors))
    if isinstance(exc, Http404):
        exc = exceptions.NotFound("没有这个对象。")
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    response = exception_handler(exc, context)
    if response is None or not isinstance(exc, exceptions.APIException):
        return None
    errors = _flatten(exc.detail) if isinstance(exc, exceptions.ValidationError) else []
    detail = "提交的内容有误，详见 errors。" if errors else str(exc.detail)
    code = "invalid" if errors else str(getattr(exc.detail, "code", exc.default_code))
    body = problem(response.status_code, code, detail, errors)
    kept = {"allow", "retry-after", "www-authenticate"}
    return _answer(body, {k: v for k, v in response.items() if k.lower() in kept})


def not_found(request: HttpRequest) -> HttpResponseBase:
    """An address below ``/api/`` that names nothing."""
    body = problem(404, "not_found", "没有这个地址（地址以斜杠结尾），接口说明见 /api/docs/ 。")
    return _answer(body)


def _answer(body: dict[str, Any], headers: dict[str, str] | None = None) -> HttpResponseBase:
    return JsonResponse(
        body,
        status=body["status"],
        headers=headers,
        content_type=CONTENT_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )


def _flatten(detail: Any, field: str = "") -> list[dict[str, str]]:
    if isinstance(detail, dict):
        return [
            each
            for name, value in detail.items()
            for each in _flatten(value, f"{field}.{name}" if field else str(name))
        ]
    if isinstance(detail, list):
        return [each for value in detail for each in _flatten(value, field)]
    return [{"field": field, "message": str(detail)}]
