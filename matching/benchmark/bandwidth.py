"""How fast this machine copies memory: a kernel that streams its data cannot be faster."""

from __future__ import annotations

from time import perf_counter

import numpy as np

SIZE = 256 << 20  # bytes, beyond every cache
TRIES = 7


def copy_bandwidth(size: int = SIZE) -> float:
    """Bytes a second of one thread, read and written ones both counted (STREAM's "copy").

    The best of some copies: whatever else the machine does only makes one slower.
    """
    source = np.ones(size, dtype=np.uint8)
    target = np.zeros(size, dtype=np.uint8)
    target[:] = source  # the system hands out pages when they are first written
    best = min(_seconds(source, target) for _ in range(TRIES))
    return 2 * size / best


def _seconds(source: np.ndarray, target: np.ndarray) -> float:
    began = perf_counter()
    np.copyto(target, source)
    return perf_counter() - began
