"""Errors for programs as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

from typing import Any

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "请求有误",
    401: "需要登录",
    403: "没有权限",
    404: "找不到",
    405: "不支持的方法",
    406: "不支持的格式",
    409: "状态冲突",
    412: "内容已经改动",
    413: "请求过大",
    415: "不支持的内容类型",
    422: "无法处理",
    429: "请求过多",
    500: "服务器内部错误",
}


def problem(
    status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """The body of a problem: ``code`` is for programs, ``detail`` and ``errors`` for people."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, "请求失败"),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return body
