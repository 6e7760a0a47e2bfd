"""One account for one address, however many open it at the same moment."""

import pytest

from accounts.models import User
from accounts.services import create_person
from accounts.sign_up import sign_up
from common.errors import Conflict
from tests.races import at_once
from tests.records import SYSTEM


def open_account() -> str:
    try:
        create_person(email="li@example.org", password="海上升明月-2026", actor=SYSTEM)
    except Conflict:
        return "conflict"
    return "opened"


@pytest.mark.usefixtures("committed_db")
def test_two_at_once_open_one_account() -> None:
    assert sorted(at_once(open_account, open_account)) == ["conflict", "opened"]
    assert User.objects.count() == 1


def sign_up_once() -> str:
    try:
        sign_up(email="li@example.org", name="李明", password="海上升明月-2026")
    except Conflict:
        return "conflict"
    return "opened"


@pytest.mark.usefixtures("committed_db")
def test_of_two_who_sign_up_at_once_one_gets_the_address() -> None:
    assert sorted(at_once(sign_up_once, sign_up_once)) == ["conflict", "opened"]
    assert User.objects.count() == 1
