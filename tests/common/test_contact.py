"""One spelling of a number, and what strangers see of a number or an address."""

import pytest

from common.contact import clean_phone, mask_email, mask_phone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("13800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("0086 13800138000", "13800138000"),
        ("＋86 13800138000", "13800138000"),
        ("020-83123456", "020-83123456"),
        ("（020）8312 3456", "020-83123456"),
        ("+86 20 83123456", "020-83123456"),
        ("0755-2345678-801", "0755-2345678-801"),
        ("+852 9123 4567", "+85291234567"),
        ("00852-2345-6789", "+85223456789"),
        ("+853 6612 3456", "+85366123456"),
        ("+853 2855 1234", "+85328551234"),
        ("+1 (415) 555-2671", "+14155552671"),
    ],
)
def test_number_has_one_spelling(typed: str, kept: str) -> None:
    assert clean_phone(typed) == kept
    assert clean_phone(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "12345678",  # no area code
        "12800138000",
        "1380013800",
        "138001380001",
        "+852 1234 5678",
        "+852 912345678",
        "+853 9612 3456",
        "+0 12345678",
        "+86",
        "电话",
        "13800138000x",
        "138٠٠١٣٨٠٠٠",
        "+1234567890123456",
    ],
)
def test_number_that_nobody_can_call_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match="无法识别"):
        clean_phone(typed)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("", ""),
        ("13800138000", "138****8000"),
        ("020-83123456", "020-83****56"),
        ("0755-2345678-801", "0755-2****78"),
        ("+85291234567", "+85291****67"),
        ("+85366123456", "+85366****56"),
        # Whatever stood in a free field before.
        ("1", "****"),
        ("123", "****"),
        ("12345", "****5"),
    ],
)
def test_number_is_masked(number: str, shown: str) -> None:
    assert mask_phone(number) == shown


@pytest.mark.parametrize("number", ["13800138000", "+14155552671", "020-83123456", "张三 138 0013"])
def test_mask_hides_four_characters_at_least(number: str) -> None:
    shown = mask_phone(number)

    assert number not in shown
    assert len(shown.replace("****", "")) <= len(number) - 4


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("", ""),
        ("li@example.org", "l***@example.org"),
        ("a@b.cn", "a***@b.cn"),
        ('"a@b"@example.org', '"***@example.org'),
        ("nobody", "n***"),
    ],
)
def test_address_is_masked(address: str, shown: str) -> None:
    assert mask_email(address) == shown
