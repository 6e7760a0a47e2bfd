"""Whether the audit log is whole: the chain against its events, and against published anchors."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from django.db import connection, transaction

from common.errors import InvalidInput

BATCH = 2000
GENESIS = bytes(32)  # what the first link covers instead of one before it
# Every event with its link, by place in the chain; an event without a link comes last.
_WALK = """
SELECT link.seq, link.event_id, event.id, link.hash, audit_entry(event)
FROM audit_auditlink link FULL JOIN audit_auditevent event ON event.id = link.event_id
ORDER BY link.seq NULLS LAST, event.id
"""


@dataclass(frozen=True)
class Anchor:
    """The head of the chain at the end of a day: whoever keeps it elsewhere can show a cut."""

    day: str
    seq: int
    hash: str


@dataclass(frozen=True)
class Fault:
    """``seq`` is the place in the chain, None where there is none; ``event`` the event's key."""

    seq: int | None
    event: int | None
    message: str

    def __str__(self) -> str:
        place = f"第 {self.seq} 环" if self.seq is not None else "链外"
        return f"{place}（事件 {self.event}）：{self.message}" if self.event else self.message


def head() -> tuple[int, str]:
    """Place and hash (hexadecimal) of the last link; (0, "") before the first event."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, encode(hash, 'hex') FROM audit_auditlink WHERE seq IS NOT NULL"
            " ORDER BY seq DESC LIMIT 1"
        )
        return cursor.fetchone() or (0, "")


def faults(anchors: list[Anchor]) -> Iterator[Fault]:
    """Everything that is wrong with the log, in the order of the chain; nothing when it is whole.

    Hashes are computed here, from what the events say now. An edited event breaks its own link,
    a removed one leaves a gap, exchanged ones break the links after them; what was cut off the end
    or computed anew from some point on differs from the anchors of those days.
    """
    expected = {anchor.seq: anchor for anchor in anchors}
    last, previous = 0, GENESIS
    for seq, linked, event, said, entry in _walk():
        if seq is None:
            yield Fault(None, event or linked, "没有连入操作链。")
            continue
        if seq != last + 1:
            yield Fault(seq, linked, f"前面缺少第 {last + 1} 至 {seq - 1} 环。")
        if event is None:
            yield Fault(seq, linked, "事件已被删除。")
        elif sha256(previous + entry).digest() != said:
            yield Fault(seq, event, "内容或前一环与摘要不符：事件被改动、调换或重算。")
        last, previous = seq, said
        anchor = expected.pop(seq, None)
        if anchor is not None and said.hex() != anchor.hash:
            yield Fault(seq, linked, f"与 {anchor.day} 公布的锚点不符：此前的记录被重算。")
    for anchor in sorted(expected.values(), key=lambda each: each.seq):
        message = f"{anchor.day} 的锚点在第 {anchor.seq} 环，操作链只到第 {last} 环：末尾被截断。"
        yield Fault(None, None, message)


def _walk() -> Iterator[tuple[int | None, int, int | None, bytes, bytes]]:
    """One snapshot, a batch at a time: the log may be longer than the memory."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DECLARE audit_walk NO SCROLL CURSOR FOR {_WALK}")
        while True:
            cursor.execute(f"FETCH {BATCH} FROM audit_walk")
            rows = cursor.fetchall()
            for seq, linked, event, said, entry in rows:
                yield seq, linked, event, bytes(said or b""), bytes(entry or b"")
            if not rows:
                break
        cursor.execute("CLOSE audit_walk")


def write_anchor(folder: Path, day: str) -> Path:
    """Keep the head of the chain in ``folder`` as ``<day>.json``; the first of a day stands.

    Two at once write one file: it appears whole, by a name that nobody else has taken.
    """
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    target = folder / f"{day}.json"
    seq, hash_ = head()
    draft = folder / f".{day}.{os.getpid()}"
    draft.write_text(json.dumps(asdict(Anchor(day, seq, hash_))) + "\n", encoding="ascii")
    try:
        target.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return target


def read_anchors(folder: Path) -> list[Anchor]:
    """Those of the folder, oldest first; raises InvalidInput that names the file."""
    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            found.append(Anchor(**json.loads(file.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError):
            raise InvalidInput(f"锚点文件 {file} 无法读取。") from None
    return [anchor for anchor in found if anchor.seq]
