"""Which files are read at all."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from common.errors import InvalidFiles
from imports.readers import MAX_BYTES, Row, Table, read_file
from tests.imports.readers.samples import faults, xlsx
from tests.timing import quick

EMPTY = "文件是空的，请填写后重新上传"
NO_ROWS = "文件只有列名，没有数据行，请从第 2 行起填写后重新上传"


def test_reading_needs_no_django() -> None:
    code = "import sys, imports.readers, imports.template; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_table_says_where_everything_stands(tmp_path: Path) -> None:
    content = "名称,城市\n甲,广州\n\n乙,\n".encode()
    path = tmp_path / "名单.CSV"
    path.write_bytes(content)

    table = read_file(path)

    assert table == Table(
        name="名单.CSV",
        headings=["名称", "城市"],
        rows=[Row(2, {"名称": "甲", "城市": "广州"}), Row(4, {"名称": "乙"})],
        letters={"名称": "A", "城市": "B"},
        digest=hashlib.sha256(content).hexdigest(),
    )


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidFiles) as caught:
        read_file(tmp_path / "none.csv")

    assert caught.value.message == "文件“none.csv”无法导入，没有保存任何内容。"
    assert [str(each) for each in caught.value.problems] == [
        "none.csv:1: 找不到这个文件，请检查路径和文件名"
    ]


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.csv"
    path.mkdir() if kind == "folder" else os.mkfifo(path)

    with pytest.raises(InvalidFiles) as caught:
        read_file(path)

    assert [each.message for each in caught.value.problems] == [
        "这不是一个文件，请给出 .xlsx、.csv 或 .jsonl 文件的路径"
    ]


@pytest.mark.parametrize("name", ["a\0b.csv", "长" * 300 + ".csv"])
def test_impossible_paths_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidFiles) as caught:
        read_file(tmp_path / name)

    assert [each.message for each in caught.value.problems] == [
        "文件无法打开，请检查路径、文件名和读取权限"
    ]


def test_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)

    with quick(1), pytest.raises(InvalidFiles) as caught:
        read_file(path)

    assert [each.message for each in caught.value.problems] == [
        "文件超过 20 MB，请拆成几个文件分别导入"
    ]


def test_large_upload_is_refused() -> None:
    content = b"a\n" * (MAX_BYTES // 2 + 1)

    assert faults("a.csv", content) == [(1, "", "文件超过 20 MB，请拆成几个文件分别导入")]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.xls", "不支持 .xls 文件，请用 Excel 或 WPS 打开后另存为 .xlsx"),
        ("a.ET", "不支持 .et 文件，请用 Excel 或 WPS 打开后另存为 .xlsx"),
        ("a.json", "不支持 .json 文件，请改为 .jsonl（JSON Lines：每行一个对象）"),
        ("a.txt", "不支持 .txt 文件，请使用 .xlsx、.csv 或 .jsonl"),
        ("a", "不支持没有扩展名的文件，请使用 .xlsx、.csv 或 .jsonl"),
    ],
)
def test_unknown_suffix_is_refused(name: str, message: str) -> None:
    assert faults(name, b"x") == [(1, "", message)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"\xef\xbb\xbf"),
        ("a.csv", b"\n \r\n\n"),
        ("a.csv", b",,,\n,,,\n"),
        ("a.jsonl", b""),
        ("a.jsonl", b"\xef\xbb\xbf\n"),
        ("a.jsonl", b"\n \r\n\n"),
        ("a.xlsx", b""),
        ("a.xlsx", xlsx()),
        ("a.xlsx", xlsx([" ", None])),
    ],
)
def test_empty_file_is_said(name: str, content: bytes) -> None:
    assert faults(name, content) == [(1, "", EMPTY)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "名称,城市\n".encode()),
        ("a.csv", "名称,城市\n,\n \n".encode()),
        ("a.xlsx", xlsx(["名称", "城市"])),
        ("a.xlsx", xlsx(["名称", "城市"], [None, " "])),
        ("a.jsonl", b'{"a": null}\n{}\n'),
    ],
)
def test_headings_without_rows_are_said(name: str, content: bytes) -> None:
    assert faults(name, content) == [(1, "", NO_ROWS)]
