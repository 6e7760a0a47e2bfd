"""What the engine knows of records: plain values, numbered concepts and cities."""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[int | None, int | None]  # lower and upper end, each None when not stated


@dataclass(frozen=True)
class ScenarioRecord:
    """``key`` is unique among scenarios and breaks ties; ``budget`` is in fen.

    ``organizations``: host and co-publishers, none of which is offered its own capabilities.
    ``must_concepts``, ``must_qualifications`` and ``must_readiness`` filter, everything else
    scores.
    """

    key: int
    organizations: frozenset[int]
    title: str
    body: str = ""
    concepts: tuple[int, ...] = ()
    city: int | None = None
    readiness: Range = (None, None)
    budget: Range = (None, None)
    must_concepts: tuple[int, ...] = ()
    must_qualifications: frozenset[str] = frozenset()
    must_readiness: bool = False


@dataclass(frozen=True)
class CapabilityRecord:
    """``key`` is unique among capabilities; ``city`` is the supplier's seat, ``price`` in fen.

    ``cities_served``: when stated, scenarios elsewhere are not for this capability.
    """

    key: int
    organization: int
    title: str
    body: str = ""
    concepts: tuple[int, ...] = ()
    city: int | None = None
    readiness: int | None = None
    price: Range = (None, None)
    qualifications: frozenset[str] = frozenset()
    cities_served: frozenset[int] = frozenset()
