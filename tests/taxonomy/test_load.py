"""load_policy_data: valid or nothing, idempotent, retiring instead of deleting."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from common.actor import Actor
from common.errors import Forbidden, InvalidFiles
from outbox.models import Message
from policy.models import PolicyEdition, PolicyTarget
from taxonomy.models import CityFocus, Concept
from taxonomy.services import LoadResult, load_policy_data
from tests.records import make_administrator

FOCUS = "cities/focus.yaml"
TWICE_CITED = """
  - {code: twice, name: 甲, city: '440100', kind: park,
     sources: [{clause: gz-2025-3}, {clause: gz-2025-3}]}
"""
THREE_LEVELS = """
  - code: a
    label: 甲
    level: field
    clause: gz-2025-3
    narrower:
      - code: b
        label: 乙
        level: sub_industry
        clause: gz-2025-3
        narrower:
          - {code: c, label: 丙, level: sub_industry, clause: gz-2025-3}
"""


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return Path(shutil.copytree(settings.SEEDS_DIR, tmp_path / "seeds"))


def edit(seeds: Path, name: str, old: str, new: str) -> int:
    """Replace the first occurrence; returns its line."""
    text = (seeds / name).read_text(encoding="utf-8")
    assert old in text
    (seeds / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def load(seeds: Path, *, dry_run: bool = False) -> LoadResult:
    return load_policy_data(directory=seeds, actor=Actor.system("tests"), dry_run=dry_run)


def told(result: LoadResult) -> list[str]:
    return [str(change) for change in result.changes]


@pytest.mark.django_db
def test_loading_the_same_seeds_again_changes_nothing(seeds: Path) -> None:
    before = (PolicyEdition.objects.count(), AuditEvent.objects.count(), Message.objects.count())

    assert load(seeds).changes == []
    assert before == (
        PolicyEdition.objects.count(),
        AuditEvent.objects.count(),
        Message.objects.count(),
    )


@pytest.mark.django_db
def test_comment_alone_makes_no_new_edition(seeds: Path) -> None:
    with (seeds / FOCUS).open("a", encoding="utf-8") as file:
        file.write("# a remark\n")

    result = load(seeds)

    assert (result.changes, result.edition.number) == ([], 1)
    assert PolicyEdition.objects.get().digest == result.edition.digest


@pytest.mark.django_db
def test_changed_fact_makes_one_edition_one_event_and_one_message(seeds: Path) -> None:
    edit(seeds, "taxonomy/gd-2024.yaml", "label: 未来网络", "label: 下一代网络")
    events, messages = AuditEvent.objects.count(), Message.objects.count()

    result = load(seeds)

    assert told(result) == ["changed concept gd-2024-future-network (label, sort_key)"]
    assert PolicyEdition.objects.first() == result.edition
    assert (result.edition.number, len(result.edition.changes)) == (2, 1)
    assert (AuditEvent.objects.count(), Message.objects.count()) == (events + 1, messages + 1)
    assert Concept.objects.get(code="gd-2024-future-network").label == "下一代网络"


@pytest.mark.django_db
def test_dry_run_shows_the_change_and_keeps_everything(seeds: Path) -> None:
    edit(seeds, "taxonomy/gd-2024.yaml", "label: 未来网络", "label: 下一代网络")

    result = load(seeds, dry_run=True)

    assert (len(result.changes), result.applied) == (1, False)
    assert Concept.objects.get(code="gd-2024-future-network").label == "未来网络"
    assert PolicyEdition.objects.count() == 1


@pytest.mark.django_db
def test_what_is_gone_is_retired_kept_and_can_come_back(seeds: Path) -> None:
    code = "gz-2025-rising-enterprises-2029"
    text = (seeds / "policy/gz-2025.yaml").read_text(encoding="utf-8")
    start = text.index(f"  - code: {code}")
    following = text.find("\n  - code:", start + 1)
    end = following + 1 if following > 0 else len(text)
    (seeds / "policy/gz-2025.yaml").write_text(text[:start] + text[end:], encoding="utf-8")

    assert told(load(seeds)) == [f"retired policytarget {code}"]
    retired = PolicyTarget.objects.get(code=code)
    assert retired.retired_in is not None
    assert retired.retired_in.number == 2

    (seeds / "policy/gz-2025.yaml").write_text(text, encoding="utf-8")
    assert told(load(seeds)) == [f"restored policytarget {code}"]
    retired.refresh_from_db()
    assert retired.retired_in is None


@pytest.mark.django_db
def test_new_track_of_guangzhou_is_a_change_of_data_alone(seeds: Path) -> None:
    with (seeds / "taxonomy/gz-2025.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "  - code: gz-2025-new-track\n    label: 新赛道\n    level: field\n"
            "    clause: gz-2025-3\n    status: watch\n"
        )

    assert told(load(seeds)) == ["added concept gz-2025-new-track"]
    assert Concept.objects.get(code="gz-2025-new-track").get_status_display() == "监测中"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "old", "new", "field", "message"),
    [
        (FOCUS, 'cities: ["440100"]', 'cities: ["440199"]', "focus[0].cities[0]", "不存在"),
        (
            FOCUS,
            "concept: gd-2024-future-network",
            "concept: gd-2024-unknown",
            "focus[0].fields[0].concept",
            "不存在",
        ),
        ("cities/cities.yaml", "region: north", "region: nowhere", "region", "应为以下之一"),
        ("taxonomy/crosswalk.yaml", "kind: exact", "kind: same", "kind", "应为以下之一"),
        ("policy/sz-2023.yaml", "cap_fen: ", "cap_fen: -", "cap_fen", "不能小于 1"),
        ("policy/sz-2023.yaml", "clause: sz-2023-", "clause: xx-2023-", "clause", "不存在"),
    ],
    ids=["city", "concept", "region", "kind", "cap", "clause"],
)
def test_broken_seed_names_file_line_and_field_and_changes_nothing(
    seeds: Path, name: str, old: str, new: str, field: str, message: str
) -> None:
    line = edit(seeds, name, old, new)

    with pytest.raises(InvalidFiles) as refusal:
        load(seeds)

    [problem] = refusal.value.problems
    assert (problem.file, problem.line) == (name, line)
    assert problem.field.endswith(field)
    assert message in problem.message
    assert PolicyEdition.objects.count() == 1


@pytest.mark.django_db
def test_mapping_stated_both_ways_is_refused(seeds: Path) -> None:
    with (seeds / "taxonomy/crosswalk.yaml").open(encoding="utf-8") as file:
        text = file.read()
    first = text.index("source: ")
    source, target = (
        text[text.index(key, first) :].split("\n", 1)[0].split(": ")[1]
        for key in ("source: ", "target: ")
    )
    addition = f"  - source: {target}\n    target: {source}\n    kind: related\n    reason: 反向\n"
    (seeds / "taxonomy/crosswalk.yaml").write_text(
        text.replace("\nunmapped:", f"\n{addition}\nunmapped:", 1), encoding="utf-8"
    )

    with pytest.raises(InvalidFiles) as refusal:
        load(seeds)
    assert [problem.message for problem in refusal.value.problems] == ["这对标签已有映射"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "addition", "message"),
    [
        (
            "cities/carriers.yaml",
            TWICE_CITED,
            "重复",
        ),
        (
            "taxonomy/crosswalk.yaml",
            "  - {concept: sz-2022-blockchain, scheme: gd-2024, reason: 再说一次}\n",
            "重复",
        ),
        (
            "taxonomy/gz-2025.yaml",
            THREE_LEVELS,
            "两层",
        ),
    ],
    ids=["source", "unmapped", "depth"],
)
def test_what_the_database_could_not_take_is_found_before(
    seeds: Path, name: str, addition: str, message: str
) -> None:
    with (seeds / name).open("a", encoding="utf-8") as file:
        file.write(addition)

    with pytest.raises(InvalidFiles) as refusal:
        load(seeds)
    assert [message in problem.message for problem in refusal.value.problems] == [True]


@pytest.mark.django_db
def test_longest_label_has_a_sort_key(seeds: Path) -> None:
    edit(seeds, "taxonomy/gd-2024.yaml", "label: 未来网络", f"label: {'装' * 60}")

    assert load(seeds).edition.number == 2


@pytest.mark.django_db
def test_missing_file_is_named(seeds: Path) -> None:
    (seeds / FOCUS).unlink()

    with pytest.raises(InvalidFiles) as refusal:
        load(seeds)
    assert [str(problem) for problem in refusal.value.problems] == [f"{FOCUS}:1: 找不到这个文件"]


@pytest.mark.django_db
def test_only_the_system_may_load(seeds: Path) -> None:
    with pytest.raises(Forbidden):
        load_policy_data(directory=seeds, actor=make_administrator())


def test_check_needs_no_database_and_reports_every_fault(seeds: Path, capsys) -> None:
    call_command("load_policy_data", check=True, directory=seeds)
    assert "seeds are valid" in capsys.readouterr().out

    line = edit(seeds, "cities/cities.yaml", "region: north", "region: nowhere")
    with pytest.raises(CommandError, match=f"cities/cities.yaml:{line}: "):
        call_command("load_policy_data", check=True, directory=seeds)


@pytest.mark.django_db
def test_command_shows_what_changes(seeds: Path, capsys) -> None:
    edit(seeds, "taxonomy/gd-2024.yaml", "label: 未来网络", "label: 下一代网络")

    call_command("load_policy_data", directory=seeds, dry_run=True)
    shown = capsys.readouterr().out
    assert "changed concept gd-2024-future-network" in shown
    assert "would become edition 2: 1 changes" in shown

    call_command("load_policy_data", directory=seeds)
    assert "loaded edition 2: 1 changes" in capsys.readouterr().out
    call_command("load_policy_data", directory=seeds)
    assert "unchanged (edition 2)" in capsys.readouterr().out
    assert CityFocus.objects.filter(retired_in=None).exists()
