"""Pages on which audit administrators look up who did what."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.enums import Duty
from audit.chain import head
from authorities.auditing import Told, events_visible_to, told
from authorities.filters import AuditEventFilter
from common.actor import Actor
from imports.template import safe_text
from web.lists import render_list
from web.views.administration import for_duty

# 平台默认: what one file holds; a narrower search gives the rest.
MOST_EXPORTED = 10_000
audit_administrators_only = for_duty(Duty.AUDIT)


@require_safe
@audit_administrators_only
def audit_list(request: HttpRequest) -> HttpResponse:
    """Newest first; ``?format=csv`` gives what is found as a file."""
    rows = events_visible_to(Actor.of(request.user))
    filterset = AuditEventFilter(request.GET, rows, request=request)
    if request.GET.get("format") == "csv" and filterset.is_valid():
        return _file(told(filterset.qs[:MOST_EXPORTED]))
    kept = request.GET.copy()
    kept.pop("page", None)
    kept["format"] = "csv"
    seq, digest = head()
    context: dict[str, Any] = {
        "export_query": kept.urlencode(),
        "links": seq,
        "digest": digest,
        "most": MOST_EXPORTED,
    }
    return render_list(request, "audit/list", filterset=filterset, context=context, show=told)


@require_safe
@audit_administrators_only
def audit_event(request: HttpRequest, number: int) -> HttpResponse:
    event = get_object_or_404(events_visible_to(Actor.of(request.user)), pk=number)
    (each,) = told([event])
    details = json.dumps(event.details, ensure_ascii=False, indent=2, sort_keys=True)
    context = {
        "each": each,
        "event": event,
        "details": details,
        "hash": bytes(each.event.hash or b"").hex(),
    }
    return render(request, "audit/event.html", context)


def _file(rows: list[Told]) -> HttpResponse:
    """With a byte order mark, by which Excel knows the encoding."""
    text = io.StringIO()
    write = csv.writer(text).writerow
    write(
        _(each)
        for each in (
            *(
                "序号",
                "时间（北京）",
                "操作者",
                "操作",
                "对象类别",
                "对象编号",
                "对象",
                "涉及的组织",
            ),
            *("来源地址", "请求编号", "改动前摘要", "改动后摘要"),
        )
    )
    for row in rows:
        event = row.event
        values = (
            event.seq or "",
            f"{localtime(event.at):%Y-%m-%d %H:%M:%S}",
            event.actor_label,
            f"{row.label}（{event.verb}）",
            event.object_type,
            event.object_id,
            row.name,
            row.organization,
            event.address,
            event.request_id,
            event.before,
            event.after,
        )
        write(safe_text(str(value)) for value in values)
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer
