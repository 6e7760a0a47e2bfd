"""How long a detail page with all its explained matches takes, from request to finished page."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client

from capabilities.models import Capability
from matching.engine.ranking import TOP
from scenarios.models import Scenario

WARMING = 5  # a process reads policy facts and templates once


@dataclass(frozen=True)
class Timing:
    """Seconds that half and 95 % of ``count`` requests stayed below."""

    count: int
    p50: float
    p95: float

    @classmethod
    def of(cls, taken: Sequence[float]) -> Timing:
        parts = statistics.quantiles(taken, n=100, method="inclusive")
        return cls(len(taken), parts[49], parts[94])


def measure_pages(
    records: Sequence[Scenario | Capability], requests: int, *, matches: int = TOP
) -> Timing:
    """Ask for the pages of ``records`` in turn, each with all of its ``matches``.

    Everything but the network and the web server: middleware, queries, reasons, templates. As a
    visitor. Nothing is remembered of a record from one request to the next, so that few records
    tell as much as many. Raises ValueError for a page that does not show so many matches.
    """
    with _without_request_log():
        return _measured(records, requests, matches)


@contextmanager
def _without_request_log() -> Iterator[None]:
    """Two lines a request, which would bury the figures."""
    logger = logging.getLogger("django_structlog")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _measured(records: Sequence[Scenario | Capability], requests: int, matches: int) -> Timing:
    client = Client(SERVER_NAME=urlsplit(settings.BASE_URL).hostname or "localhost")
    addresses = [f"{record.get_absolute_url()}?matches=all" for record in records]
    for address in islice(cycle(addresses), WARMING):
        _seconds(client, address, matches)
    return Timing.of(
        [_seconds(client, each, matches) for each in islice(cycle(addresses), requests)]
    )


def _seconds(client: Client, address: str, matches: int) -> float:
    began = time.perf_counter()
    response = client.get(address, secure=settings.BASE_URL.startswith("https:"))
    taken = time.perf_counter() - began
    shown = response.content.count(b'<li class="match">')
    if response.status_code != 200 or shown != matches:
        raise ValueError(f"{address}: status {response.status_code}, {shown} matches")
    return taken
