"""What the bytes of a file are, whatever its name says."""

from __future__ import annotations

import io

from imports.readers.table import EMPTY, Reading

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0"
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def decoded(reading: Reading, content: bytes, fix: str) -> io.StringIO:
    """UTF-8 text with plain newlines and no byte order mark; ``fix`` says how to get it."""
    if content.startswith(ZIP):
        reading.refuse("内容是 Excel 工作簿，请把扩展名改为 .xlsx 后重试")
    if content.startswith(OLE):
        reading.refuse("内容是旧版 Excel 文件，请用 Excel 或 WPS 打开后另存为 .xlsx")
    if content.startswith(_UTF_16):
        reading.refuse(f"文件是 UTF-16 编码，请{fix}")
    content = content.removeprefix(_BOM)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        reading.refuse(f"第 {line} 行起不是 UTF-8 编码，请{fix}", line)
    if not text.strip():
        reading.refuse(EMPTY)
    return io.StringIO(text, newline=None)
