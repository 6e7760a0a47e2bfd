"""Faults in YAML files come with file, line and field."""

import datetime as dt
from enum import StrEnum
from typing import Self

import pytest
from pydantic import Field, model_validator

from common import seedfile
from common.errors import Problem
from common.seedfile import SeedModel


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Item(SeedModel):
    code: str = Field(min_length=1, max_length=3, pattern="^[a-z]+$")
    size: int = Field(ge=0, le=9)
    colour: Colour = Colour.RED
    since: dt.date | None = None
    note: str = ""

    @model_validator(mode="after")
    def _no_blue_giants(self) -> Self:
        if self.colour is Colour.BLUE and self.size > 5:
            raise ValueError("蓝色的不能大于 5")
        return self


class Items(SeedModel):
    items: list[Item] = Field(min_length=1)


def faults(content: bytes) -> list[Problem]:
    file, problems = seedfile.parse(content, Items, name="items.yaml")
    assert (file is None) == bool(problems)
    return problems


def test_good_file_is_read() -> None:
    content = b"items:\n  - code: a\n    size: 1\n"

    file, problems = seedfile.parse(content, Items, name="items.yaml")

    assert problems == []
    assert file is not None
    assert file.content.items[0].size == 1
    assert str(file.problem(("items", 0, "size"), "太小")) == "items.yaml:3: items[0].size: 太小"


@pytest.mark.parametrize(
    ("content", "line", "field"),
    [
        (b"items:\n  - code: a\n    size: big\n", 3, "items[0].size"),
        (b"items:\n  - code: a\n", 2, "items[0].size"),
        (b"items:\n  - code: a\n    size: 1\n    weight: 3\n", 4, "items[0].weight"),
        (b"items:\n  - code: a\n   size: 1\n", 3, ""),
        (b"items:\n  - code: a\n    size: 1\n    size: 2\n", 4, ""),
        (b"items:\n  - code: a\n    size: 1\n    since: 2025-09-31\n", 4, ""),
        (b"items:\n  - ? [a, b]\n    : 1\n", 2, ""),
        (b"items:\n  - code: a\n    size: " + b"9" * 6000 + b"\n", 3, ""),
        (b"items: " + b"[" * 3000 + b"]" * 3000 + b"\n", 1, ""),
        (b"", 1, ""),
        ("items:\n  - code: 广州\n".encode("gb18030"), 2, ""),
    ],
    ids=[
        "type",
        "missing",
        "unknown",
        "indent",
        "twice",
        "date",
        "key",
        "digits",
        "depth",
        "empty",
        "encoding",
    ],
)
def test_each_fault_names_its_place(content: bytes, line: int, field: str) -> None:
    problems = faults(content)

    assert [(each.file, each.line, each.field) for each in problems] == [
        ("items.yaml", line, field)
    ]


def test_every_fault_of_a_file_is_reported() -> None:
    problems = faults(b"items:\n  - size: x\n  - code: b\n    size: y\n")

    assert [each.field for each in problems] == ["items[0].code", "items[0].size", "items[1].size"]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("{size: 1}", "缺少这一项"),
        ("{code: a, size: 1, weight: 3}", "没有这个名称的项，请检查拼写"),
        ("{code: a, size: big}", "应为整数"),
        ("{code: a, size: 1.5}", "应为整数"),
        ("{code: a, size: -1}", "不能小于 0"),
        ("{code: a, size: 10}", "不能大于 9"),
        ('{code: "", size: 1}', "不能为空"),
        ("{code: abcd, size: 1}", "最多 3 个字"),
        ("{code: A, size: 1}", "格式不符，应匹配 ^[a-z]+$"),
        ("{code: 12, size: 1}", "应为文字（数字请加引号）"),
        ("{code: a, size: 1, colour: green}", "应为以下之一：'red' 或 'blue'"),
        ("{code: a, size: 1, since: tomorrow}", "应为日期，例如 2026-11-21"),
        ("{code: a, size: 6, colour: blue}", "蓝色的不能大于 5"),
        ("just text", "应为“名称: 值”的结构"),
        ('{code: a, size: 1, note: "a\\0b"}', "不得含有控制字符"),
    ],
)
def test_each_fault_is_said_in_words(item: str, message: str) -> None:
    problems = faults(f"items:\n  - {item}\n".encode())

    assert [each.message for each in problems] == [message]


@pytest.mark.parametrize(
    ("content", "message"), [("items: 3", "应为列表"), ("items: []", "至少要有 1 项")]
)
def test_list_that_is_none_or_empty_is_named(content: str, message: str) -> None:
    assert [each.message for each in faults(content.encode())] == [message]
