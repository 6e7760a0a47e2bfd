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
    if not _OTHER_IDENTIFIER.fullmatch(code):
        raise ValueError("登记号应为 4 至 40 位字母、数字或连字符")
    return code
