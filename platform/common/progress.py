"""Long work shows how far it is: services take a ``Watch``, commands give ``bar``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from tqdm import tqdm

T = TypeVar("T")


class Watch(Protocol):
    """Passes the items on and shows somebody how many have gone by."""

    def __call__(self, items: Sequence[T], what: str, /) -> Iterable[T]: ...


def unwatched(items: Sequence[T], what: str, /) -> Iterable[T]:
    """For callers at whom nobody looks."""
    return items


def bar(items: Sequence[T], what: str, /) -> Iterable[T]:
    """A progress bar on standard error."""
    return tqdm(items, desc=what, file=sys.stderr, mininterval=0.2)
