"""Error pages; programs below ``/api/`` get a problem instead."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from common.problem import CONTENT_TYPE, problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _answer(request, 400, "bad_request", "请求的内容无法识别。")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _answer(request, 403, "forbidden", "您没有进行这项操作的权限。")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _answer(request, 404, "not_found", "没有找到这个页面。")


def too_many_requests(request: HttpRequest) -> HttpResponseBase:
    return _answer(request, 429, "too_many_requests", "请求过于频繁，请稍后再试。")


def payload_too_large(request: HttpRequest, message: str) -> HttpResponseBase:
    return _answer(request, 413, "too_large", message)


def unavailable(request: HttpRequest) -> HttpResponseBase:
    message = "登录和密码服务暂时无法使用，请几分钟后再试。"
    return _answer(request, 503, "unavailable", message)


def second_factor_missing(request: HttpRequest) -> HttpResponseBase:
    message = "您担任管理员或专家，须先在网站上设置两步验证，并在本次登录中通过验证。"
    return _answer(request, 403, "second_factor_required", message)


def server_error(request: HttpRequest) -> HttpResponseBase:
    return _answer(request, 500, "error", "服务器出了点问题，已记录。请稍后再试。")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    return _answer(request, 403, "csrf", "页面已过期，请返回并刷新后重新提交。")


def _answer(request: HttpRequest, status: int, code: str, message: str) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        return JsonResponse(
            problem(status, code, message),
            status=status,
            content_type=CONTENT_TYPE,
            json_dumps_params={"ensure_ascii": False},
        )
    if status == 500:
        # Whatever broke may break again inside a template that asks the database.
        page = f"<!doctype html><meta charset=utf-8><title>{message}</title><h1>{message}</h1>"
        return HttpResponse(page, status=500)
    return render(
        request, "errors/error.html", {"status": status, "message": message}, status=status
    )
