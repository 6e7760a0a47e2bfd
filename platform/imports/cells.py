"""From the text of a cell to a value; every refusal says what would be right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django.db.models import TextChoices
from django.utils import timezone

from common.errors import InvalidInput
from common.money import parse_fen
from organizations.validators import clean_credit_code

if TYPE_CHECKING:
    from imports.columns import Reading

Value = str | list[str]
Cell = Callable[[Value, "Reading"], Any]

_SEPARATORS = re.compile("[；;\n]")
_OTHER_SEPARATORS = re.compile("[、，,|/]")
_READINESS = re.compile(r"(?:TRL)?\s*([0-9]{1,2})\s*级?", re.IGNORECASE)
_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})[-/.年](?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})日?"
    r"(?:[ T]+(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_LAST_MOMENT = time(23, 59, 59)
_YES = {"是", "yes", "y", "true", "1"}
_NO = {"否", "no", "n", "false", "0"}


def text(value: Value, _: Reading) -> str:
    return "\n".join(value) if isinstance(value, list) else value


def texts(value: Value, _: Reading) -> list[str]:
    """Several values: a list, or one cell with ；, ; or line breaks between them."""
    parts = value if isinstance(value, list) else _SEPARATORS.split(value)
    return [part.strip() for part in parts if part.strip()]


def each(cell: Cell) -> Cell:
    """A reader for several values out of a reader for one."""

    def read(value: Value, reading: Reading) -> list[Any]:
        return [one(part, reading) for part in texts(value, reading)]

    def one(part: str, reading: Reading) -> Any:
        try:
            return cell(part, reading)
        except ValueError as error:
            if _OTHER_SEPARATORS.search(part):
                raise ValueError(f"{error}。多个值之间请用“；”") from None
            raise

    return read


def choice(choices: type[TextChoices]) -> Cell:
    """One of a closed list, by its label or its code."""
    known = {str(label): value for value, label in choices.choices}
    known |= {value: value for value in choices.values}

    def read(value: Value, reading: Reading) -> str:
        written = text(value, reading)
        if written not in known:
            raise ValueError(f"没有“{written}”这个选项，可选：{'、'.join(labels(choices))}")
        return str(known[written])

    return read


def labels(choices: type[TextChoices]) -> tuple[str, ...]:
    return tuple(str(label) for label in choices.labels)


def concept(value: Value, reading: Reading) -> str:
    return reading.vocabulary.concept(text(value, reading))


def city(value: Value, reading: Reading) -> str:
    return reading.vocabulary.city(text(value, reading))


def district(value: Value, reading: Reading) -> str:
    return reading.vocabulary.district(reading.values.get("city"), text(value, reading))


def money(value: Value, reading: Reading) -> int:
    """Fen; without a unit the number is 元."""
    written = unicodedata.normalize("NFKC", text(value, reading)).replace("人民币", "")
    try:
        return parse_fen(written)
    except InvalidInput as error:
        raise ValueError(error.message.removesuffix("。")) from None


def fen(value: Value, reading: Reading) -> int:
    """Money under its name in the API, which counts in fen."""
    written = text(value, reading)
    if not re.fullmatch("[0-9]{1,20}", written):
        raise ValueError("这一列以分为单位，应为整数；要写元或万元，请用模板的列名")
    return int(written)


def readiness(value: Value, reading: Reading) -> int:
    """A technology readiness level: 6, TRL6, 6级."""
    written = unicodedata.normalize("NFKC", text(value, reading)).strip()
    if found := _READINESS.fullmatch(written):
        return int(found[1])
    raise ValueError("技术成熟度应为 1 至 9 的整数，例如 6 或 TRL6")


def yes_no(value: Value, reading: Reading) -> bool:
    written = text(value, reading).lower()
    if written in _YES | _NO:
        return written in _YES
    raise ValueError("应填“是”或“否”")


def deadline(value: Value, reading: Reading) -> datetime:
    """A moment, in Beijing time unless it states its zone; a day alone lasts until its end."""
    written = unicodedata.normalize("NFKC", text(value, reading)).strip()
    found = _MOMENT.fullmatch(written)
    fault = "应为日期或时间，例如 2026-12-31 或 2026-12-31 18:00"
    if found is None:
        raise ValueError(fault)
    try:
        day = date(*(int(found[part]) for part in ("year", "month", "day")))
        clock = time.fromisoformat(_two_digits(found["clock"])) if found["clock"] else _LAST_MOMENT
        zone = datetime.strptime(found["zone"], "%z").tzinfo if found["zone"] else None
    except ValueError:
        raise ValueError(fault) from None
    moment = datetime.combine(day, clock)
    return moment.replace(tzinfo=zone) if zone else timezone.make_aware(moment)


def _two_digits(clock: str) -> str:
    return clock if clock.index(":") == 2 else f"0{clock}"


def credit_code(value: Value, reading: Reading) -> str:
    return clean_credit_code(text(value, reading))


def halves(value: str) -> tuple[str, str]:
    """What stands before and after the first ：; the second is empty without one."""
    first, _, second = value.replace(":", "：", 1).partition("：")
    return first.strip(), second.strip()
