"""An index on disk: a folder of ``.npy`` files that every process of a host maps.

Pages that a process changes (``Book``) are its own; all others are shared. ``.npz`` could not be
mapped.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np

from matching.engine.index import (
    Array,
    Blocks,
    Capabilities,
    Domain,
    Encoder,
    Index,
    Lists,
    Scenarios,
    T,
    Terms,
    Vocabulary,
)
from matching.engine.text import TextModel

_META = "meta.json"
_PARTS: dict[str, type[Any]] = {
    "domain": Domain,
    "groups": Lists,
    "capabilities": Capabilities,
    "blocks": Blocks,
    "scenarios": Scenarios,
}


def save(index: Index, folder: Path) -> None:
    """Write all or nothing: under another name first, so that a crash leaves no half of one."""
    draft = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for part in _PARTS:
        for name, array in flat(part, getattr(index, part)):
            np.save(draft / f"{name}.npy", array)
    encoder = index.encoder
    for name, array in (
        ("codes", encoder.vocabulary.codes),
        ("numbers", encoder.vocabulary.known),
        ("vocabulary", encoder.model.vocabulary),
        ("frequencies", encoder.model.frequencies),
    ):
        np.save(draft / name, array)
    meta = {
        "capabilities": index.capability_count,
        "scenarios": index.scenario_count,
        "groups": len(encoder.groups.known),
        "cities": len(index.domain.focus),
        "qualifications": list(encoder.qualifications.known),
        "frequent": encoder.vocabulary.frequent,
        "common": encoder.vocabulary.common,
        "texts": encoder.model.texts,
        "length": encoder.model.length,
    }
    (draft / _META).write_text(json.dumps(meta), encoding="utf-8")
    draft.replace(folder)


def load(folder: Path) -> Index:
    """Raises FileNotFoundError when there is none."""
    meta = json.loads((folder / _META).read_text(encoding="utf-8"))
    parts = {
        part: unflat(part, kind, lambda name: mapped(folder / f"{name}.npy"))
        for part, kind in _PARTS.items()
    }
    groups = parts["groups"]
    known = [
        tuple(groups.values[groups.bounds[each] : groups.bounds[each + 1]].tolist())
        for each in range(meta["groups"])
    ]
    encoder = Encoder(
        TextModel(
            mapped(folder / "vocabulary.npy"),
            mapped(folder / "frequencies.npy"),
            meta["texts"],
            meta["length"],
        ),
        Vocabulary(
            mapped(folder / "codes.npy"),
            mapped(folder / "numbers.npy"),
            meta["frequent"],
            meta["common"],
        ),
        meta["cities"],
        known,
        meta["qualifications"],
    )
    return Index(
        **parts,
        encoder=encoder,
        capability_count=meta["capabilities"],
        scenario_count=meta["scenarios"],
    )


def mapped(file: Path, mode: str = "c") -> Array:
    """``c``: changes stay in this process; ``r+``: every process sees them."""
    if not file.stat().st_size:
        raise FileNotFoundError(file)
    array = np.load(file, mmap_mode=mode if _has_rows(file) else None)  # type: ignore[arg-type]
    return np.asarray(array)


def _has_rows(file: Path) -> bool:
    """Nothing cannot be mapped."""
    with file.open("rb") as opened:
        version = np.lib.format.read_magic(opened)
        read = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        return 0 not in read(opened)[0]


def write(file: Path, array: Array) -> None:
    """Replace ``file`` at one stroke."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with draft.open("wb") as opened:
        np.save(opened, array)
    draft.replace(file)


def flat(name: str, rows: Any) -> Iterator[tuple[str, Array]]:
    """All arrays of ``rows`` with names for them; see ``unflat``."""
    for field, value in rows._asdict().items():
        if isinstance(value, tuple):
            yield from flat(f"{name}.{field}", value)
        else:
            yield f"{name}.{field}", value


def unflat(name: str, kind: type[T], array: Callable[[str], Array]) -> T:
    """Rows of ``kind`` out of the arrays that ``array`` gives by name."""
    fields: list[Any] = []
    for field, hint in get_type_hints(kind).items():
        if hint is Lists or hint is Terms:
            fields.append(unflat(f"{name}.{field}", hint, array))
        else:
            fields.append(array(f"{name}.{field}"))
    return kind(*fields)  # type: ignore[no-any-return]
