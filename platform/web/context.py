"""What every page knows: navigation and the operator's details."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

NAVIGATION = (
    ("scenario_list", "/scenarios/", _("场景")),
    ("capability_list", "/capabilities/", _("能力")),
    ("city_list", "/cities/", _("城市")),
    ("concept_list", "/concepts/", _("产业标签")),
    ("policy_list", "/policy/", _("政策")),
    ("api_docs", "/api/docs/", _("开放接口")),
)


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "navigation": [
            {"name": name, "label": label, "current": request.path.startswith(prefix)}
            for name, prefix, label in NAVIGATION
        ],
        "page_address": settings.BASE_URL + request.path,
        "operator": settings.SITE_OPERATOR,
        "contact": settings.SITE_CONTACT,
        "filing_numbers": settings.SITE_FILING_NUMBERS,
    }
