"""What people type, before it is stored (THREATS A17)."""

from __future__ import annotations

import re
import unicodedata

# Left behind by copying from web pages and word processors, or blanks that no trimming takes
# away; nobody sees or means them. (Variation selectors stay: they choose the form of a character.)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2060-\u2065\u2800\u3164\ufeff\uffa0"
    "\U000e0000-\U000e007f]"
)
# Controls other than tab and newline; marks that make text read in another order than it is;
# halves of pairs; what no XML, and so no spreadsheet, can hold.
_REFUSED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u206f\ud800-\udfff\ufff9-\ufffb\ufffe\uffff]"
)


def clean_text(text: str) -> str:
    """``text`` in NFC with plain newlines, stripped; full-width punctuation stays as it is.

    Raises ValueError, in words for whoever typed it, for control and bidirectional characters.
    """
    plain = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if found := _REFUSED.search(plain):
        raise ValueError(f"第 {found.start() + 1} 个字是不可见的控制字符，请删除后重试")
    return unicodedata.normalize("NFC", plain).strip()


def clean_line(text: str) -> str:
    """``clean_text`` for what stands on one line: any run of white space becomes one space."""
    return " ".join(clean_text(text).split())
