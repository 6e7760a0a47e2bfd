"""The safety of a workbook before anything of it is kept (THREATS A13)."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from typing import IO
from xml.parsers import expat

from openpyxl.utils.exceptions import InvalidFileException

from imports.readers.table import Reading

# What an .xlsx may unpack to.
MAX_MEMBERS = 1000
MAX_UNPACKED = 300_000_000
MAX_RATIO = 200
UNPACKED_WHATEVER_THE_RATIO = 50_000_000
# XML elements: in the whole workbook, and in one row or text, which openpyxl holds as a tree.
MAX_ELEMENTS = 4_000_000
MAX_ELEMENTS_HELD = 300_000
# Bytes of one tag or comment; expat 2.5 takes quadratic time over larger ones (CVE-2023-52425).
MAX_TOKEN = 1_000_000

BROKEN = "这个 Excel 文件已损坏或格式不规范，请用 Excel 或 WPS 打开，另存为新的 .xlsx 后重试"
# What zipfile, ElementTree and openpyxl raise over broken workbooks, found by damaging good ones.
# Narrower than Exception: a task's time limit must not pass for a broken file.
BREAKS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    InvalidFileException,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
_TOO_BIG_INSIDE = (
    "这个 Excel 文件解压后过大，请新建工作簿，只把要导入的数据（选择性粘贴为数值）复制过去；"
    "数据很多时，请拆成几个文件"
)


def check_archive(reading: Reading, content: bytes) -> None:
    """Refuse what is broken or would take memory or time out of all proportion."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_sizes(reading, archive.infolist(), len(content))
            guard = _XmlGuard(reading)
            for member in archive.infolist():
                with archive.open(member) as part:
                    guard.check(part)
    except BREAKS:
        reading.refuse(BROKEN)


def _check_sizes(reading: Reading, members: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(member.file_size for member in members)
    if (
        len(members) > MAX_MEMBERS
        or unpacked > MAX_UNPACKED
        or (unpacked > UNPACKED_WHATEVER_THE_RATIO and unpacked > MAX_RATIO * packed)
    ):
        reading.refuse(_TOO_BIG_INSIDE)
    if any(member.flag_bits & 1 for member in members):
        reading.refuse("文件设有密码，请用 Excel 或 WPS 打开，取消密码后另存为 .xlsx")


class _XmlGuard:
    """Reads the parts of a workbook ahead of openpyxl, keeping nothing, and refuses bombs."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._elements = 0
        self._held = 0

    def check(self, part: IO[bytes]) -> None:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartElementHandler = self._element
        parser.StartDoctypeDeclHandler = self._doctype
        self._held = 0
        read = 0
        try:
            while chunk := part.read(65536):
                parser.Parse(chunk)
                read += len(chunk)
                if read - parser.CurrentByteIndex > MAX_TOKEN:
                    self._reading.refuse(BROKEN)
        except expat.ExpatError:
            # A picture, or XML on which openpyxl's parser stops at this same byte.
            return

    def _element(self, name: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        self._held = 0 if name.endswith(("}row", "}si")) else self._held + 1
        if self._elements > MAX_ELEMENTS or self._held > MAX_ELEMENTS_HELD:
            self._reading.refuse(_TOO_BIG_INSIDE)

    def _doctype(self, *_declaration: object) -> None:
        # Entities are declared nowhere else, and no workbook may have one (ECMA-376 part 2).
        self._reading.refuse(BROKEN)
