"""Credit codes and other identifiers (THREATS A19; GB 32100-2015)."""

import string
import unicodedata

import pytest

from organizations.enums import IdentifierScheme
from organizations.validators import clean_credit_code, clean_identifier, clean_organization_name
from tests.records import credit_code

# The last is one of a village's collective economic organization: letters in the first place.
CODES = ["91110000600037341L", credit_code(7), "N2440100MF1234567Q"]
# What people slip on: everything on a keyboard, and look-alikes of figures and letters.
TYPED = string.printable + "零〇Ｏ０１Ⅰ①²٣५ΑА—–・\u200b\u202e\x00"


@pytest.mark.parametrize("code", CODES)
def test_code_as_printed_is_taken(code: str) -> None:
    assert clean_credit_code(code) == code


@pytest.mark.parametrize(
    "written",
    [
        "91110000600037341l",
        " 9111 0000 6000 3734 1L\n",
        "91110000-60003734-1L",
        "９１１１００００６０００３７３４１Ｌ",
        "９１１１００００－６０００３７３４－１ｌ",
        "9111\u30000000\u00a06000\t37341L",
        "\ufeff91110000\u200b600037341L\u202f",
    ],
)
def test_width_capitals_and_separators_do_not_matter(written: str) -> None:
    assert clean_credit_code(written) == "91110000600037341L"


@pytest.mark.parametrize("code", CODES)
def test_every_change_of_one_character_is_refused(code: str) -> None:
    """All are detectable: the weights are prime to 31, the number of characters allowed."""
    taken = set()
    for place in range(len(code)):
        for typed in TYPED:
            changed = code[:place] + typed + code[place + 1 :]
            try:
                clean_credit_code(changed)
            except ValueError:
                continue
            taken.add((place, typed))

    # The same character in lower case, full width or a circle is no change.
    same = {
        (place, typed)
        for place, right in enumerate(code)
        for typed in TYPED
        if unicodedata.normalize("NFKC", typed).upper() == right
    }
    assert taken == same


@pytest.mark.parametrize("code", CODES)
def test_every_swap_of_neighbours_is_refused(code: str) -> None:
    for place in range(len(code) - 1):
        if code[place] != code[place + 1]:
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            with pytest.raises(ValueError, match="统一社会信用代码"):
                clean_credit_code(swapped)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "应为 18 位，“”是 0 位"),
        ("91110000600037341", "是 17 位"),
        ("91110000600037341LL", "是 19 位"),
        ("9111000060003734IL", "不允许的字符"),
        ("9111000A600037341L", "不允许的字符"),
        ("91110000600037341M", "校验位不符"),
        ("19110000600037341L", "校验位不符"),
        ("9111000٣600037341L", "不允许的字符"),
        ("91110000600037341\x00", "第 18 个字是不可见的控制字符"),
        ("\ud80091110000600037341", "控制字符"),
    ],
)
def test_refusal_says_what_is_wrong(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        clean_credit_code(written)


@pytest.mark.parametrize(
    ("scheme", "written", "stored"),
    [
        (IdentifierScheme.CREDIT_CODE, "91110000 600037341l", "91110000600037341L"),
        # The whole number of a business registration certificate begins with the company's own.
        (IdentifierScheme.HONG_KONG, " 12345678-000-01-26-0 ", "12345678"),
        (IdentifierScheme.HONG_KONG, "１２３４５６７８", "12345678"),
        (IdentifierScheme.MACAU, "so 12345", "SO12345"),
        (IdentifierScheme.MACAU, "12345(SO)", "12345SO"),
        (IdentifierScheme.MACAU, "81234567", "81234567"),
        (IdentifierScheme.FOREIGN, "hrb/12.345-b", "HRB/12.345-B"),
        (IdentifierScheme.FOREIGN, "A" * 40, "A" * 40),
    ],
)
def test_identifier_is_stored_in_one_form(
    scheme: IdentifierScheme, written: str, stored: str
) -> None:
    assert clean_identifier(scheme, written) == stored


@pytest.mark.parametrize(
    "written", ["", "123", "A" * 41, "-1234", "商业登记1234", "12345;--", "1234\x00", "12\u202e345"]
)
@pytest.mark.parametrize("scheme", [s for s in IdentifierScheme if s != "credit_code"])
def test_other_identifiers_are_refused(scheme: IdentifierScheme, written: str) -> None:
    with pytest.raises(ValueError, match=r"登记号应为|控制字符"):
        clean_identifier(scheme, written)


@pytest.mark.parametrize(
    ("scheme", "written"),
    [("hong_kong", "1234567"), ("hong_kong", "ABC12345"), ("macau", "123456789"), ("macau", "XX1")],
)
def test_schemes_have_rules_of_their_own(scheme: str, written: str) -> None:
    with pytest.raises(ValueError, match=r"登记号应为"):
        clean_identifier(IdentifierScheme(scheme), written)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("ＡＢＣ科技(集团)有限公司", "ABC科技（集团）有限公司"),
        ("Ａcme (HK) Ltd", "Acme (HK) Ltd"),
        ("  广州\u200b港 ", "广州港"),
    ],
)
def test_name_is_stored_in_one_form(written: str, stored: str) -> None:
    assert clean_organization_name(written) == stored


@pytest.mark.parametrize("written", ["甲\u202e乙", "甲\x00", "甲\ue000"])
def test_name_with_what_nobody_can_read_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"控制字符|通用文字"):
        clean_organization_name(written)
