"""What a record says, checked once for every door: forms, API and imports build the same facts."""

from __future__ import annotations

from typing import Annotated, Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from common.money import MAX_FEN
from common.text import clean_line, clean_text


def _blank_is_absent(value: Any) -> Any:
    return None if value == "" else value


def clean_email(text: str) -> str:
    address = clean_line(text)
    if address:
        try:
            validate_email(address)
        except DjangoValidationError:
            raise ValueError("电子邮箱的格式不对，应形如 name@example.com") from None
    return address


Line = Annotated[str, AfterValidator(clean_line)]
Text = Annotated[str, AfterValidator(clean_text)]
Name = Annotated[Line, Field(min_length=1, max_length=120)]
Fen = Annotated[int, Field(ge=0, le=MAX_FEN)]
# Technology readiness level (GB/T 22900: 1 to 9).
Readiness = Annotated[int, Field(ge=1, le=9)]
Absent = BeforeValidator(_blank_is_absent)
Email = Annotated[str, AfterValidator(clean_email), Field(max_length=254)]
# The code of a tag, city or district; whether there is such a row, the vocabulary says.
Code = Annotated[Line, Field(max_length=240)]
# For lists: a value given twice counts once, the order stays.
unique = AfterValidator(lambda values: list(dict.fromkeys(values)))
# At most 20 different lines, of one sentence or of a few words each.
Lines = Annotated[
    list[Annotated[Line, Field(min_length=1, max_length=200)]], unique, Field(max_length=20)
]
ShortLines = Annotated[
    list[Annotated[Line, Field(min_length=1, max_length=60)]], unique, Field(max_length=20)
]


class Facts(BaseModel):
    """Base of a noun's facts: values, never rows; unknown names are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def check_range(lower: int | None, upper: int | None, what: str) -> None:
    """Raises ValueError when both ends are stated and stand the wrong way round."""
    if lower is not None and upper is not None and lower > upper:
        raise ValueError(f"{what}的下限不能高于上限")
