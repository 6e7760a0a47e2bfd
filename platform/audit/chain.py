"""Whether the audit log is whole: the chain against its events, and against published anchors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from django.db import connection, transaction
from pydantic import BaseModel, ConfigDict, Field, model_validator

from common.errors import InvalidInput

BATCH = 2000
GENESIS = bytes(32)  # what the first link covers instead of one before it
# Every event with its link, by place in the chain; an event without a link comes last.
_WALK = """
SELECT link.seq, link.event_id, event.id, link.hash, audit_entry(event)
FROM audit_auditlink link FULL JOIN audit_auditevent event ON event.id = link.event_id
ORDER BY link.seq NULLS LAST, event.id
"""


class Anchor(BaseModel):
    """The head of the chain at the end of a day: whoever keeps it elsewhere can show a cut.

    Before the first event ``seq`` is 0 and ``hash`` empty: there is nothing to compare yet.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    day: str = Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    seq: int = Field(ge=0)
    hash: str = Field(pattern="^([0-9a-f]{64})?$")

    @model_validator(mode="after")
    def _names_a_link(self) -> Self:
        if bool(self.seq) != bool(self.hash):
            raise ValueError("seq and hash belong together")
        return self


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
    expected: dict[int, list[Anchor]] = {}  # on quiet days several name one place
    for anchor in anchors:
        expected.setdefault(anchor.seq, []).append(anchor)
    yield from _disagreements(expected)
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
        for anchor in expected.get(seq, ()):
            if said.hex() != anchor.hash:
                yield Fault(seq, linked, f"与 {anchor.day} 公布的锚点不符：此前的记录被重算。")
    for anchor in anchors:
        if anchor.seq > last:
            message = f"锚点在第 {anchor.seq} 环，操作链只到第 {last} 环：末尾被截断。"
            yield Fault(None, None, f"{anchor.day} 的{message}")


def _disagreements(anchors: dict[int, list[Anchor]]) -> Iterator[Fault]:
    """Places for which different hashes were published: one of the files is not the one written."""
    for seq, same in sorted(anchors.items()):
        if len({anchor.hash for anchor in same}) > 1:
            days = "、".join(anchor.day for anchor in same)
            yield Fault(None, None, f"{days} 的锚点都在第 {seq} 环，摘要却不同：锚点互相矛盾。")


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
    anchor = Anchor(day=day, seq=seq, hash=hash_)
    draft.write_text(f"{anchor.model_dump_json()}\n", encoding="ascii")
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
            found.append(Anchor.model_validate_json(file.read_bytes()))
        except (OSError, ValueError):
            raise InvalidInput(f"锚点文件 {file} 无法读取，或不是锚点。") from None
    return [anchor for anchor in found if anchor.seq]
