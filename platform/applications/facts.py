"""What a supplier says in an application."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from common.errors import InvalidInput
from common.facts import Facts, Fen, Line, Text


class ApplicationFacts(Facts):
    """``proposal`` may be empty in a draft; ``price_fen`` is for the whole of it."""

    proposal: Annotated[Text, Field(max_length=8000)] = ""
    price_fen: Fen | None = None
    schedule: Annotated[Line, Field(max_length=120)] = ""


def refuse_unfinished(proposal: str) -> None:
    """Raises InvalidInput for a draft that does not say enough for the publisher to see it."""
    if not proposal:
        message = "提交前请填写方案说明。"
        raise InvalidInput(message, fields={"proposal": [message]})
