"""``manage.py evaluate_ranking`` on a tiny collection of our own, and on real data if present."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from matching.management.commands.evaluate_ranking import Command

JUDGED_DATA: Path = settings.ROOT.parent / "shared" / "eval" / "tech_needs"
NEEDS = [
    ("N1", "工业水泵降噪改造", "车间里的水泵噪声大，希望换成低噪声的。"),
    ("N2", "光伏板干式清洗", ""),
    ("N3", "冷库温度远程监测", "疫苗冷库"),
]
ACHIEVEMENTS = [
    ("A1", "低噪声离心水泵"),
    ("A2", "光伏组件无水清洗机器人"),
    ("A3", "冷链温度监测终端"),
    ("A4", "小麦育种"),
    ("A5", "水稻育种"),
]
JUDGEMENTS = [
    ("N1", "A1", 4),
    ("N1", "A4", 1),
    ("N2", "A2", 3),
    ("N2", "A5", 1),
    ("N3", "A3", 2),
    ("N3", "A4", 1),
]
MEASURES = ["judged_ndcg10", "full_ndcg10", "mrr10", "recall50"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    needs = [{"need": key, "title": title, "body": body} for key, title, body in NEEDS]
    achievements = [{"achievement": key, "title": title} for key, title in ACHIEVEMENTS]
    for name, records in (("needs.jsonl", needs), ("achievements.jsonl", achievements)):
        text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records)
        (tmp_path / name).write_text(text, encoding="utf-8")
    rows = [("need", "achievement", "level"), *JUDGEMENTS]
    text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
    (tmp_path / "judgements.tsv").write_text(text, encoding="utf-8")
    return tmp_path


def measured(directory: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What ``--json`` prints: all of standard output must be this one object."""
    call_command(Command(), str(directory), "--json")
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_json_is_one_object_with_both_rankers(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = measured(directory, capsys)

    # Each need shares words with what fits it alone: both rankers find everything.
    best = dict.fromkeys(MEASURES, 1.0)
    assert found.pop("seconds") < 60
    assert found == {
        "shipped": best,
        "baseline": best,
        "unrounded": best,
        "difference": {each: {"mean": 0.0, "low": 0.0, "high": 0.0} for each in MEASURES},
        "intervals": {
            ranker: {each: {"low": 1.0, "high": 1.0} for each in MEASURES}
            for ranker in ("shipped", "baseline", "unrounded")
        },
        "needs": {"total": 3, "judged_ndcg10": 3, "full_ndcg10": 3, "mrr10": 2, "recall50": 2},
        "achievements": 5,
    }


def test_measure_that_no_need_defines_is_null(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (directory / "judgements.tsv").write_text("need\tachievement\tlevel\nN1\tA1\t2\n", "utf-8")

    found = measured(directory, capsys)

    assert found["shipped"] == dict(zip(MEASURES, [1.0, 1.0, None, None], strict=True))
    assert found["difference"]["mrr10"] == {"mean": None, "low": None, "high": None}


def test_table_shows_a_row_for_each_measure(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command(Command(), str(directory))

    rows = capsys.readouterr().out.splitlines()
    one = "1.000 [1.000, 1.000]"
    assert [re.split(" {2,}", row) for row in rows[:5]] == [
        ["", "needs", "shipped", "baseline", "difference", "unrounded"],
        ["judged nDCG@10", "3", one, one, "+0.000 [+0.000, +0.000]", "1.0000"],
        ["full nDCG@10", "3", one, one, "+0.000 [+0.000, +0.000]", "1.0000"],
        ["MRR@10", "2", one, one, "+0.000 [+0.000, +0.000]", "1.0000"],
        ["Recall@50", "2", one, one, "+0.000 [+0.000, +0.000]", "1.0000"],
    ]
    assert rows[6].startswith("3 needs, 5 achievements, ")


def test_table_leaves_out_what_no_need_defines(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (directory / "judgements.tsv").write_text("need\tachievement\tlevel\nN1\tA1\t2\n", "utf-8")

    call_command(Command(), str(directory))

    rows = capsys.readouterr().out.splitlines()
    assert re.split(" {2,}", rows[3]) == ["MRR@10", "0", "-", "-", "-", "-"]


def test_faulty_data_is_refused_with_its_places(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (directory / "needs.jsonl").unlink()
    (directory / "judgements.tsv").write_text("need\tachievement\tlevel\nN1\tA9\t5\n", "utf-8")

    with pytest.raises(CommandError) as caught:
        call_command(Command(), str(directory), "--json")

    assert str(caught.value).splitlines() == [
        f"{directory}：评测数据有误",
        "needs.jsonl:1: 没有这个文件",
        "judgements.tsv:2: achievement: 没有编号为 “A9” 的记录",
        "judgements.tsv:2: level: 应为 1 至 4，现为 “5”",
    ]
    assert capsys.readouterr().out == ""


def test_only_the_first_of_many_faults_are_listed(directory: Path) -> None:
    rows = "N1\tA1\t0\n" * 50
    (directory / "judgements.tsv").write_text(f"need\tachievement\tlevel\n{rows}", "utf-8")

    with pytest.raises(CommandError) as caught:
        call_command(Command(), str(directory))

    shown = str(caught.value).splitlines()
    assert len(shown) == 42
    assert shown[-1] == "……另有 10 处"


def test_directory_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"needs\.jsonl:1: 没有这个文件"):
        call_command(Command(), str(tmp_path / "absent"))


def test_file_that_cannot_be_read_is_named(directory: Path) -> None:
    (directory / "needs.jsonl").unlink()
    (directory / "needs.jsonl").mkdir()

    with pytest.raises(CommandError, match=r"needs\.jsonl: 无法读取"):
        call_command(Command(), str(directory))


@pytest.mark.skipif(
    not JUDGED_DATA.is_dir(),
    reason=f"the judged data is not part of the project and not at {JUDGED_DATA}",
)
def test_shipped_ranking_beats_words_on_judged_data(capsys: pytest.CaptureFixture[str]) -> None:
    found = measured(JUDGED_DATA, capsys)

    assert found["shipped"]["judged_ndcg10"] >= 0.69
    assert found["shipped"]["recall50"] >= 0.48
    assert found["difference"]["judged_ndcg10"]["low"] > 0
    assert found["difference"]["recall50"]["low"] > 0
    for measure in MEASURES:
        assert abs(found["shipped"][measure] - found["unrounded"][measure]) < 0.002
    assert found["seconds"] < 60
