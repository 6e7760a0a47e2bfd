"""The inbox, and how one wants mail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from common.actor import Actor
from notifications import queries, services
from notifications.filters import NotificationFilter
from notifications.models import Notification
from web.forms.notifications import PreferencesForm, ReadForm
from web.forms.refusals import posted
from web.lists import render_list


@login_required
@require_safe
def notification_list(request: HttpRequest) -> HttpResponse:
    """``unread`` counts what the filter leaves; ``newest`` is when the last of all came."""
    actor = Actor.of(request.user)
    filterset = NotificationFilter(request.GET, queries.inbox(actor), request=request)
    unread = filterset.qs.filter(read_at=None).count() if filterset.is_valid() else 0
    newest = queries.visible_to(actor).values_list("created_at", flat=True).first()
    return render_list(
        request,
        "notifications/list",
        filterset=filterset,
        context={"newest": newest, "unread": unread},
    )


@login_required
@require_POST
def notification_open(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Mark it read and go where it leads; only ever to a path of this site (THREATS A23)."""
    notice = _own(request, public_id)
    services.mark_read(notice=notice, actor=Actor.of(request.user))
    is_local = notice.path.startswith("/") and url_has_allowed_host_and_scheme(
        notice.path, allowed_hosts=None
    )
    return HttpResponseRedirect(notice.path if is_local else reverse("notification_list"))


@login_required
@require_POST
def notification_read(request: HttpRequest, public_id: UUID) -> HttpResponse:
    services.mark_read(notice=_own(request, public_id), actor=Actor.of(request.user))
    return HttpResponseRedirect(_back(request))


@login_required
@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Everything that the reader's page could show, of its category if it had one."""
    form = ReadForm(request.POST)
    if form.is_valid():
        count = services.mark_all_read(
            actor=Actor.of(request.user),
            until=form.cleaned_data["until"],
            category=form.chosen_category(),
        )
        messages.success(request, _("已将 %(count)s 条通知标为已读。") % {"count": count})
    else:
        messages.error(request, _("页面缺少时间信息，请重新打开通知页再试。"))
    return HttpResponseRedirect(_back(request))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request.user)
    assert isinstance(request.user, User)  # noqa: S101 (narrows the type)
    form = PreferencesForm(posted(request), person=request.user)
    if request.method == "POST" and form.is_valid():
        for organization, modes in form.chosen():
            services.choose_modes(actor=actor, modes=modes, organization=organization)
        messages.success(request, _("通知设置已保存。"))
        return HttpResponseRedirect(reverse("notification_preferences"))
    context = {
        "form": form,
        "digest_hour": settings.NOTIFICATION_DIGEST_HOUR,
        "mail_cap": settings.NOTIFICATION_MAIL_CAP,
    }
    return render(request, "notifications/preferences.html", context)


def _own(request: HttpRequest, public_id: UUID) -> Notification:
    return get_object_or_404(queries.visible_to(Actor.of(request.user)), public_id=public_id)


def _back(request: HttpRequest) -> str:
    """The inbox as the reader had it filtered."""
    kept: Any = request.GET.urlencode()
    address = reverse("notification_list")
    return f"{address}?{kept}" if kept else address
