"""How much each part of a score can count (DESIGN §5)."""

from __future__ import annotations

from dataclasses import dataclass, fields

# The definition of the score; raised whenever the same records would get other points.
DEFINITION = 3
_MOST_PROMISED = (1 << 15) - 1  # what tags and focus promise is kept in 16 bits
_MOST = (1 << 20) - 1  # a score above any that a list can hold closes it


@dataclass(frozen=True)
class Profile:
    """Points that each part gives at most; tag > city focus (both) > text > readiness > scale.

    ``nearness`` has no weight unless an operator decides otherwise: competition is open to
    suppliers from everywhere.
    """

    name: str
    version: int
    tag: int
    host_focus: int
    supplier_focus: int
    text: int
    readiness: int
    scale: int
    nearness: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError for weights that the kernel has no room for."""
        if min(self.maxima().values()) < 0:
            raise ValueError(f"{self.name}: no part can take points away")
        if self.tag + self.host_focus + self.supplier_focus > _MOST_PROMISED:
            raise ValueError(f"{self.name}: tags and focus give more than {_MOST_PROMISED}")
        if sum(self.maxima().values()) > _MOST:
            raise ValueError(f"{self.name}: a score can be more than {_MOST}")

    def maxima(self) -> dict[str, int]:
        """Maximum points by part, in the order in which parts are shown."""
        return {part: getattr(self, part) for part in PARTS}


PARTS = tuple(each.name for each in fields(Profile) if each.name not in {"name", "version"})

STANDARD = Profile(
    name="standard",
    version=1,
    tag=4000,
    host_focus=1500,
    supplier_focus=1000,
    text=2000,
    readiness=1000,
    scale=500,
)
