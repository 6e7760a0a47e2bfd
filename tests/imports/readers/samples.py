"""Files to be read, made by hand, and the faults found in them."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from common.errors import InvalidFiles
from imports.readers import Row, read_table

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BROKEN = "这个 Excel 文件已损坏或格式不规范，请用 Excel 或 WPS 打开，另存为新的 .xlsx 后重试"


def faults(name: str, content: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidFiles) as caught:
        read_table(name, content)
    assert {each.file for each in caught.value.problems} == {name}
    return [(each.line, each.field, each.message) for each in caught.value.problems]


def csv_faults(text: str) -> list[tuple[int, str, str]]:
    return faults("a.csv", text.encode())


def json_faults(text: str) -> list[tuple[int, str, str]]:
    return faults("a.jsonl", text.encode())


def rows(name: str, content: bytes) -> list[Row]:
    return read_table(name, content).rows


def xlsx(*lines: list[Any]) -> bytes:
    workbook = openpyxl.Workbook()
    for line in lines:
        workbook.worksheets[0].append(line)
    return saved(workbook)


def saved(workbook: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def repacked(content: bytes, changed: dict[str, bytes]) -> bytes:
    """The workbook with parts replaced or added."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        parts = {name: source.read(name) for name in source.namelist()} | changed
        for name, part in parts.items():
            target.writestr(name, part)
    return file.getvalue()


def part_of(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


def sheet_xml(data: str, before: str = "", behind: str = "") -> bytes:
    return (
        f'<worksheet xmlns="{NAMESPACE}">{before}<sheetData>{data}</sheetData>{behind}</worksheet>'
    ).encode()


def sheet_of(data: str, before: str = "", behind: str = "") -> bytes:
    """A workbook whose sheet says ``data`` word for word."""
    return repacked(xlsx(["名称"], ["甲"]), {SHEET: sheet_xml(data, before, behind)})


def text_row(line: int, **cells: str) -> str:
    inside = "".join(
        f'<c r="{letter}{line}" t="inlineStr"><is><t>{text}</t></is></c>'
        for letter, text in cells.items()
    )
    return f'<row r="{line}">{inside}</row>'
