"""How near two concepts are, over all schemes, in thousandths.

One step of kinship at most (a concept, its parent, child or sibling, a related one), with equal
or close concepts of other schemes at either end: chains of weaker links would join anything with
anything. SKOS is followed: exactMatch is transitive, closeMatch is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.int64]  # (concepts, concepts) or (cities, concepts), thousandths

ONE = 1000


class Link(IntEnum):
    """How the concept asked for (row) is tied to the one offered (column)."""

    EQUAL = 0
    EXACT = 1
    CLOSE = 2
    NARROWER = 3  # offered is narrower: it lies wholly inside what is asked for
    BROADER = 4  # offered is broader: it may or may not reach what is asked for
    RELATED = 5
    SIBLING = 6


# What a link keeps of the tag part. Mappings count a little less than the same tag, each kind by
# how much of the extent it vouches for; hierarchy and mapping agree on broader and narrower.
KEEPS = {
    Link.EQUAL: 1000,
    Link.EXACT: 950,
    Link.CLOSE: 850,
    Link.NARROWER: 700,
    Link.BROADER: 600,
    Link.RELATED: 500,
    Link.SIBLING: 400,
}


@dataclass(frozen=True)
class ConceptGraph:
    """Concepts are numbered from 0; each pair of numbers reads (child, parent) or (one, other).

    ``broader`` is the tree of a scheme, ``wider`` a mapping to a broader concept of another.
    """

    size: int
    broader: Sequence[tuple[int, int]] = ()
    wider: Sequence[tuple[int, int]] = ()
    exact: Sequence[tuple[int, int]] = ()
    close: Sequence[tuple[int, int]] = ()
    related: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True)
class Nearness:
    """``value[asked, offered]`` in thousandths, and the parts it was made of.

    ``alike``: equal, exact or close only; ``parents``: boolean, (concept, concept one step wider).
    """

    value: Table
    alike: Table
    kin: NDArray[np.int8]  # the Link in the middle, -1 where there is none
    parents: NDArray[np.bool_]

    @cached_property
    def rows(self) -> list[list[int]]:
        """``value`` for who asks for few numbers at a time."""
        rows: list[list[int]] = self.value.tolist()
        return rows

    @cached_property
    def likes(self) -> list[list[tuple[int, int]]]:
        """For each concept those that are equal, exact or close, with ``alike``."""
        return [[(int(each), int(row[each])) for each in np.flatnonzero(row)] for row in self.alike]

    @cached_property
    def covers(self) -> NDArray[np.bool_]:
        """Whether the one offered (column) vouches for the one asked for (row), as a must-have
        needs: it is the same or alike, or it lies inside it, by equal concepts at either end.
        """
        exact = (self.alike >= KEEPS[Link.EXACT]).astype(np.int64)
        inside = exact @ self.parents.T.astype(np.int64) @ exact
        return np.asarray((self.alike > 0) | (inside > 0))


def nearness(graph: ConceptGraph) -> Nearness:
    """Tables of shape (size, size); at a few hundred concepts they take a fraction of a second."""
    alike = _alike(graph)
    kin, parents = _kin(graph)
    keeps = np.array([KEEPS[Link(each)] for each in range(len(Link))] + [0], dtype=np.int64)
    middle = keeps[kin]  # -1 takes the last entry: nothing
    value = _best_product(alike, _best_product(middle, alike))
    return Nearness(value, alike, kin, parents)


def _alike(graph: ConceptGraph) -> Table:
    exact = np.eye(graph.size, dtype=bool)
    for one, other in graph.exact:
        exact[one, other] = exact[other, one] = True
    while True:  # transitive closure; the longest chain is as long as there are schemes
        wider = exact | ((exact.astype(np.int64) @ exact.astype(np.int64)) > 0)
        if (wider == exact).all():
            break
        exact = wider
    close = np.zeros((graph.size, graph.size), dtype=bool)
    for one, other in graph.close:
        close[one, other] = close[other, one] = True
    alike = np.where(close, KEEPS[Link.CLOSE], 0)
    alike = np.where(exact, KEEPS[Link.EXACT], alike)
    np.fill_diagonal(alike, KEEPS[Link.EQUAL])
    return alike.astype(np.int64)


def _kin(graph: ConceptGraph) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    tree = np.zeros((graph.size, graph.size), dtype=bool)
    for child, parent in graph.broader:
        tree[child, parent] = True
    parents = tree.copy()
    for child, parent in graph.wider:
        parents[child, parent] = True
    kin = np.full((graph.size, graph.size), -1, dtype=np.int8)
    # Of one tree only: half of all concepts lie within one of the nation's six directions.
    kin[(tree.astype(np.int64) @ tree.T.astype(np.int64)) > 0] = Link.SIBLING
    for one, other in graph.related:
        kin[one, other] = kin[other, one] = Link.RELATED
    kin[parents] = Link.BROADER
    kin[parents.T] = Link.NARROWER
    np.fill_diagonal(kin, Link.EQUAL)
    return kin, parents


def _best_product(left: Table, right: Table) -> Table:
    """For each pair the largest product over every concept between them, in thousandths."""
    best = np.zeros((len(left), right.shape[1]), dtype=np.int64)
    for between in range(right.shape[0]):
        rows = np.flatnonzero(left[:, between])
        columns = np.flatnonzero(right[between])
        products = left[rows, between][:, None] * right[between, columns] // ONE
        corner = np.ix_(rows, columns)
        best[corner] = np.maximum(best[corner], products)
    return best
