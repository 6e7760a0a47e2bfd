"""What is stated of a token when it is made."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from common.facts import Facts, Line, unique
from tokens.enums import Lifetime, Scope


def _with_reading(scopes: list[Scope]) -> list[Scope]:
    return [scope for scope in Scope if scope in {Scope.READ, *scopes}]


class TokenFacts(Facts):
    name: Annotated[Line, Field(min_length=1, max_length=60)]
    permissions: Annotated[list[Scope], unique, AfterValidator(_with_reading)] = []
    days: Lifetime
