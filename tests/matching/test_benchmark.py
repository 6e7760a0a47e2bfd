"""``manage.py benchmark_matching`` as a person runs it, on few records."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from matching.benchmark.data import generate
from matching.engine.text import tokenize
from matching.pipeline import load_domain
from taxonomy.models import Concept


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "benchmark_matching", *arguments],
        cwd=settings.ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_benchmark_tells_everything_in_one_object() -> None:
    done = run("--scenarios", "60", "--capabilities", "300", "--json")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["differences"] == 0
    assert report["pairs_per_second"] == pytest.approx(18_000 / report["seconds"], rel=0.05)
    assert set(report["growth"]) == {"0.25", "0.5", "1.0", "2.0"}
    assert set(report["processes"]) == {"1", "2"}
    assert report["memory_mb"] > 0
    assert "ratios" not in report


@pytest.mark.slow
def test_number_below_one_is_refused() -> None:
    done = run("--scenarios", "0")

    assert done.returncode != 0
    assert "--scenarios" in done.stderr


@pytest.mark.django_db
def test_generated_records_are_the_same_for_the_same_seed_and_like_a_provinces() -> None:
    domain = load_domain()
    concepts = Concept.objects.in_bulk(list(domain.concepts))
    names = [concepts[key].label for key in domain.concepts]
    one, two = (
        generate(domain.tables, names, settings.SEEDS_DIR, scenarios=200, capabilities=400)
        for _ in range(2)
    )

    assert (one.scenarios, one.capabilities) == (two.scenarios, two.capabilities)
    terms = [tokenize([(each.title, each.body)]) for each in (*one.scenarios, *one.capabilities)]
    assert 230 < sum(len(each.codes) for each in terms) / len(terms) < 350
    shares = [len(each.concepts) for each in one.capabilities]
    assert {0, 1, 2, 3} == set(shares)
    assert any(each.city is None for each in one.capabilities)
    assert any(each.must_concepts for each in one.scenarios)
