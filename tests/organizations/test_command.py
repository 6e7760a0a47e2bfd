"""``manage.py register_organization``."""

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from organizations.models import Organization
from tests.records import credit_code, make_organization

pytestmark = pytest.mark.django_db

CODE = credit_code(800_001)


def test_organization_is_registered_to_be_verified(capsys) -> None:
    call_command("register_organization", "广州港股份有限公司", CODE, city="广州")

    made = Organization.objects.get()
    assert made.city is not None
    assert (made.name, made.identifier, made.city.code, made.state) == (
        "广州港股份有限公司",
        CODE,
        "440100",
        "submitted",
    )
    assert capsys.readouterr().out == f"广州港股份有限公司 {CODE} · 待核验\n"
    assert AuditEvent.objects.get(
        object_type="organizations.organization", object_id=made.pk
    ).actor_label == ("manage.py register_organization")


def test_verify_lets_it_publish_at_once(capsys) -> None:
    call_command("register_organization", "甲公司", CODE, verify=True, kind="university")

    made = Organization.objects.get()
    assert (made.state, made.legal_kind, made.city) == ("verified", "university", None)
    assert "已核验" in capsys.readouterr().out


def test_verify_verifies_what_is_registered_already() -> None:
    call_command("register_organization", "甲公司", CODE)

    call_command("register_organization", "甲公司", CODE, verify=True)

    assert Organization.objects.get().state == "verified"


def test_seat_outside_the_province_is_kept() -> None:
    call_command("register_organization", "甲公司", CODE, seat="北京市海淀区")

    assert Organization.objects.get().seat == "北京市海淀区"


def test_other_schemes_are_taken() -> None:
    call_command("register_organization", "香港团队", "12345678", scheme="hong_kong")

    assert Organization.objects.get().identifier_scheme == "hong_kong"


@pytest.mark.parametrize(
    ("arguments", "options", "reason"),
    [
        (("甲公司", CODE[:-1]), {}, "identifier: 统一社会信用代码应为 18 位"),
        ((" ", CODE), {}, "^name: "),
        (("甲公司", CODE), {"city": "长沙"}, "没有名为“长沙”的城市"),
        ((" ", "12"), {}, "(?s)name: .*\nidentifier: "),
    ],
)
def test_faults_are_said_and_nothing_is_written(
    arguments: tuple[str, str], options: dict[str, str], reason: str
) -> None:
    events = AuditEvent.objects.count()

    with pytest.raises(CommandError, match=reason):
        call_command("register_organization", *arguments, **options)
    assert not Organization.objects.exists()
    assert AuditEvent.objects.count() == events


def test_number_that_is_taken_is_said() -> None:
    taken = make_organization()

    with pytest.raises(CommandError, match="已经登记过"):
        call_command("register_organization", "乙公司", taken.identifier)


def test_registration_is_undone_when_verification_fails(monkeypatch) -> None:
    def refuse(**_: object) -> None:
        raise ValueError("核验失败")

    name = "organizations.management.commands.register_organization.verify_organization"
    monkeypatch.setattr(name, refuse)

    with pytest.raises(CommandError, match="核验失败"):
        call_command("register_organization", "甲公司", CODE, verify=True)
    assert not Organization.objects.exists()
