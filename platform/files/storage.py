"""The folder that uploads lie in; names inside are drawn, never given (THREATS A14)."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from files.errors import StorageFull

_KEY = re.compile(r"[0-9a-f]{64}")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def path_of(key: str) -> Path:
    """Raises ValueError for what was not drawn here."""
    if not _KEY.fullmatch(key):
        raise ValueError("not a storage key")
    return settings.FILES_HOME / key[:2] / key


def write(content: bytes) -> str:
    """Keep ``content`` under a new key; a fault leaves nothing behind. Raises StorageFull."""
    key = secrets.token_hex(32)
    path = path_of(key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink()
        if error.errno in _FULL:
            raise StorageFull("服务器存储空间已满，文件没有保存。请稍后再试。") from None
        raise
    return key


def remove(key: str) -> None:
    """What is gone already is no fault."""
    path_of(key).unlink(missing_ok=True)


def keys_older_than(seconds: int) -> Iterator[str]:
    """Keys of files that have lain here so long."""
    bound = time.time() - seconds
    for path in settings.FILES_HOME.glob("??/*"):
        if _KEY.fullmatch(path.name) and path.stat().st_mtime < bound:
            yield path.name
