"""Accounts are known by e-mail address, whatever its capitals."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_address_is_stored_in_lower_case_and_found_in_any() -> None:
    user = User.objects.create_user("Li@Example.ORG", "a long password")

    assert user.email == "li@example.org"
    assert User.objects.get_by_natural_key("LI@example.org") == user
    assert user.public_id is not None


def test_two_addresses_that_differ_in_capitals_are_one_account() -> None:
    User.objects.create_user("li@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="LI@EXAMPLE.ORG")


def test_who_has_no_name_is_called_by_no_address_in_full() -> None:
    assert str(User.objects.create_user("li@example.org")) == "l***@example.org"
    assert str(User.objects.create_user("wang@example.org", name="王芳")) == "王芳"


def test_account_without_address_is_refused() -> None:
    with pytest.raises(ValueError, match="required"):
        User.objects.create_user("")
