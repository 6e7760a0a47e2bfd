"""Workbooks to fill in for a bulk import."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from common.errors import NotFound
from imports.services import import_template

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def import_template_file(request: HttpRequest, kind: str) -> HttpResponse:
    try:
        content = import_template(kind)
    except NotFound as error:
        raise Http404(error.message) from None
    name = content_disposition_header(as_attachment=True, filename=f"{kind}.xlsx")
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": name or ""})
