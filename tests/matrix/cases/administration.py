"""Authorities, experts, the audit log, and the administrators' index.

The own authority is in charge of the city, the other of another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.catalogues import day
from tests.matrix.case import Case, Place, coded, dated, of, post, said
from tests.matrix.world import World

ENDING = said(reason="任期届满")
authority = coded("authority")
INTEREST = {"kind": "employer", "name": "某单位", "scheme": "credit_code"}


def cases() -> Iterator[Case]:
    yield Case("workspace")
    yield Case("administration")
    yield from _authorities()
    yield from _experts()
    yield Case("audit_list")
    yield Case("audit_list", "file", query="?format=csv")
    yield Case("audit_event", place=_event)


def _authorities() -> Iterator[Case]:
    yield Case("authority_list")
    yield Case("authority_new", bodies=post(said(name="新主管部门", code="matrix-new")))
    yield Case("authority_detail", place=authority)
    appointment = said(email="matrix-appointed@example.org", duties=["content"])
    yield Case("authority_appoint", "", authority, post(appointment))
    held = _at_it("appointment")
    duties = said(duties=["content", "catalogue"])
    yield Case("appointment_change", "", held, post(duties))
    yield Case("appointment_end", "", held, post(ENDING))
    yield Case("authority_delegate", "", authority, post(_delegation))
    yield Case("delegation_end", "", _at_it("delegation"), post(ENDING))


def _at_it(kind: str) -> Place:
    """What is held at the authority."""

    def place(world: World, side: str) -> dict[str, Any]:
        there = world.records["authority"]["own" if side == "absent" else side]
        return {"code": there.code, **of(kind)(world, side)}

    return place


def _delegation(world: World, side: str) -> dict[str, Any]:
    code = world.records["operator"]["rival"].identifier
    return {"credit_code": code, "duties": ["content"], "ends_on": str(day(30))}


def _experts() -> Iterator[Case]:
    yield Case("expert_me")
    yield Case("expertise_edit", bodies=post(said(concepts=["gd-2024-embodied-robots"])))
    yield Case("interest_new", bodies=post(said(**INTEREST)))
    yield Case("interest_end", "", of("interest"), post(dated(until=0)))
    yield Case("expert_list")
    expert = said(email="matrix-appointed@example.org", title="研究员")
    yield Case("expert_new", bodies=post(expert))
    yield Case("expert_end", "", of("expert"), post(ENDING))


def _event(world: World, side: str) -> dict[str, Any]:
    """Of a draft of the side."""
    if side == "absent":
        return {"number": 999_999_999}
    return {"number": world.event_of("scenario draft", side).pk}
