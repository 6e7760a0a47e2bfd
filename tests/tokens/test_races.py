"""Owners at once: the limit holds, and a token is revoked once."""

from __future__ import annotations

from audit.models import AuditEvent
from common.actor import Actor
from common.errors import Conflict
from tests.races import at_once
from tests.records import make_member, make_organization
from tests.tokens.makers import make_token
from tokens.services import MOST_TOKENS, revoke_token


def test_two_owners_at_once_do_not_exceed_the_limit(committed_db: str) -> None:
    organization = make_organization()
    owners = [make_member(organization, "owner") for _ in range(2)]
    for _ in range(MOST_TOKENS - 1):
        make_token(organization, owner=owners[0])

    def attempt(owner: Actor) -> str:
        try:
            make_token(organization, owner=owner)
        except Conflict:
            return "told"
        return "made"

    assert sorted(at_once(*(lambda owner=each: attempt(owner) for each in owners))) == [
        "made",
        "told",
    ]


def test_a_token_is_revoked_once(committed_db: str) -> None:
    organization = make_organization()
    token, _ = make_token(organization)
    owners = [make_member(organization, "owner") for _ in range(2)]

    def attempt(owner: Actor) -> str:
        try:
            revoke_token(token=token, actor=owner)
        except Conflict:
            return "told"
        return "revoked"

    assert sorted(at_once(*(lambda owner=each: attempt(owner) for each in owners))) == [
        "revoked",
        "told",
    ]
    assert AuditEvent.objects.filter(verb="tokens.apitoken.revoke").count() == 1
