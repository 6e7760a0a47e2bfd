"""Every address of the site, as the URL configuration tells it: nothing can be forgotten here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

PAGE_METHODS = ("GET", "POST")


@dataclass(frozen=True)
class Route:
    """``name`` as ``reverse`` takes it; ``methods``: those of the viewset, or a page's two."""

    name: str
    path: str
    methods: tuple[str, ...]


@cache
def all_routes() -> list[Route]:
    return sorted(_walk(get_resolver().url_patterns), key=lambda route: route.name)


def methods_of(name: str) -> tuple[str, ...]:
    return next(route.methods for route in all_routes() if route.name == name)


def _walk(
    patterns: list[URLPattern | URLResolver], path: str = "", namespace: str = ""
) -> Iterator[Route]:
    for each in patterns:
        here = path + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _walk(each.url_patterns, here, inner)
            continue
        actions = getattr(each.callback, "actions", None)
        # A viewset gets HEAD, which is its GET, with its first request.
        own = {method.upper() for method in actions or ()} - {"HEAD"}
        methods = tuple(sorted(own)) or PAGE_METHODS
        yield Route(f"{namespace}{each.name or here}", here, methods)
