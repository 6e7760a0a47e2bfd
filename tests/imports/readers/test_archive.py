"""Workbooks that are locked or would take memory or time (THREATS A13)."""

import pytest

from tests.imports.readers.samples import (
    BROKEN,
    NAMESPACE,
    SHEET,
    faults,
    repacked,
    sheet_xml,
    xlsx,
)
from tests.timing import quick

BOMB = (
    "这个 Excel 文件解压后过大，请新建工作簿，只把要导入的数据（选择性粘贴为数值）复制过去；"
    "数据很多时，请拆成几个文件"
)


def test_encrypted_members_are_refused() -> None:
    content = bytearray(xlsx(["a"], ["b"]))
    content[content.index(b"PK\x01\x02") + 8] |= 1

    assert faults("a.xlsx", bytes(content)) == [
        (1, "", "文件设有密码，请用 Excel 或 WPS 打开，取消密码后另存为 .xlsx")
    ]


def test_high_ratio_is_refused() -> None:
    content = repacked(xlsx(["a"], ["b"]), {"xl/media/x.bin": bytes(51_000_000)})
    with quick(1):
        assert faults("a.xlsx", content) == [(1, "", BOMB)]


def test_large_sum_is_refused() -> None:
    content = bytearray(xlsx(["a"], ["b"]))
    # The size that the directory states for its first member.
    size = content.index(b"PK\x01\x02") + 24
    content[size : size + 4] = (300_000_001).to_bytes(4, "little")

    assert faults("a.xlsx", bytes(content)) == [(1, "", BOMB)]


def test_many_members_are_refused() -> None:
    extra = {f"xl/media/{number}.bin": b"" for number in range(1000)}

    assert faults("a.xlsx", repacked(xlsx(["a"], ["b"]), extra)) == [(1, "", BOMB)]


@pytest.mark.parametrize(
    "changed",
    [
        {SHEET: sheet_xml(f"<row>{'<c/>' * 300_001}</row>")},
        {SHEET: sheet_xml("<row/>" * 4_000_001)},
        {"xl/styles.xml": f"<styleSheet>{'<xf/>' * 300_001}</styleSheet>".encode()},
    ],
    ids=["row", "rows", "styles"],
)
def test_more_elements_than_memory_is_meant_for_are_refused(changed: dict[str, bytes]) -> None:
    assert faults("a.xlsx", repacked(xlsx(["a"], ["b"]), changed)) == [(1, "", BOMB)]


def test_huge_tag_is_refused() -> None:
    xml = f'<worksheet xmlns="{NAMESPACE}" x="{"y" * 2_000_000}"><sheetData/></worksheet>'

    assert faults("a.xlsx", repacked(xlsx(["a"], ["b"]), {SHEET: xml.encode()})) == [
        (1, "", BROKEN)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_entities_are_refused_in_every_part(part: str, encoding: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    xml = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><worksheet xmlns="{NAMESPACE}">&l8;</worksheet>'
    )

    with quick(1):
        assert faults("a.xlsx", repacked(xlsx(["a"], ["b"]), {part: xml.encode(encoding)})) == [
            (1, "", BROKEN)
        ]
