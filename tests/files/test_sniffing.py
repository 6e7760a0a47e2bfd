"""What is taken for a document, and what is not, whatever its name."""

import io
import struct
import zipfile
import zlib

import pytest

from files.sniffing import MAX_PIXELS, media_type_of
from tests.evidence import JPEG, PDF, png


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunk(kind: bytes, data: bytes) -> bytes:
    whole = png()
    return whole[:-12] + chunk(kind, data) + whole[-12:]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PDF, "application/pdf"), (png(), "image/png"), (JPEG, "image/jpeg")],
    ids=["pdf", "png", "jpeg"],
)
def test_documents_are_known_by_their_bytes(content: bytes, kind: str) -> None:
    assert media_type_of(content) == kind


HOSTILE = {
    "nothing": b"",
    "text": b"hello",
    "markup": b"<html><script>alert(1)</script></html>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "declared drawing": b'<?xml version="1.0"?><svg/>',
    "archive": zipped(),
    "program": b"MZ" + b"\x00" * 200,
    "elf": b"\x7fELF" + b"\x00" * 200,
    "gif": b"GIF89a" + b"\x00" * 20,
    "test virus": b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    "test virus in a pdf": PDF
    + b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\n%%EOF",
    "pdf that begins later": b"GARBAGE\n" + PDF,
    "pdf without an end": PDF.replace(b"%%EOF", b""),
    "pdf with a script": PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(x)>>"),
    "pdf with a disguised script": PDF.replace(b"/Catalog", b"/Catalog/S/J#61vaScript"),
    "pdf that starts a program": PDF.replace(b"/Catalog", b"/Catalog/S/Launch"),
    "pdf with a file": PDF.replace(b"/Catalog", b"/Catalog/EmbeddedFiles"),
    "pdf and archive": PDF + zipped() + b"%%EOF",
    "pdf and markup": PDF.replace(b"1 0 obj", b"<script>alert(1)</script>1 0 obj"),
    "image and markup behind it": png() + b"<script>alert(1)</script>",
    "image and markup in its text": with_chunk(b"tEXt", b"Comment\x00<script>alert(1)</script>"),
    "image and archive": png() + zipped(),
    "image cut short": png()[:-20],
    "image of other chunks": b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""),
    "photo and archive": JPEG + zipped(),
    "photo and markup": JPEG + b"<HTML>",
    "photo cut short": JPEG[:12],
    "image too large to look at": b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", MAX_PIXELS, 2, 8, 0, 0, 0, 0))
    + chunk(b"IEND", b""),
    "photo too large to look at": JPEG.replace(b"\x00\x10\x00\x20\x03", b"\xff\xff\xff\xff\x03"),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_whatever_is_not_wholly_a_document_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"[一-鿿]"):
        media_type_of(content)
