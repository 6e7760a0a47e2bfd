"""Phone numbers and e-mail addresses of people: one spelling inside, masked for others' eyes."""

from __future__ import annotations

import re

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
# Area code with or without hyphen, seven or eight digits, perhaps an extension.
_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))-?([2-9]\d{6,7})(?:-(\d{1,6}))?", re.ASCII)
# Hong Kong and Macau number without area codes; eight digits each.
_HONG_KONG = re.compile(r"\+852[2-9]\d{7}", re.ASCII)
_MACAU = re.compile(r"\+853(?:6\d{7}|28\d{6}|8\d{7})", re.ASCII)
# E.164: country code and number, fifteen digits at most.
_FOREIGN = re.compile(r"\+(?!86|852|853)[1-9]\d{6,14}", re.ASCII)
_PARTS = re.compile(r"(\+85[23]|\+\d{1,3}|0\d{2,3}-)?([^-]*)(?:-\d{1,6})?")
_SPACING = re.compile(r"[\s().（）·]")
FAULT = (
    "无法识别这个电话号码。内地号码如 13800138000 或 020-83123456，"
    "香港、澳门和境外号码请加国际区号，如 +852 91234567"
)


def clean_phone(text: str) -> str:
    """The one spelling of a number: ``13800138000``, ``020-83123456``, ``+85291234567``.

    Raises ValueError, in words for whoever typed it.
    """
    number = _SPACING.sub("", text).replace("＋", "+").replace("－", "-").replace("—", "-")
    if not number:
        return ""
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if number.startswith("+86"):
        number = number[3:].lstrip("-")
        number = number if number.startswith(("0", "1")) else f"0{number}"
    if found := _LANDLINE.fullmatch(number):
        return "-".join(part for part in found.groups() if part)
    number = number.replace("-", "")
    if any(each.fullmatch(number) for each in (_MOBILE, _HONG_KONG, _MACAU, _FOREIGN)):
        return number
    raise ValueError(FAULT)


def mask_phone(number: str) -> str:
    """``138****8000``; of whatever else stands in the field, four characters hidden at least.

    Country and area codes stay: they are no secret, and tell numbers apart. Extensions go.
    """
    found = _PARTS.fullmatch(number)
    code, local = (found[1] or "", found[2]) if found else ("", number)
    room = max(len(local) - 4, 0)
    head = min(room // 2, 3)
    tail = min(room - head, 4)
    return f"{code}{local[:head]}****{local[len(local) - tail :]}" if local else ""


def mask_email(address: str) -> str:
    """``l***@example.org``: the domain says whose mailbox it is, not which."""
    local, at, domain = address.rpartition("@")
    if not at:
        return f"{address[:1]}***" if address else ""
    return f"{local[:1]}***@{domain}"
