"""Who must have a second factor, and how its secrets lie in the database."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import InvalidToken
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.second_factor import (
    SecondFactorAdapter,
    has_second_factor,
    needs_second_factor,
    passkeys_work,
    remove_second_factors,
)
from audit.models import AuditEvent
from common.actor import Actor
from common.errors import Forbidden
from tests.accounts.devices import begin
from tests.records import (
    give_second_factor,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)

pytestmark = pytest.mark.django_db


def test_people_with_duties_need_one_and_others_do_not() -> None:
    assert needs_second_factor(user_of(make_administrator()))
    assert not needs_second_factor(user_of(make_member(make_organization(), "owner")))


def test_invented_people_need_none() -> None:
    invented = user_of(make_administrator())
    invented.is_demonstration = True

    assert not needs_second_factor(invented)


def test_recovery_codes_alone_are_none() -> None:
    person = User.objects.create_user("li@example.org")
    Authenticator.objects.create(
        user=person, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "", "used_mask": 0}
    )

    assert not has_second_factor(person)


def test_secrets_are_ciphertext_in_the_database() -> None:
    person = User.objects.create_user("li@example.org")
    TOTP.activate(person, "JBSWY3DPEHPK3PXP")

    stored = Authenticator.objects.get().data["secret"]
    assert "JBSWY3DPEHPK3PXP" not in stored
    assert SecondFactorAdapter().decrypt(stored) == "JBSWY3DPEHPK3PXP"
    assert SecondFactorAdapter().encrypt("a") != SecondFactorAdapter().encrypt("a")


def test_former_keys_still_read(settings) -> None:
    adapter = SecondFactorAdapter()
    settings.SECRET_KEY = "former"
    stored = adapter.encrypt("JBSWY3DPEHPK3PXP")

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newer", ["former"]
    assert adapter.decrypt(stored) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        adapter.decrypt(stored)


@pytest.mark.parametrize(
    ("address", "can"),
    [
        ("https://scenebridge.example", True),
        ("http://localhost:8000", True),
        ("http://scenebridge.example", False),
        ("http://127.0.0.1:8000", False),
        ("https://192.0.2.1", False),
        ("https://[2001:db8::1]", False),
    ],
)
def test_browsers_make_passkeys_for_names_in_safety(settings, address: str, can: bool) -> None:
    settings.BASE_URL = address

    assert passkeys_work() is can


def test_passkeys_belong_to_the_configured_address(settings) -> None:
    settings.BASE_URL = "https://scenebridge.example:8443"

    assert SecondFactorAdapter().get_public_key_credential_rp_entity()["id"] == (
        "scenebridge.example"
    )


def test_operator_resets_them_for_somebody_who_lost_all(capsys) -> None:
    person = User.objects.create_user("li@example.org")
    give_second_factor(person)
    begin(person)

    call_command("reset_second_factor", "LI@example.org")

    assert "已移除 1 项" in capsys.readouterr().out
    assert not has_second_factor(person)
    assert not Session.objects.exists()
    event = AuditEvent.objects.get(verb="accounts.user.reset_second_factor")
    assert event.actor_label == "manage.py reset_second_factor"
    with pytest.raises(CommandError, match="没有这个账号"):
        call_command("reset_second_factor", "nobody@example.org")


def test_nobody_else_resets_them() -> None:
    person = User.objects.create_user("li@example.org")
    give_second_factor(person)

    for actor in (Actor.of(person), make_administrator()):
        with pytest.raises(Forbidden):
            remove_second_factors(person=person, actor=actor)
    assert has_second_factor(person)
