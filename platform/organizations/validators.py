"""Checks that forms, imports and services share."""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from organizations.enums import IdentifierScheme

_OTHER_IDENTIFIER = re.compile(r"[0-9A-Z][0-9A-Z./-]{3,39}")


def clean_credit_code(text: str) -> str:
    """A unified social credit code (GB 32100-2015) in capitals, without separators.

    Raises ValueError that says which of length, characters or check digit is wrong.
    """
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    try:
        return str(uscc.validate(code))
    except InvalidLength:
        raise ValueError(f"统一社会信用代码应为 18 位，“{code}”是 {len(code)} 位") from None
    except InvalidChecksum:
        raise ValueError(f"统一社会信用代码“{code}”的校验位不符，请核对是否抄错") from None
    except ValidationError:
        raise ValueError(
            f"统一社会信用代码“{code}”含有不允许的字符（只用数字和除 I、O、S、V、Z 外的大写字母，"
            "前 8 位中第 3 至 8 位为数字）"
        ) from None


def clean_identifier(scheme: IdentifierScheme, text: str) -> str:
    """The identifier in the form in which it is stored; raises ValueError."""
    if scheme is IdentifierScheme.CREDIT_CODE:
        return clean_credit_code(text)
    code = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if not _OTHER_IDENTIFIER.fullmatch(code):
        raise ValueError("登记号应为 4 至 40 位字母、数字或连字符")
    return code
