"""Pages about first-purchase catalogues that everybody reads."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue import queries
from catalogue.enums import ItemState
from catalogue.export import edition_workbook
from catalogue.filters import EditionItemFilter
from catalogue.services import STEPS
from common.actor import Actor
from common.permissions import may
from lifecycle.services import available
from web.lists import render_list
from web.steps import step_context
from web.views.imports import XLSX


@require_safe
def catalogue_list(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request.user)
    seen = queries.visible_to(actor)
    catalogues = list(queries.catalogues())
    invented = [each for each in catalogues if each.is_demonstration]
    return render(
        request,
        "catalogue/list.html",
        {
            "catalogues": catalogues,
            "notices": queries.under_notice(queries.with_details(seen)),
            # Where none is real there is nobody to write to.
            "objected": invented[0] if catalogues and invented == catalogues else None,
            "may_curate": may("catalogue.enter", actor),
        },
    )


@require_safe
def catalogue_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The edition that counts now, searchable; what is under notice; all editions."""
    catalogue = get_object_or_404(queries.catalogues(), code=code)
    actor = Actor.of(request.user)
    seen = queries.visible_to(actor).filter(catalogue=catalogue)
    return render_list(
        request,
        "catalogue/detail",
        filterset=EditionItemFilter(
            request.GET, queries.edition_items(catalogue.latest_edition), request=request
        ),
        context={
            "catalogue": catalogue,
            "edition": catalogue.latest_edition,
            "may_curate": may("catalogue.manage", actor, catalogue),
            "notices": queries.under_notice(queries.with_details(seen)),
        },
    )


@require_safe
def catalogue_edition(request: HttpRequest, number: str) -> HttpResponse:
    """One edition as an official list, with what it changed."""
    edition = get_object_or_404(queries.editions(), number=number)
    entries = queries.entries(edition)
    before = queries.edition_before(edition)
    return render(
        request,
        "catalogue/edition.html",
        {
            "edition": edition,
            "catalogue": edition.catalogue,
            "entries": entries,
            "before": before,
            "changes": queries.changes_since(before, entries) if before else None,
            "newest": queries.editions().filter(catalogue=edition.catalogue).first(),
        },
    )


@require_safe
def catalogue_edition_file(request: HttpRequest, number: str) -> HttpResponse:
    edition = get_object_or_404(queries.editions(), number=number)
    day = date_format(localtime(edition.published_at), "DATE_FORMAT")
    clause = edition.catalogue.basis
    basis = (
        f"{clause.document.short_title} {clause.number}（{clause.document.get_status_display()}）"
    )
    lines = [
        _("期号：%(number)s") % {"number": edition.number},
        _("发布机构：%(issuer)s") % {"issuer": edition.catalogue.issuer_name},
        _("发布日期：%(day)s") % {"day": day},
        _("依据：%(basis)s") % {"basis": basis},
    ]
    if edition.catalogue.is_demonstration:
        lines.append(_("演示目录：由平台虚构，不是任何部门发布的目录，不能作为采购依据。"))
    content = edition_workbook(edition.title, lines, queries.entries(edition))
    name = content_disposition_header(as_attachment=True, filename=f"{edition.number}.xlsx")
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": name or ""})


@require_safe
def catalogue_item(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A product on its way; reasons of decisions are for its supplier and administrators."""
    actor = Actor.of(request.user)
    item = get_object_or_404(
        queries.with_details(queries.visible_to(actor)).select_related(
            "catalogue__issuer", "catalogue__basis__document"
        ),
        public_id=public_id,
    )
    process: dict[str, Any] = {"steps": [], "history": []}
    if queries.sees_reasons(item, actor):
        process = step_context(request, item, STEPS)
    return render(
        request,
        "catalogue/item.html",
        {
            **process,
            "item": item,
            "catalogue": item.catalogue,
            "is_under_notice": item.state == ItemState.UNDER_NOTICE,
            "may_begin_notice": any(each.name == "begin_notice" for each in available(item, actor)),
            "is_administrator": may("catalogue.manage", actor, item.catalogue),
            "editions": queries.editions_with(item),
        },
    )
