"""What every page with a ranked list shows: the first matches or all, and how points are given."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.engine.profile import STANDARD
from matching.explanations import LABELS
from matching.queries import Matches, Past, Rankings, progress
from web.explained import Tables
from web.lists import page_context

FEW = 10
# 平台默认: a list comes within seconds; a page left open does not ask for ever.
WAIT_SECONDS = 120
STOP_POLLING = 286  # htmx's own

# In words what matching.engine.scoring counts.
MEANINGS: dict[str, Promise] = {
    "tag": _(
        "标签相同得满分；经体系对照、上下位或同一上位领域相连的，按接近程度计。"
        "场景有多个标签时，兼看对应了多少。"
    ),
    "host_focus": _(
        "能力所属产业是不是场景所在城市的聚焦领域，每次都给出条款。点名细分产业计 60%，"
        "点名领域计 40%，按片区合并表述的减半；省和市的文件相加，至多 100%。没有点名不等于排除。"
    ),
    "supplier_focus": _("能力所属产业是不是供给方所在城市的聚焦领域，算法同上。"),
    "text": _("名称和正文里的共同用词，少见的词分量重。"),
    "readiness": _("成熟度在要求范围内得满分；低于要求扣得多，高于要求扣得少。"),
    "scale": _("预算够得上最低报价得满分；不够的按比例计，不到一半不计分。"),
    "nearness": _("双方在同一城市或同一都市圈。"),
}


@dataclass(frozen=True)
class Weight:
    """The most that one part can count, and what it compares."""

    label: Promise
    maximum: int
    meaning: Promise


def unchanged(request: HttpRequest, matches: Matches[Any], *, is_open: bool) -> HttpResponse | None:
    """What a page that waits for its list is answered until there is one; None for all else.

    Nothing is swapped then: the reader keeps focus and selection, nothing is read out again.
    """
    if not request.htmx or not is_open or matches.ranked_at:  # type: ignore[attr-defined]
        return None
    since = request.GET.get("waiting_since", "")
    waited = time.time() - int(since) if since.isdecimal() and len(since) < 12 else 0
    status = STOP_POLLING if waited > WAIT_SECONDS else 204
    return HttpResponse(status=status, headers={"Cache-Control": "no-store"})


def match_context(request: HttpRequest, matches: Matches[Any]) -> dict[str, Any]:
    """The first FEW matches; all of them with ``?matches=all``."""
    every = request.GET.get("matches") == "all"
    return {
        "matches": matches[:] if every else matches[:FEW],
        "match_count": len(matches),
        "tables": Tables(),
        "has_more_matches": not every and len(matches) > FEW,
        "ranked_at": matches.ranked_at,
        "under_way": progress(),
        "waiting_since": int(time.time()),
        "profile": STANDARD,
        "weights": [
            Weight(LABELS[part], maximum, MEANINGS[part])
            for part, maximum in STANDARD.maxima().items()
            if maximum
        ],
    }


def ranked_by_context(
    request: HttpRequest, rankings: Rankings[Any], history: list[Past[Any]]
) -> dict[str, Any]:
    """Whose lists a record stands in, a page of them, and how its own list changed."""
    return {**page_context(request, rankings), "past": history, "under_way": progress()}
