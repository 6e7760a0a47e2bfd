"""What a file is, told by its bytes alone: neither its name nor the browser is believed."""

from __future__ import annotations

import re
import struct

import filetype

from files.enums import MediaType

MAX_PIXELS = 60_000_000
OTHER_KINDS = "只接受 PDF、PNG 或 JPEG 文件；其他格式请先导出为 PDF"
NOT_WHOLE = "文件不完整或已损坏，请重新导出后再上传"
HIDES_ANOTHER = "文件里夹带了其他格式的内容，不能上传；请重新导出后再试"

# The string by which everybody tests a virus scanner, in two halves, so that none finds it here.
_TEST_VIRUS = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_MARKUP = re.compile(rb"<(?:script|html|!doctype|iframe|\?php|svg[\s>])", re.IGNORECASE)
# A name in a PDF may be spelt with ``#4a`` for ``J``.
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)\b")
_SPELT = re.compile(rb"#([0-9A-Fa-f]{2})")
_ZIP_END = b"PK\x05\x06"
_ZIP_END_REACH = 66_000
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
# Frames that say how large a JPEG is: SOF0 to SOF15 without DHT, JPG and DAC.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})


def media_type_of(content: bytes) -> MediaType:
    """Raises ValueError, in words for whoever uploads, for whatever is not wholly one such file.

    A file that is two formats at once, or carries markup, scripts or other files, is refused
    (THREATS A12).
    """
    if not content:
        raise ValueError("文件是空的")
    if _TEST_VIRUS in content:
        raise ValueError("文件含有病毒特征，不能上传")
    guessed = filetype.guess_mime(content)
    if guessed not in MediaType.values:
        raise ValueError(OTHER_KINDS)
    kind = MediaType(guessed)
    {MediaType.PDF: _check_pdf, MediaType.PNG: _check_png, MediaType.JPEG: _check_jpeg}[kind](
        content
    )
    if _ZIP_END in content[-_ZIP_END_REACH:]:
        raise ValueError(HIDES_ANOTHER)
    if kind is not MediaType.PDF and (_MARKUP.search(content) or b"%PDF-" in content[:1024]):
        raise ValueError(HIDES_ANOTHER)
    return kind


def _check_pdf(content: bytes) -> None:
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-1024:]:
        raise ValueError(NOT_WHOLE)
    if _MARKUP.search(content[:1024]):
        raise ValueError(HIDES_ANOTHER)
    plain = _SPELT.sub(lambda found: bytes([int(found[1], 16)]), content)
    if _ACTIVE.search(plain):
        raise ValueError("PDF 里含有脚本、附件或表单程序，不能上传；请打印为 PDF 后再试")


def _check_png(content: bytes) -> None:
    """Chunk after chunk up to ``IEND``, and nothing behind it."""
    place = len(_PNG_HEAD)
    first = True
    while place + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, place)
        kind = content[place + 4 : place + 8]
        if first:
            if kind != b"IHDR" or length != 13:
                raise ValueError(NOT_WHOLE)
            _check_pixels(*struct.unpack_from(">II", content, place + 8))
            first = False
        place += 12 + length
        if kind == b"IEND":
            if place != len(content):
                raise ValueError(HIDES_ANOTHER)
            return
    raise ValueError(NOT_WHOLE)


def _check_jpeg(content: bytes) -> None:
    """Segment after segment up to the frame that says the size; cameras append to the end."""
    if b"\xff\xd9" not in content:
        raise ValueError(NOT_WHOLE)
    place = 2
    while place + 9 <= len(content):
        if content[place] != 0xFF:
            break
        marker = content[place + 1]
        if marker in _JPEG_BARE or marker == 0xFF:
            place += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, place + 5)
            _check_pixels(width, height)
            return
        place += 2 + length
    raise ValueError(NOT_WHOLE)


def _check_pixels(width: int, height: int) -> None:
    if not 0 < width * height <= MAX_PIXELS:
        raise ValueError("图片尺寸过大（最多 6000 万像素），请缩小后再上传")
