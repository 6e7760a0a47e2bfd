"""Applications: ``sent`` are the side's as supplier, ``received`` its as publisher."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.matrix.case import Case, filled, of, post
from tests.matrix.cases.records import REASON
from tests.matrix.world import World

BEFORE = {
    "submit": "sent draft",
    "discard": "sent draft",
    "withdraw": "sent submitted",
    "shortlist": "received submitted",
    "select": "received shortlisted",
    "connect": "received selected",
    "decline": "received submitted",
}


def cases() -> Iterator[Case]:
    yield Case("application_list")
    yield Case("apply", place=of("scenario published"), bodies=post(answer))
    yield Case("scenario_applications", place=of("scenario published"))
    for kind in ("sent draft", "sent submitted", "received submitted"):
        yield Case("application_detail", kind, of(kind))
    for kind in ("sent selected", "sent connected", "received connected"):
        yield Case("application_contact", kind, of(kind))
    form = filled("application_edit", of("sent draft"), "editor", proposal="改过的方案")
    yield Case("application_edit", "", of("sent draft"), post(form))
    for step, kind in BEFORE.items():
        yield Case("application_step", step, of(kind, step=step), post(REASON))


def answer(world: World, side: str) -> dict[str, Any]:
    """With a capability of one's own organization; the other side's scenario is the one to ask."""
    return {
        "capability": str(world.records["capability published"]["own"].public_id),
        "proposal": "方案",
    }
