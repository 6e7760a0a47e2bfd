"""Verbs on files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

import audit.services
from accounts.services import lock_person
from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden, InvalidInput, NotFound
from common.models import database_now
from common.text import clean_line
from files import access, queries, storage
from files.enums import EXTENSIONS, MediaType
from files.errors import TooLarge
from files.models import StoredFile
from files.sniffing import media_type_of

LONGEST_NAME = 120
GONE = "没有找到这个文件。"
# 平台默认: time enough to finish a form that an upload belongs to.
KEEP_UNATTACHED = timedelta(days=1)
_PATH = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Upload:
    """What came in: the name that the browser stated, and the bytes."""

    name: str
    content: bytes


@contextmanager
def keeping(upload: Upload, actor: Actor) -> Iterator[StoredFile]:
    """Store an upload together with what is written of it inside the block: both, or neither.

    The bytes are written first, the row then; whatever fails takes both away. Must be the
    outermost transaction. Raises Forbidden (no person), Conflict (too many today), InvalidInput
    (by ``file``), TooLarge, StorageFull.
    """
    actor = require_actor(actor)
    if actor.user_id is None:
        raise Forbidden("登录后才能上传文件。")
    values = _checked(upload)
    key = storage.write(upload.content)
    try:
        with transaction.atomic(durable=True):
            lock_person(actor.user_id)
            _refuse_too_many(actor.user_id)
            yield StoredFile.objects.create(key=key, uploader_id=actor.user_id, **values)
    except BaseException:
        storage.remove(key)
        raise


def _refuse_too_many(user_id: int) -> None:
    """Records bound what they hold, a person may begin ever more records."""
    most = settings.FILES_A_DAY
    today = StoredFile.objects.filter(
        uploader=user_id, created_at__gt=database_now() - timedelta(days=1)
    )
    if today.count() >= most:
        raise Conflict(f"一人 24 小时内最多上传 {most} 个文件，请明天再试。")


def store_file(*, upload: Upload, actor: Actor) -> StoredFile:
    """Keep an upload until a record takes it (``attach_file``), a day at most."""
    with keeping(upload, actor) as file:
        return file


def attach_file(*, file: StoredFile, actor: Actor) -> StoredFile:
    """Let a record hold the file; called by that record's verb, in its transaction.

    One file belongs to one record. Raises NotFound (not the actor's own upload), Conflict.
    """
    locked = StoredFile.objects.select_for_update(of=("self",)).filter(pk=file.pk).first()
    if locked is None or locked.uploader_id is None or locked.uploader_id != actor.user_id:
        raise NotFound("没有找到这个文件，请重新上传。")
    if locked.attached_at is not None:
        raise Conflict("这个文件已经用在另一条记录里，请重新上传。")
    locked.attached_at = database_now()
    locked.save(update_fields=["attached_at", "updated_at"])
    return locked


def open_file(*, file: StoredFile, actor: Actor) -> BinaryIO:
    """Its bytes; whoever reads what is not their own side's is on record, with what holds it.

    Raises NotFound (out of the actor's reach, or the bytes are gone).
    """
    actor = require_actor(actor)
    if not queries.visible_to(actor).filter(pk=file.pk).exists():
        raise NotFound(GONE)
    with transaction.atomic():
        record = access.record_of(file)
        if record is not None and not queries.own_files(actor).filter(pk=file.pk).exists():
            audit.services.record(
                actor=actor,
                verb=f"{record._meta.label_lower}.open_file",
                obj=record,
                details={"file": str(file.public_id), "digest": file.digest},
            )
        try:
            return storage.path_of(file.key).open("rb")
        except FileNotFoundError:
            raise NotFound(GONE) from None


def discard_file(*, file: StoredFile) -> None:
    """Delete it; called by the verb of the record that let go of it, in its transaction.

    The bytes go once that is committed; what a crash leaves lying, ``purge`` finds.
    """
    file.delete()
    transaction.on_commit(partial(storage.remove, file.key))


def purge() -> int:
    """Remove what no record took within a day, and bytes that no row knows; how many went."""
    stale = StoredFile.objects.filter(
        attached_at=None, created_at__lt=Now() - KEEP_UNATTACHED
    ).values_list("pk", "key")
    gone = 0
    for pk, key in stale:
        with transaction.atomic():
            rows = StoredFile.objects.select_for_update(skip_locked=True)
            file = rows.filter(pk=pk, attached_at=None).first()
            if file is not None:
                file.delete()
        if file is not None:
            storage.remove(key)
            gone += 1
    lying = set(storage.keys_older_than(int(KEEP_UNATTACHED.total_seconds())))
    known = set(StoredFile.objects.filter(key__in=lying).values_list("key", flat=True))
    for key in lying - known:
        storage.remove(key)
        gone += 1
    return gone


def _checked(upload: Upload) -> dict[str, object]:
    if len(upload.content) > settings.FILES_MAX_BYTES:
        raise TooLarge(too_large())
    try:
        kind = media_type_of(upload.content)
        name = clean_file_name(upload.name, kind)
    except ValueError as error:
        message = f"{error}。"
        raise InvalidInput(message, fields={"file": [message]}) from None
    return {
        "name": name,
        "media_type": kind,
        "size": len(upload.content),
        "digest": hashlib.sha256(upload.content).hexdigest(),
    }


def too_large() -> str:
    return f"文件超过 {settings.FILES_MAX_BYTES // 2**20} MB，没有上传。请压缩或拆分后再试。"


def clean_file_name(given: str, kind: MediaType) -> str:
    """A name to show and to download under; its ending says what the file is.

    Raises ValueError for control and bidirectional characters.
    """
    last = given.replace("\\", "/").rpartition("/")[2].replace("\x00", "")
    stem, dot, _ = clean_line(last).rpartition(".")
    ending = EXTENSIONS[kind]
    plain = _PATH.sub(" ", stem if dot else clean_line(last)).strip(" .")
    return f"{plain[: LONGEST_NAME - len(ending)] or 'file'}{ending}"
