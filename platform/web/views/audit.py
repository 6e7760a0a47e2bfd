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
from authorities.auditing import Mentioned, Told, events_visible_to, export_events, told
from authorities.filters import AuditEventFilter
from authorities.verbs import verb_names
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
    """Newest first; ``?format=csv`` gives what is found as a file, and is itself an event."""
    actor = Actor.of(request.user)
    rows = events_visible_to(actor)
    filterset = AuditEventFilter(request.GET, rows, request=request)
    if request.GET.get("format") == "csv" and filterset.is_valid():
        found = filterset.qs[:MOST_EXPORTED]
        return _file(export_events(events=found, asked=filterset.asked(), actor=actor))
    kept = request.GET.copy()
    kept.pop("page", None)
    kept["format"] = "csv"
    seq, digest = head()
    context: dict[str, Any] = {
        "export_query": kept.urlencode(),
        "links": seq,
        "digest": digest,
        "most": MOST_EXPORTED,
        "verbs": verb_names(),
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
            *("操作者账号", "操作者邮箱", "细节所指"),
        )
    )
    for row in rows:
        event, concerned = row.event, row.organization
        values = (
            event.seq or "",
            f"{localtime(event.at):%Y-%m-%d %H:%M:%S}",
            row.doer,
            f"{row.label}（{event.verb}）",
            event.object_type,
            event.object_id,
            _marked(row.name, row.is_invented),
            _marked(str(concerned), concerned.is_demonstration) if concerned else "",
            event.address,
            event.request_id,
            event.before,
            event.after,
            row.doer.account or "",
            row.doer.email,
            "；".join(f"{each.what}：{_named(each)}" for each in row.mentioned),
        )
        write(safe_text(str(value)) for value in values)
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _named(each: Mentioned) -> str:
    return _marked(each.name, each.is_invented) or _("已删除")


def _marked(name: str, is_invented: bool) -> str:
    return f"{name}（演示）" if name and is_invented else name
