"""Time that a test may judge by: the processor's, untraced.

A busy machine makes everything slower but the processor's own seconds, and tracing for coverage
slows Python's lines but not what C does for them: with either counted, a figure would say little
about the code.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def quick(seconds: float) -> Iterator[None]:
    """A block that may take at most so many seconds of the processor."""
    with _timed() as taken:
        yield
    assert taken[0] < seconds


def fastest(call: Callable[[], object], *, times: int = 5) -> float:
    """Seconds of the quickest of several calls."""
    taken: list[float] = []
    for _ in range(times):
        with _timed() as one:
            call()
        taken += one
    return min(taken)


@contextmanager
def _timed() -> Iterator[list[float]]:
    taken: list[float] = []
    trace = sys.gettrace()
    sys.settrace(None)
    began = time.process_time()
    try:
        yield taken
    finally:
        taken.append(time.process_time() - began)
        sys.settrace(trace)
