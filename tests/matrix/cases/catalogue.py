"""First-purchase catalogues: the own one is the issuer's, the other another authority's.

Of items and products the side is the supplier's; all items are in the own catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.catalogues import BASIS, ISSUER
from tests.matrix.case import Case, Place, coded, filled, of, post, said
from tests.matrix.cases.records import REASON
from tests.matrix.world import World

NO_CODE, NO_NUMBER = "ZZZZZZZZ", "ZZ-2026-0001"
BEFORE = {"drop": "item candidate", "list": "item under_notice", "delist": "item listed"}
catalogue = coded("catalogue", absent=NO_CODE)
edition = coded("edition", "number", absent=NO_NUMBER)
NEW = {"name": "新目录", "code": "NEWCAT", "issuer": ISSUER, "basis": BASIS}
GROUNDS = said(grounds="国内首创")


def cases() -> Iterator[Case]:
    yield Case("catalogue_list")
    yield Case("catalogue_detail", place=catalogue)
    yield Case("catalogue_edition", place=edition)
    yield Case("catalogue_edition_file", place=edition)
    for state in ("candidate", "under_notice", "listed"):
        yield Case("catalogue_item", state, of(f"item {state}"))
    yield _shown_first("catalogue_begin_notice", of("item candidate"))
    for step, kind in BEFORE.items():
        yield Case("catalogue_item_step", step, of(kind, step=step), post(REASON))
    yield from _administration()


def _administration() -> Iterator[Case]:
    yield Case("catalogue_administration")
    yield Case("catalogue_new", bodies=post(said(**NEW)))
    yield Case("catalogue_workbench", place=catalogue)
    yield _shown_first("catalogue_edit", catalogue, name="新")
    yield Case("catalogue_nominations", place=catalogue)
    yield Case("catalogue_nominate", "", _candidate, post(GROUNDS))
    yield _shown_first("catalogue_publish", catalogue)


def _candidate(world: World, side: str) -> dict[str, Any]:
    """The side's product for the own catalogue."""
    code = world.records["catalogue"]["own"].code
    return {"code": code, **of("product")(world, side)}


def _shown_first(route: str, place: Place, **changes: Any) -> Case:
    """Sends back the form as it was shown to whoever issues the catalogue in question."""

    def build(world: World, side: str) -> dict[str, Any]:
        is_theirs = side == "rival" and place is catalogue
        return filled(route, place, "catalogue" if is_theirs else "issuer", **changes)(world, side)

    return Case(route, "", place, post(build))
