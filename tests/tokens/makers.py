"""Tokens for tests, made by the verb that people use, and programs that send them."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from common.actor import Actor
from organizations.models import Organization
from tests.programs import Program
from tests.records import make_member
from tokens.facts import TokenFacts
from tokens.keys import Key
from tokens.models import ApiToken
from tokens.services import create_token


def make_token(
    organization: Organization, *permissions: str, owner: Actor | None = None, days: int = 30
) -> tuple[ApiToken, Key]:
    facts = TokenFacts.model_validate(
        {"name": "内网系统", "permissions": list(permissions), "days": days}
    )
    actor = owner or make_member(organization, "owner")
    return create_token(organization=organization, facts=facts, actor=actor)


class TokenProgram(Program):
    """Sends a token and nothing else: no cookie, no CSRF token."""

    def __init__(self, text: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.text = text

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        given = {"data": "" if body is None else text, "content_type": "application/json"}
        own = {"Authorization": f"Bearer {self.text}", **headers}
        return self.client.generic(method, path, **given, headers=own)
