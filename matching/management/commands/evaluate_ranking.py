"""``manage.py evaluate_ranking DIR``: the shipped text ranking on judged data, beside a baseline.

Reads the three files of ``matching.judgements``; needs neither database nor server.
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any, TypeAlias

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import InvalidFiles
from common.progress import bar
from matching.engine.baseline import Unrounded, WordBM25
from matching.engine.evaluation import (
    MEASURES,
    Collection,
    Interval,
    Scorer,
    Values,
    difference,
    evaluate,
    interval,
)
from matching.engine.profile import STANDARD
from matching.engine.text import TextIndex, TextModel
from matching.judgements import FILES, parse_collection

SHOWN = 40
LABELS = {
    "judged_ndcg10": "judged nDCG@10",
    "full_ndcg10": "full nDCG@10",
    "mrr10": "MRR@10",
    "recall50": "Recall@50",
}
# "shipped", "baseline", "difference", "unrounded" → measure → mean and spread.
Report: TypeAlias = dict[str, dict[str, Interval]]


class Command(BaseCommand):
    help = (
        "Measure the shipped text ranking on judged data (needs.jsonl, achievements.jsonl, "
        "judgements.tsv), beside BM25 over words; needs no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIR")
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object and nothing else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        collection = _read(options["directory"])
        shipped = evaluate(shipped_scorer(collection), collection, bar)
        baseline = evaluate(baseline_scorer(collection), collection, bar)
        unrounded = evaluate(unrounded_scorer(collection), collection, bar)
        report = {
            "shipped": _intervals(shipped),
            "baseline": _intervals(baseline),
            "difference": _intervals(difference(shipped, baseline)),
            "unrounded": _intervals(unrounded),
        }
        seconds = time.perf_counter() - started
        show = _json if options["json"] else _table
        self.stdout.write(show(report, collection, seconds))


def shipped_scorer(collection: Collection) -> Scorer:
    """The text part as batch runs store it: the same statistics, whole points and maximum.

    Needs stand for scenarios, achievements for capabilities; these state no body.
    """
    texts = [(each.title, "") for each in collection.achievements]
    index = TextIndex(TextModel.freeze(texts), texts)
    return lambda title, body: index.points((title, body), STANDARD.text)


def baseline_scorer(collection: Collection) -> Scorer:
    return WordBM25([each.title for each in collection.achievements]).scores


def unrounded_scorer(collection: Collection) -> Scorer:
    """The shipped formula in floats: how much ranking its whole numbers cost."""
    return Unrounded([each.title for each in collection.achievements]).scores


def _read(directory: Path) -> Collection:
    """Raises CommandError that names every fault (the first ``SHOWN`` of many)."""
    try:
        contents = {
            name: (directory / name).read_bytes() for name in FILES if (directory / name).exists()
        }
        return parse_collection(contents)
    except OSError as error:
        raise CommandError(f"{error.filename}: 无法读取：{error.strerror}") from None
    except InvalidFiles as error:
        lines = [f"{directory}：{error.message}", *map(str, error.problems[:SHOWN])]
        if len(error.problems) > SHOWN:
            lines.append(f"……另有 {len(error.problems) - SHOWN} 处")
        raise CommandError("\n".join(lines)) from None


def _intervals(values: Values) -> dict[str, Interval]:
    return {measure: interval(values[measure]) for measure in MEASURES}


def _json(report: Report, collection: Collection, seconds: float) -> str:
    """Means by ranker, their spread under ``intervals``; null where no need defines a measure."""
    rankers = ("shipped", "baseline", "unrounded")
    paired = report["difference"]
    return json.dumps(
        {
            **{
                ranker: {measure: _number(each.mean) for measure, each in report[ranker].items()}
                for ranker in rankers
            },
            "difference": {
                measure: {"mean": _number(each.mean), **_ends(each)}
                for measure, each in paired.items()
            },
            "intervals": {
                ranker: {measure: _ends(each) for measure, each in report[ranker].items()}
                for ranker in rankers
            },
            "needs": {
                "total": len(collection.needs),
                **{measure: each.needs for measure, each in paired.items()},
            },
            "achievements": len(collection.achievements),
            "seconds": round(seconds, 3),
        },
        allow_nan=False,
    )


def _ends(value: Interval) -> dict[str, float | None]:
    return {"low": _number(value.low), "high": _number(value.high)}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)


def _table(report: Report, collection: Collection, seconds: float) -> str:
    rows = [("", "needs", "shipped", "baseline", "difference", "unrounded")]
    for measure in MEASURES:
        shipped, baseline, paired, unrounded = (
            report[name][measure] for name in ("shipped", "baseline", "difference", "unrounded")
        )
        rows.append(
            (
                LABELS[measure],
                str(paired.needs),
                _cell(shipped, "{:.3f}"),
                _cell(baseline, "{:.3f}"),
                _cell(paired, "{:+.3f}"),
                f"{unrounded.mean:.4f}" if unrounded.needs else "-",
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    note = (
        f"{len(collection.needs)} needs, {len(collection.achievements)} achievements, "
        f"{seconds:.1f} s. In brackets: 95 % bootstrap interval over needs; the difference is "
        "paired. Baseline: BM25 over words. Unrounded: the shipped formula in floats."
    )
    return "\n".join([*lines, "", note])


def _cell(value: Interval, form: str) -> str:
    if not value.needs:
        return "-"
    mean, low, high = (form.format(each) for each in (value.mean, value.low, value.high))
    return f"{mean} [{low}, {high}]"
