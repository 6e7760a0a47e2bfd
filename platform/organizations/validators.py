"""Checks that forms, imports and services share."""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import uscc

from common.text import clean_line
from organizations.enums import IdentifierScheme

# Not ``uscc.validate``: it wants figures in the first two places, which are letters for some,
# such as the collective economic organizations of villages (N2).
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
CREDIT_CODE_LENGTH = 18
_HONG_KONG = re.compile(r"[0-9]{8}")
_HONG_KONG_TAIL = re.compile(r"(?:-[0-9]{1,4}){0,4}-?[0-9A-Z]?")
_MACAU = re.compile(r"(?:SO|CO|EN|EI)?([0-9]{4,8})(?:SO|CO|EN|EI)?")
_OTHER_IDENTIFIER = re.compile(r"[0-9A-Z][0-9A-Z./-]{3,39}")


def clean_credit_code(text: str) -> str:
    """A unified social credit code (GB 32100-2015) in capitals, without separators.

    Raises ValueError that says which of length, characters or check digit is wrong.
    """
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", clean_line(text))).upper()
    if len(code) != CREDIT_CODE_LENGTH:
        raise ValueError(f"统一社会信用代码应为 18 位，“{code}”是 {len(code)} 位")
    if not _CREDIT_CODE.fullmatch(code):
        raise ValueError(
            f"统一社会信用代码“{code}”含有不允许的字符（只用数字和除 I、O、S、V、Z 外的大写字母，"
            "第 3 至 8 位为数字）"
        )
    if code[-1] != uscc.calc_check_digit(code[:-1]):
        raise ValueError(f"统一社会信用代码“{code}”的校验位不符，请核对是否抄错")
    return code


def clean_identifier(scheme: IdentifierScheme, text: str) -> str:
    """The identifier in the form in which it is stored; raises ValueError."""
    if scheme is IdentifierScheme.CREDIT_CODE:
        return clean_credit_code(text)
    code = re.sub(r"\s", "", unicodedata.normalize("NFKC", clean_line(text))).upper()
    return _CLEANERS[scheme](code)


def _clean_hong_kong(code: str) -> str:
    """Business registration number: eight figures, the Unique Business Identifier since 2023.

    A certificate shows it as the head of a longer number, ``12345678-000-01-26-0``.
    """
    head = code.split("-", 1)[0]
    if not _HONG_KONG.fullmatch(head) or not _HONG_KONG_TAIL.fullmatch(code[len(head) :]):
        raise ValueError("香港商业登记号应为 8 位数字，即商业登记证号码的前 8 位")
    return head


def _clean_macau(code: str) -> str:
    """Number of the commercial register (``12345 SO``) or of the tax file, eight figures."""
    plain = re.sub(r"(?<=\w)[()./-]|\)$", "", code)
    if not _MACAU.fullmatch(plain):
        raise ValueError("澳门登记号应为 4 至 8 位数字，商业登记号可带 SO、CO 等字母")
    return plain


def _clean_foreign(code: str) -> str:
    if not _OTHER_IDENTIFIER.fullmatch(code):
        raise ValueError("登记号应为 4 至 40 位字母、数字或连字符")
    return code


_CLEANERS = {
    IdentifierScheme.HONG_KONG: _clean_hong_kong,
    IdentifierScheme.MACAU: _clean_macau,
    IdentifierScheme.FOREIGN: _clean_foreign,
}


def clean_organization_name(text: str) -> str:
    """A name in NFKC; around Chinese words parentheses are the full-width ones of the licence.

    Raises ValueError for control and bidirectional characters (THREATS A17), and for one letter.
    """
    name = clean_line(unicodedata.normalize("NFKC", clean_line(text)))
    if any("\u4e00" <= character <= "\u9fff" for character in name):
        name = name.replace("(", "（").replace(")", "）")
    if unassigned := [each for each in name if unicodedata.category(each) in {"Co", "Cn"}]:
        raise ValueError(f"名称里的“{unassigned[0]}”不是通用文字，请改用标准汉字或字母")
    if len(name) == 1:
        raise ValueError("名称至少 2 个字，请填写证照上的全称")
    return name
