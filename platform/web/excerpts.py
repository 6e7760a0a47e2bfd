"""The newest few of a list that everybody may see, and the way to the whole of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django_filters import FilterSet

import capabilities.queries
import scenarios.queries
from capabilities.filters import CapabilityFilter
from common.actor import Actor
from scenarios.filters import ScenarioFilter

FEW = 5


@dataclass(frozen=True)
class Excerpt:
    """``count`` is of the whole list, as it stands at ``address`` for the same reader."""

    rows: QuerySet[Any]
    count: int
    address: str


def open_scenarios(request: HttpRequest, *, few: int = FEW, **chosen: str) -> Excerpt:
    """Scenarios that can still be answered; ``chosen`` are filters of their list."""
    seen = scenarios.queries.visible_to(Actor.of(request.user))
    found = ScenarioFilter({**chosen, "open": "true"}, seen, request=request)
    return _excerpt("scenario_list", found, scenarios.queries.in_brief, few)


def open_capabilities(request: HttpRequest, *, few: int = FEW, **chosen: str) -> Excerpt:
    """Capabilities that everybody sees; ``chosen`` are filters of their list."""
    seen = capabilities.queries.visible_to(Actor.of(request.user))
    found = CapabilityFilter({**chosen, "open": "true"}, seen, request=request)
    return _excerpt("capability_list", found, capabilities.queries.in_brief, few)


def _excerpt(
    name: str, found: FilterSet, in_brief: Callable[[QuerySet[Any]], QuerySet[Any]], few: int
) -> Excerpt:
    if not found.is_valid():  # else a filter that was not understood would not filter
        raise ValueError(found.errors.as_json())
    address = f"{reverse(name)}?{urlencode(found.data)}"
    return Excerpt(in_brief(found.qs)[:few], found.qs.count(), address)
