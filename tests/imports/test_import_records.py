"""``manage.py import_records``: what a person at the terminal reads."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from capabilities.models import Capability
from common.errors import InvalidFiles
from imports.readers import read_file
from organizations.models import Organization
from outbox.models import Message
from scenarios.models import Scenario
from taxonomy.models import Concept
from tests.records import make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> Organization:
    return make_organization("广州港")


def run(*arguments: str | Path) -> str:
    output = StringIO()
    call_command("import_records", *map(str, arguments), stdout=output, verbosity=0)
    return output.getvalue()


def refused(*arguments: str | Path) -> str:
    """What the command says; nothing may have been written."""
    before = written()
    with pytest.raises(CommandError) as error:
        run(*arguments)
    assert written() == before
    return str(error.value)


def written() -> list[int]:
    models = (Scenario, Capability, AuditEvent, Message)
    return [model._default_manager.count() for model in models]


def test_file_is_only_checked_unless_told_to_apply(host: Organization, tmp_path: Path) -> None:
    file = tmp_path / "场景.csv"
    file.write_text("名称,城市\n甲,广州\n乙,\n", encoding="utf-8")
    arguments = ["scenarios", file, "--organization", host.identifier]

    for mode in ([], ["--dry-run"]):
        said = run(*arguments, *mode)
        assert "2 rows would be imported for 1 organization(s)" in said
        assert "城市: 1 rows not stated" in said
        assert "nothing was changed; run again with --apply to import" in said
        assert not Scenario.objects.exists()

    assert "2 rows imported for 1 organization(s)" in run(*arguments, "--apply")
    assert Scenario.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("空.csv", b"", "空.csv:1: 文件是空的"),
        ("表头.csv", "名称\n".encode(), "表头.csv:1: "),
        ("编码.csv", "名称\n广州港\n".encode("gb18030"), "编码.csv:1: "),
        ("坏.xlsx", b"PK\x03\x04 broken", "坏.xlsx"),
        ("旧.xls", b"\xd0\xcf\x11\xe0", "旧.xls"),
        ("行.jsonl", b'{"name": "a"}\n{"name": ', "行.jsonl:2: "),
        ("标签.csv", "名称,产业标签\n甲,没有的标签\n".encode(), "标签.csv:2: B 列“产业标签”: "),
        (
            "代码.csv",
            "名称,统一社会信用代码\n甲,91440000MA50000018\n".encode(),
            "代码.csv:2: B 列“统一社会信用代码”: ",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value[:9] else None,
)
def test_bad_file_is_refused_with_its_place(
    host: Organization, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    said = refused("scenarios", file, "--organization", host.identifier, "--apply")

    assert message in said


def test_wrong_encoding_says_the_way_out(host: Organization, tmp_path: Path) -> None:
    file = tmp_path / "编码.csv"
    file.write_bytes("名称\n广州港\n".encode("gb18030"))

    said = refused("scenarios", file, "--organization", host.identifier, "--apply")

    assert "UTF-8" in said


def test_huge_file_is_refused_unread(host: Organization, tmp_path: Path) -> None:
    file = tmp_path / "巨大.csv"
    with file.open("wb") as handle:
        handle.truncate(200 * 1024 * 1024)

    said = refused("scenarios", file, "--organization", host.identifier, "--apply")

    assert "巨大.csv:1: " in said
    assert "20 MB" in said


def test_missing_file_is_refused(host: Organization, tmp_path: Path) -> None:
    said = refused("scenarios", tmp_path / "没有.csv", "--organization", host.identifier)

    assert "找不到这个文件" in said


def test_duplicate_import_is_refused(host: Organization, tmp_path: Path) -> None:
    file = tmp_path / "能力.jsonl"
    file.write_text('{"名称": "甲"}\n', encoding="utf-8")
    run("capabilities", file, "--organization", host.identifier, "--apply")

    said = refused("capabilities", file, "--organization", host.identifier, "--apply")

    assert "没有重复导入" in said


def test_wrong_and_unknown_organization_are_told_apart(host: Organization, tmp_path: Path) -> None:
    file = tmp_path / "能力.jsonl"
    file.write_text('{"名称": "甲"}\n', encoding="utf-8")
    wrong = host.identifier[:-1] + ("0" if host.identifier[-1] != "0" else "1")

    assert "校验位不符" in refused("capabilities", file, "--organization", wrong)
    Organization.objects.filter(pk=host.pk).delete()
    assert "请先用 manage.py register_organization 登记" in refused(
        "capabilities", file, "--organization", host.identifier
    )


def test_template_is_written_and_still_empty(tmp_path: Path) -> None:
    file = tmp_path / "模板.xlsx"

    said = run("scenarios", file, "--template")

    assert said == f"template written: {file}\n"
    with pytest.raises(InvalidFiles) as empty:
        read_file(file)
    assert len(empty.value.problems) == 1


def test_template_never_replaces_a_file(tmp_path: Path) -> None:
    file = tmp_path / "填好的.xlsx"
    file.write_bytes(b"filled in")

    with pytest.raises(CommandError, match="已经存在，没有覆盖"):
        run("scenarios", file, "--template")
    with pytest.raises(CommandError, match=r"应以 \.xlsx 结尾"):
        run("scenarios", tmp_path / "模板.csv", "--template")

    assert file.read_bytes() == b"filled in"


def test_report_names_the_scheme_of_each_tag(host: Organization, tmp_path: Path) -> None:
    file = tmp_path / "场景.csv"
    file.write_text("名称,产业标签\n甲,低空经济\n乙,低空经济\n", encoding="utf-8")

    said = run("scenarios", file, "--organization", host.identifier)

    title = Concept.objects.select_related("scheme").get(code="gd-2024-low-altitude")
    assert f"  {title.scheme.short_title}/低空经济: 2 rows\n" in said
