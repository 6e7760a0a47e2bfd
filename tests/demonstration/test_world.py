"""What no single entry of the demonstration's files knows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from common.errors import InvalidFiles
from demonstration.world import read_world

Edit = Callable[[str, str], int]

ADMINISTRATOR = "- email: administrator@demo.example.org\n    name: 管理演示员\n"


def faults(folder: Path) -> list[str]:
    with pytest.raises(InvalidFiles) as refusal:
        read_world(folder)
    return [str(problem) for problem in refusal.value.problems]


def test_world_counts_what_its_files_hold(folder: Path) -> None:
    assert str(read_world(folder)) == (
        "4 organizations, 5 scenarios, 4 capabilities, 5 products, 3 applications"
    )


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("key: robots", "key: terminal", "organizations[1].key", "“terminal”重复"),
        (
            "administrator@demo.example.org",
            "publisher@demo.example.org",
            "people[1].email",
            "“publisher@demo.example.org”重复",
        ),
        (
            "authority: demonstration",
            "authority: nobody",
            "people[1].authority",
            "没有部门“nobody”",
        ),
        (
            f"{ADMINISTRATOR}    authority: demonstration\n",
            ADMINISTRATOR,
            "people[1]",
            "authority 和 duties 要一起给出",
        ),
        ("reference: S2", "reference: S1", "scenarios[1].reference", "“S1”重复"),
        ("reference: C4", "reference: C1", "capabilities[3].reference", "“C1”重复"),
        ("name: 倾角传感器", "name: 裂纹传感器", "products[3].facts.name", "“裂纹传感器”重复"),
        (
            "organization: newcomer, reference",
            "organization: nobody, reference",
            "scenarios[4].organization",
            "没有组织“nobody”",
        ),
        (
            "organization: robots\n    facts: {name: 巡检机器人",
            "organization: nobody\n    facts: {name: 巡检机器人",
            "products[0].organization",
            "没有组织“nobody”",
        ),
        (
            "organization: robots, reference: C3",
            "organization: nobody, reference: C3",
            "capabilities[2].organization",
            "没有组织“nobody”",
        ),
        (
            "organization: terminal, role",
            "organization: nobody, role",
            "people[0].organization",
            "没有组织“nobody”",
        ),
        (
            "co_publishers: [robots]",
            "co_publishers: [nobody]",
            "scenarios[1].co_publishers[0]",
            "没有组织“nobody”",
        ),
        (
            "products: [巡检机器人]",
            "products: [裂纹传感器]",
            "capabilities[0].products[0]",
            "这个组织没有产品“裂纹传感器”",
        ),
        (
            "product: 水位传感器",
            "product: 温度传感器",
            "catalogues[0].items[4].product",
            "没有产品“温度传感器”",
        ),
        (
            "scenario: S2",
            "scenario: S4",
            "applications[2].scenario",
            "没有发布过场景“S4”，不能申请",
        ),
        (
            "capability: C1",
            "capability: C3",
            "applications[0].capability",
            "没有发布能力“C3”，不能用于申请",
        ),
    ],
)
def test_entry_that_names_no_other_is_told_with_its_line(
    folder: Path, edit: Edit, old: str, new: str, place: str, message: str
) -> None:
    line = edit(old, new)

    assert f"demo/world.yaml:{line}: {place}: {message}" in faults(folder)


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("name: 充电调度", "nam: 充电调度", "capabilities[2].facts.name", "缺少这一项"),
        ("reason: 请写明场地。, ", "", "scenarios[2]", "时要有 reason"),
        ("reason: 先看整机方案。, ", "", "applications[1]", "时要有 reason"),
        ("reason: 非创新产品。, ", "", "catalogues[0].items[3]", "时要有 reason"),
        (", role: owner", "", "people[0]", "organization 和 role 要一起给出"),
        ("duties: [system]", "duties: [system, content]", "people[2]", "由同一人承担"),
        ("91440100DEM09001X7", "91440100DEM09001X8", "organizations[0].facts.identifier", "校验位"),
    ],
)
def test_entry_against_its_format_is_told_with_its_line(
    folder: Path, edit: Edit, old: str, new: str, place: str, message: str
) -> None:
    edit(old, new)

    assert any(f": {place}: " in fault and message in fault for fault in faults(folder))


def test_listed_product_needs_its_notice(folder: Path, edit: Edit) -> None:
    edit("        notice: {began_days_ago: 20, days: 10}\n", "")

    assert any("state 为 listed 时要有 notice" in fault for fault in faults(folder))


def test_every_fault_of_every_file_is_told_at_once(folder: Path, edit: Edit) -> None:
    edit("key: robots", "key: Robots!")
    edit("readiness: 7", "readiness: 12")
    (folder / "more.yaml").write_text("scenarios: [1]\n", encoding="utf-8")

    assert {fault.split(":")[0] for fault in faults(folder)} == {
        "demo/world.yaml",
        "demo/more.yaml",
    }
    # Names are not looked up as long as a file cannot be read: all of its own would be missing.
    assert len(faults(folder)) == 3
