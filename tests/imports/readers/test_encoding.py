"""Files that are not what they should be, or are it in another way."""

import pytest

from imports.readers import Row
from tests.imports.readers.samples import faults, rows, xlsx

NOT_UTF_8 = "编码，请在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重试"


def test_byte_order_mark_and_windows_newlines_are_accepted() -> None:
    content = b"\xef\xbb\xbf" + '名称,说明\r\n甲,"一\r\n二\t三"\r\n乙,四\r\n'.encode()

    assert rows("a.csv", content) == [
        Row(2, {"名称": "甲", "说明": "一\n二\t三"}),
        Row(4, {"名称": "乙", "说明": "四"}),
    ]


def test_old_mac_newlines_are_accepted() -> None:
    assert rows("a.csv", b"a,b\r1,2\r3,4\r") == [
        Row(2, {"a": "1", "b": "2"}),
        Row(3, {"a": "3", "b": "4"}),
    ]


def test_chinese_excel_encoding_is_named_with_its_line() -> None:
    content = b"name,city\nx,y\n" + "甲,广州\n".encode("gb18030")

    assert faults("a.csv", content) == [(3, "", f"第 3 行起不是 UTF-8 {NOT_UTF_8}")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"

    assert faults("a.csv", f"{mark}名称\n甲\n".encode(encoding)) == [
        (1, "", f"文件是 UTF-16 {NOT_UTF_8}")
    ]


def test_json_lines_in_another_encoding_are_named() -> None:
    content = b'{"a": 1}\n' + '{"a": "广州"}'.encode("gb18030")

    assert faults("a.jsonl", content) == [
        (2, "", "第 2 行起不是 UTF-8 编码，请另存为 UTF-8 后重试")
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.xlsx",
            "名称\n甲\n".encode(),
            "内容不是 Excel 工作簿；如果是 CSV，请把扩展名改为 .csv，否则请另存为 .xlsx",
        ),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
            "文件设有打开密码，或是旧版 .xls，请用 Excel 或 WPS 打开，取消密码后另存为 .xlsx",
        ),
        ("a.csv", xlsx(["a"], ["b"]), "内容是 Excel 工作簿，请把扩展名改为 .xlsx 后重试"),
        ("a.jsonl", xlsx(["a"], ["b"]), "内容是 Excel 工作簿，请把扩展名改为 .xlsx 后重试"),
        (
            "a.csv",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
            "内容是旧版 Excel 文件，请用 Excel 或 WPS 打开后另存为 .xlsx",
        ),
    ],
)
def test_renamed_files_are_recognised(name: str, content: bytes, message: str) -> None:
    assert faults(name, content) == [(1, "", message)]
