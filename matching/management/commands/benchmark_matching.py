"""``manage.py benchmark_matching``: the matching engine at a province's size, on this machine.

Works in a database of its own, which it drops at the end; the site's is not touched.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from psycopg.conninfo import make_conninfo

from common.database_roles import as_owner
from common.errors import InvalidFiles
from matching.benchmark import peers
from matching.benchmark.bandwidth import copy_bandwidth
from matching.benchmark.data import Data, generate
from matching.benchmark.measure import Bench, Ranked
from matching.models import Side
from matching.pipeline import Domain, load_domain
from taxonomy.models import Concept

GROWTH = (0.25, 0.5, 1.0, 2.0)  # times the pairs
SAMPLE = 40
SCORE_BYTES = 4
PEERS = (
    peers.bm25s_text,
    peers.bm25s_features,
    peers.scipy_product,
    peers.tantivy_boosted,
)


class Command(BaseCommand):
    help = (
        "Rank generated records of a province's number: time, memory, growth, processes, and "
        "differences to the reference; with --peers beside other engines on the same tokens."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scenarios", type=_number, default=10_000)
        parser.add_argument("--capabilities", type=_number, default=100_000)
        parser.add_argument("--peers", action="store_true", help="measure other engines too")
        parser.add_argument(
            "--service",
            action="store_true",
            help="measure the service too: full run, single changes, detail pages (minutes)",
        )
        parser.add_argument("--changes", type=_number, default=200, help="with --service")
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object and nothing else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._quiet = options["json"]
        with _scratch_database():
            report = self._measure(options)
        if options["json"]:
            self.stdout.write(json.dumps(report))

    def _measure(self, options: dict[str, Any]) -> dict[str, Any]:
        scenarios, capabilities = options["scenarios"], options["capabilities"]
        domain = load_domain()
        data = _data(domain, scenarios, capabilities)
        bench = Bench(data)
        try:
            report = self._kernel(bench, scenarios * capabilities)
            report["growth"] = self._growth(domain, scenarios, capabilities, report["seconds"])
            if options["peers"]:
                report["ratios"] = self._peers(data, report["seconds"])
            if options["service"]:
                report["service"] = self._service(data, domain, options["changes"])
        finally:
            bench.close()
        return {"scenarios": scenarios, "capabilities": capabilities, **report}

    def _kernel(self, bench: Bench, pairs: int) -> dict[str, Any]:
        self._say(
            f"index laid out in {bench.build_seconds:.1f} s, {bench.size / 1e6:.0f} MB on disk"
        )
        one = bench.rank(1)
        self._say(
            f"{pairs:.3g} pairs, both directions, one process: {one.seconds:.2f} s, "
            f"{pairs / one.seconds:.3g} pairs/s, {one.memory / 1e6:.0f} MB"
        )
        two = bench.rank(2)
        self._say(f"two processes: {two.seconds:.2f} s, {one.seconds / two.seconds:.2f} times one")
        differences = bench.differences(one.lists, SAMPLE) + _unequal(one, two)
        self._say(
            f"differences to the reference ({SAMPLE} scenarios, {SAMPLE} capabilities, and one "
            f"process to two): {differences}"
        )
        bandwidth = copy_bandwidth()
        floor = pairs * SCORE_BYTES / bandwidth
        self._say(
            f"copy bandwidth {bandwidth / 1e9:.1f} GB/s: to write one score of {SCORE_BYTES} "
            f"bytes a pair would take {floor:.2f} s; the kernel takes {one.seconds / floor:.0f} "
            "times as long"
        )
        return {
            "seconds": round(one.seconds, 3),
            "pairs_per_second": round(pairs / one.seconds),
            "memory_mb": round(one.memory / 1e6),
            "build_seconds": round(bench.build_seconds, 3),
            "processes": {"1": round(one.seconds, 3), "2": round(two.seconds, 3)},
            "differences": differences,
            "copy_gb_per_second": round(bandwidth / 1e9, 2),
            "times_copying": round(one.seconds / floor, 1),
        }

    def _growth(
        self, domain: Domain, scenarios: int, capabilities: int, whole: float
    ) -> dict[str, float]:
        """Seconds of one process by multiples of the pairs, both sides growing alike."""
        growth = {}
        for times in GROWTH:
            side = times**0.5
            seconds = whole
            if times != 1.0:
                bench = Bench(_data(domain, round(scenarios * side), round(capabilities * side)))
                seconds = bench.rank(1).seconds
                bench.close()
            growth[str(times)] = round(seconds, 3)
            self._say(f"{times:g} times the pairs: {seconds:.2f} s")
        return growth

    def _peers(self, data: Data, own: float) -> dict[str, float]:
        case = peers.Case.of(data.scenarios, data.capabilities, data.tables)
        sample = peers.Sample.spread(case.scenarios)
        self._say("other engines, one thread, scenarios to capabilities only:")
        ratios = {}
        measures: list[Callable[[], peers.PeerResult]] = [
            *((lambda peer=peer: peer(case, sample)) for peer in PEERS),
            lambda: peers.postgres_ts_rank(case, sample, _dsn()),
        ]
        for measure in measures:
            try:
                result = measure()
            except peers.PeersMissing as error:
                raise CommandError(str(error)) from None
            ratios[result.name] = round(result.seconds / own, 2)
            self._say(
                f"  {result.name}: {result.seconds:.0f} s from {result.sampled} scenarios, "
                f"{result.seconds / own:.1f} times ours (index in {result.build_seconds:.0f} s)"
            )
        return ratios

    def _service(self, data: Data, domain: Domain, changes: int) -> dict[str, Any]:
        from matching.benchmark import service

        service.fill(data, domain)
        service.analyse()
        measured = service.measure(changes)
        pages = {side.value: service.pages(side, changes) for side in Side}
        report = {
            **vars(measured),
            "page_ms": {
                side: {"p50": round(each.p50 * 1e3, 1), "p95": round(each.p95 * 1e3, 1)}
                for side, each in pages.items()
            },
        }
        self._say(f"service: {report}")
        return report

    def _say(self, text: str) -> None:
        if not self._quiet:
            self.stdout.write(text)


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _data(domain: Domain, scenarios: int, capabilities: int) -> Data:
    found = Concept.objects.in_bulk(list(domain.concepts))
    names = [
        " ".join([concept.label, *concept.alternatives, concept.definition])
        for concept in (found[key] for key in domain.concepts)
    ]
    return generate(
        domain.tables, names, settings.SEEDS_DIR, scenarios=scenarios, capabilities=capabilities
    )


def _unequal(one: Ranked, other: Ranked) -> int:
    """Entries that differ between two rankings of the same records."""
    return int((one.lists.of_scenarios != other.lists.of_scenarios).sum()) + int(
        (one.lists.of_capabilities != other.lists.of_capabilities).sum()
    )


def _dsn() -> str:
    """Of the scratch database, as its owner: a peer makes a table for the moment."""
    with as_owner():
        known = connection.get_connection_params()
    return make_conninfo(
        **{
            each: known[each]
            for each in ("dbname", "user", "password", "host", "port")
            if each in known
        }
    )


@contextmanager
def _scratch_database() -> Iterator[None]:
    """Lets ``connection`` point to a database with policy facts and nothing else, for a while."""
    known = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"scenebridge_benchmark_{os.getpid()}"
    with as_owner():
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        try:
            call_command("load_policy_data", verbosity=0, stdout=StringIO())
        except InvalidFiles as error:
            raise CommandError(str(error)) from None
        yield
    finally:
        with as_owner():
            connection.creation.destroy_test_db(known, verbosity=0)
