"""What every page knows: navigation and the operator's details."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_administrator
from common.actor import Actor
from notifications.queries import MOST_COUNTED, unread_count
from organizations.queries import holds_demonstration

NAVIGATION = (
    ("scenario_list", "/scenarios/", _("场景")),
    ("capability_list", "/capabilities/", _("能力")),
    ("catalogue_list", "/catalogue/", _("首购目录")),
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
        "sign_in_address": _sign_in_address(request),
        # Asked by the header alone: a part of a page costs no look at the session.
        "may_administer": lambda: is_administrator(Actor.of(request.user)),
        "unread_notices": lambda: _unread(request),
        "demonstration": holds_demonstration,
        "page_address": settings.BASE_URL + request.path,
        "operator": settings.SITE_OPERATOR,
        "contact": settings.SITE_CONTACT,
        "filing_numbers": settings.SITE_FILING_NUMBERS,
    }


def _unread(request: HttpRequest) -> str:
    """How many notices wait to be read, empty for none; asked by the header alone, as above."""
    count = unread_count(Actor.of(request.user))
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")


def _sign_in_address(request: HttpRequest) -> str:
    """The sign-in page, which leads back to where the reader is now."""
    address = reverse("account_login")
    here = request.get_full_path()
    if request.method != "GET" or here == "/" or here.startswith("/accounts/"):
        return address
    return f"{address}?next={quote(here)}"
