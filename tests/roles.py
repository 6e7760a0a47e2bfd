"""Everybody who works for an authority, by name: rows of the tables of who may do what.

Records of these tables lie in NANSHA; their catalogues are issued by the body ISSUER.
"""

from __future__ import annotations

from typing import Any

from common.actor import Actor
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)

NANSHA, LIWAN, NANSHAN = "guangzhou-nansha", "guangzhou-liwan", "shenzhen-nanshan"
AT_NANSHA: dict[str, Any] = {"city": GUANGZHOU, "district": NANSHA}
ISSUER, ANOTHER_ISSUER = "sz-stic", "gd-dst"

# Duties, and what the authority is: the words of ``make_administrator``.
Roles = dict[str, tuple[tuple[str, ...], dict[str, Any]]]

# In charge of the content of NANSHA ...
OVERSEERS: Roles = {
    "administrator": (("content", "catalogue"), {}),
    "content administrator": (("content",), {}),
    "content administrator of the city": (("content",), {"city": GUANGZHOU}),
    "content administrator of the district": (("content",), AT_NANSHA),
}
# ... and of that of other places.
ELSEWHERE: Roles = {
    "administrator of another city": (
        ("content", "catalogue"),
        {"city": SHENZHEN, "body": ANOTHER_ISSUER},
    ),
    "content administrator of another city": (("content",), {"city": SHENZHEN}),
    "content administrator of another district": (
        ("content",),
        {"city": GUANGZHOU, "district": LIWAN},
    ),
}
OTHER_DUTIES: Roles = {
    "system administrator": (("system",), {}),
    "catalogue administrator": (("catalogue",), {}),
    "catalogue administrator of another issuer": (("catalogue",), {"body": ANOTHER_ISSUER}),
    "catalogue administrator of no issuer": (("catalogue",), {"body": None}),
    "auditor": (("audit",), {}),
}
ADMINISTRATORS = {**OVERSEERS, **ELSEWHERE, **OTHER_DUTIES}
# Those who administer the catalogues of ISSUER.
ISSUERS = {"administrator", "catalogue administrator"}


def make_role(name: str) -> Actor:
    """Who holds the role of ``ADMINISTRATORS`` and belongs to an organization of no concern."""
    return with_role(make_member(make_organization(), "owner"), name)


def with_role(member: Actor, name: str) -> Actor:
    """The member, who works for an authority too."""
    duties, place = ADMINISTRATORS[name]
    return make_administrator(*duties, person=user_of(member), **place)
