"""Arrays that compiled functions are handed, and the numbers that all of them share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine.index import Blocks, Domain

ONE = np.int32(1000)
TAG, HOST, SUPPLIER, TEXT, READINESS, SCALE, NEARNESS = range(7)  # places in PARTS
NEVER = -1  # promised to what lacks a must-have
LEVELS = 10  # of readiness, 0 for not stated
TERMS = 256  # looked up together
BUCKETS = 512  # of promises, see floors


class Asking(NamedTuple):
    """Scenarios that are ranked together: their ``rows``; ``levels``: points by readiness level, -1
    where a must is not met; ``kinds``: which of them ask for the same tags in the same city.

    By kind: ``near``, how near each is to every concept, in thousandths; ``promise``: what tags and
    city focus can give each run of blocks at most, in points, NEVER for runs without a must-have.
    """

    rows: NDArray[np.int64]
    levels: NDArray[np.int32]
    kinds: NDArray[np.int64]
    near: NDArray[np.int32]
    promise: NDArray[np.int16]

    @classmethod
    def room(cls, rows: NDArray[np.int64], domain: Domain, blocks: Blocks) -> Asking:
        """For ``ask`` to fill."""
        return cls(
            rows,
            np.zeros((len(rows), LEVELS), np.int32),
            np.zeros(len(rows), np.int64),
            np.zeros((len(rows), len(domain.near)), np.int32),
            np.zeros((len(rows), len(blocks.runs.values)), np.int16),
        )


class Room(NamedTuple):
    """For ``ask``: tags as bits, and what tags promise each run."""

    wanted: NDArray[np.uint64]
    promise: NDArray[np.int32]


class Work(NamedTuple):
    """Room to work in. ``slots``: all -1, or empty: then terms are searched for; ``begins``,
    ``ends``, ``weights``: postings that are to be added.

    By row of a block: ``sums`` of rare and middle terms, ``texts``: the points that text can give,
    ``limits``: what its list takes at least, ``least``: the lowest of each run, ``best``: heaps.
    ``likely``: the rows of a run that go on, with ``points`` for all but text and, ``said``, text.
    """

    slots: NDArray[np.int32]
    begins: NDArray[np.int32]
    ends: NDArray[np.int32]
    weights: NDArray[np.int32]
    sums: NDArray[np.int32]
    texts: NDArray[np.int32]
    limits: NDArray[np.int32]
    likely: NDArray[np.int32]
    points: NDArray[np.int32]
    said: NDArray[np.int32]
    rows: NDArray[np.int32]
    scores: NDArray[np.int32]
    levels: NDArray[np.int32]
    buckets: NDArray[np.int64]
    least: NDArray[np.int32]
    best: NDArray[np.int64]

    @classmethod
    def room(cls, blocks: Blocks, size: int, terms: int = 0) -> Work:
        """For lists of ``size``; ``terms``: how many there are, 0 when one scenario asks."""
        rows = int(np.diff(blocks.rows).max(initial=1))
        return cls(
            slots=np.full(terms, -1, np.int32),
            begins=np.zeros(TERMS, np.int32),
            ends=np.zeros(TERMS, np.int32),
            weights=np.zeros(TERMS, np.int32),
            sums=np.zeros(rows, np.int32),
            texts=np.zeros(rows, np.int32),
            limits=np.zeros(rows, np.int32),
            likely=np.zeros(rows, np.int32),
            points=np.zeros(rows, np.int32),
            said=np.zeros(rows, np.int32),
            rows=np.zeros(rows, np.int32),
            scores=np.zeros(rows, np.int32),
            levels=np.zeros(LEVELS, np.int32),
            buckets=np.zeros(BUCKETS, np.int64),
            least=np.zeros(len(blocks.runs.values), np.int32),
            best=np.zeros((rows, size), np.int64),
        )
