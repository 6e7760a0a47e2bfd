"""Which engine this is, by its sources."""

from __future__ import annotations

import hashlib
from pathlib import Path


def digest_of_sources(folder: Path = Path(__file__).parent) -> str:
    """Of every module of the engine.

    Compiled code belongs to it: numba asks for a function's own file only, though weights and
    layouts that stand in others are compiled into it too.
    """
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]
