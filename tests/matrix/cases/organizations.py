"""Organizations: registering, proving, being checked; their people and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from organizations.joining import token_of
from tests.evidence import PDF
from tests.matrix.case import Case, Inside, filled, of, post, said
from tests.matrix.cases.records import REASON
from tests.matrix.world import World
from tests.records import GUANGZHOU, credit_code

# The state in which each step can be taken.
KINDS = {
    "submit": "organization draft",
    "recall": "organization submitted",
    "verify": "organization submitted",
    "return": "organization submitted",
    "reject": "organization submitted",
    "reopen": "organization rejected",
    "suspend": "organization verified",
    "restore": "organization suspended",
}
STATES = ("draft", "submitted", "verified", "suspended")
NEW = {
    "name": "矩阵新组织",
    "identifier_scheme": "credit_code",
    "identifier": credit_code(900_001),
    "legal_kind": "enterprise",
    "capacities": ["publish"],
    "city": GUANGZHOU,
}
ROLE = said(role="viewer")
verified = of("organization verified")


def cases() -> Iterator[Case]:
    yield from _registering()
    yield from _checking()
    yield from _people()
    yield from _tokens()
    yield Case("stored_file", place=of("file"))


def _registering() -> Iterator[Case]:
    yield Case("organization_new", bodies=post(said(**NEW)))
    yield Case("check_identifier", query=f"?scheme=credit_code&identifier={NEW['identifier']}")
    for state in STATES:
        yield Case("organization_detail", state, of(f"organization {state}"))
    for state in ("draft", "returned", "verified"):
        place = of(f"organization {state}")
        form = filled("organization_edit", place, "editor", address="新址")
        yield Case("organization_edit", state, place, post(form))
    for state in ("draft", "verified"):
        yield Case("organization_discard", state, of(f"organization {state}"))
    form = filled("organization_amend", verified, "editor", representative="新代表")
    yield Case("organization_amend", "", verified, post(form))
    for state in ("draft", "verified"):
        place = of(f"organization {state}")
        yield Case("organization_evidence", state, place, post(_document))
    for step, kind in KINDS.items():
        if step != "return":  # a page of its own, with comments by field
            yield Case("organization_step", step, of(kind, step=step), post(REASON))


def _document(world: World, side: str) -> dict[str, Any]:
    return {"kind": "licence", "file": ("执照.pdf", PDF, "application/pdf")}


def _checking() -> Iterator[Case]:
    yield Case("organization_verification")
    for state in ("draft", "submitted", "verified"):
        yield Case("organization_review", state, of(f"organization {state}"))
    yield Case("organization_return", "", of("organization submitted"), post(REASON))
    evidence = Inside("organization verified", "evidence", "evidence_id")
    yield Case("evidence_detail", place=evidence)
    for step in ("confirm", "decline", "withdraw"):
        place = Inside("organization verified", "evidence", "evidence_id", step=step)
        yield Case("evidence_step", step, place, post(REASON))
    yield Case(
        "amendment_detail", place=Inside("organization amended", "amendment", "amendment_id")
    )
    for step in ("approve", "decline", "withdraw"):
        place = Inside("organization amended", "amendment", "amendment_id", step=step)
        yield Case("amendment_step", step, place, post(REASON))


def _people() -> Iterator[Case]:
    yield Case("organization_members", place=verified)
    yield Case("organization_members", "draft", of("organization draft"))
    yield Case("member_leave", place=verified)
    colleague = Inside("organization verified", "colleague", "person_id")
    yield Case("member_role", "", colleague, post(ROLE))
    yield Case("member_remove", "", colleague)
    yield Case("member_contact", "", colleague)
    invitation = said(role="viewer", email="matrix-guest@example.org")
    yield Case("organization_invite", "", verified, post(invitation))
    yield Case(
        "invitation_revoke", place=Inside("organization verified", "invitation", "invitation_id")
    )
    yield Case("invitation", place=_link)
    yield Case("organization_join", bodies=post(_wish))
    yield Case("join_request_withdraw", place=of("request", "request_id"))
    for step in ("accept", "decline"):
        place = Inside("organization verified", "request", "request_id", step=step)
        yield Case("join_request_answer", step, place, post(ROLE))


def _link(world: World, side: str) -> dict[str, Any]:
    """Whoever has the link may see it; only the addressee accepts."""
    return {"token": "absent" if side == "absent" else token_of(world.records["invitation"][side])}


def _wish(world: World, side: str) -> dict[str, Any]:
    there = world.records["unjoined"]["own"]
    return {"identifier_scheme": "credit_code", "identifier": there.identifier}


def _tokens() -> Iterator[Case]:
    yield Case("token_list", place=verified)
    yield Case("token_new", "", verified, post(said(name="新令牌", days="30")))
    yield Case("token_revoke", place=Inside("organization verified", "token", "token_id"))
