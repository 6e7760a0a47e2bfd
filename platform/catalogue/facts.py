"""What a catalogue, a candidate, a notice and an edition say."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from common.facts import Code, Facts, Line, Name, Text


def _capitals(text: str) -> str:
    if not (2 <= len(text) <= 8 and text.isascii() and text.isalpha() and text.isupper()):
        raise ValueError("应为 2 至 8 个大写英文字母，例如 SZSG")
    return text


class CatalogueChange(Facts):
    """What may change once there is a catalogue: not what its editions are known by."""

    name: Name
    introduction: Annotated[Text, Field(max_length=4000)] = ""


class DemonstrationCatalogueFacts(CatalogueChange):
    """``basis`` is the code of a clause; nobody issues what is invented."""

    code: Annotated[Line, AfterValidator(_capitals)]
    basis: Code


class CatalogueFacts(DemonstrationCatalogueFacts):
    """``issuer`` is the code of a responsible body."""

    issuer: Code


class CandidateFacts(Facts):
    """``grounds`` are public as soon as the notice begins."""

    grounds: Annotated[Text, Field(min_length=1, max_length=2000)]


class NoticeFacts(Facts):
    """First and last day of a notice, Beijing days."""

    notice_from: date
    notice_to: date

    @field_validator("notice_to")
    @classmethod
    def _days_in_order(cls, last: date, info: ValidationInfo) -> date:
        first = info.data.get("notice_from")
        if first is not None and last < first:
            raise ValueError("公示结束不能早于公示开始")
        return last


class EditionFacts(Facts):
    note: Annotated[Text, Field(max_length=2000)] = ""
