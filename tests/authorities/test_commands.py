"""``manage.py register_authority``, ``appoint`` and ``end_appointment``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from audit.models import AuditEvent
from authorities.models import Appointment, Authority
from common.clock import beijing_today
from tests.authorities.makers import make_appointment, make_authority, make_person
from tests.records import GUANGZHOU
from tests.roles import NANSHA

pytestmark = pytest.mark.django_db


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({}, "广东省"),
        ({"city": "广州"}, "广州市"),
        ({"city": GUANGZHOU, "district": "南沙区"}, "广州市南沙区"),
        ({"city": "广州市", "district": NANSHA}, "广州市南沙区"),
    ],
)
def test_authority_is_registered(
    options: dict[str, str], place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("register_authority", "gz-drc", "某市发展改革委", body="gd-drc", **options)

    made = Authority.objects.get()
    assert (made.code, made.name, made.jurisdiction) == ("gz-drc", "某市发展改革委", place)
    assert made.body is not None
    assert made.body.code == "gd-drc"
    assert said(capsys) == f"gz-drc · 某市发展改革委 · {place}"
    assert AuditEvent.objects.latest("id").actor_label == "manage.py register_authority"


@pytest.mark.parametrize(
    ("code", "options", "reason"),
    [
        ("GZ", {}, "^code: "),
        ("taken", {}, "另一个部门"),
        ("a", {"body": "nobody"}, "^body: 没有代码为“nobody”的责任单位"),
        ("a", {"city": "长沙"}, "没有名为“长沙”的城市"),
        ("a", {"district": "南沙区"}, "先填写城市"),
        ("a", {"city": "深圳", "district": "南沙区"}, "不属于深圳市"),
    ],
)
def test_authority_that_cannot_be_is_said(code: str, options: dict[str, str], reason: str) -> None:
    make_authority(code="taken")

    with pytest.raises(CommandError, match=reason):
        call_command("register_authority", code, "某局", **options)
    assert Authority.objects.count() == 1


def appoint(person: User | str, *duties: str, **options: Any) -> None:
    arguments = [f"--duty={duty}" for duty in duties]
    email = person if isinstance(person, str) else person.email
    call_command("appoint", email, *arguments, **options)


def test_person_is_appointed(capsys: pytest.CaptureFixture[str]) -> None:
    authority, person = make_authority(name="某局"), make_person()

    appoint(person, "catalogue", "content", authority=authority.code, until="2099-12-31")

    made = Appointment.objects.get()
    assert (made.user, made.duties, str(made.ends_on)) == (
        person,
        ["content", "catalogue"],
        "2099-12-31",
    )
    assert said(capsys) == f"{person.email} · 某局 · 内容管理、目录管理 · 至 2099-12-31"
    appoint(person, "system", authority=authority.code)
    assert said(capsys) == f"{person.email} · 某局 · 系统管理 · 长期"
    assert Appointment.objects.get(ended_at=None).duties == ["system"]


def test_appointment_that_cannot_be_is_said() -> None:
    authority, person = make_authority(), make_person()
    yesterday = str(beijing_today() - timedelta(days=1))

    for who, duties, options, reason in (
        (person, ["content"], {"authority": "nobody"}, "没有代码为“nobody”的主管部门"),
        ("nobody@example.org", ["content"], {}, "^email: 没有可以任命的账号"),
        (person, ["audit", "system"], {}, "^duties: .*同一人"),
        (person, ["content"], {"until": "明年"}, "^ends_on: "),
        (person, ["content"], {"until": yesterday}, "^ends_on: 这一天已经过去"),
        (person, ["owner"], {}, "invalid choice"),
    ):
        with pytest.raises(CommandError, match=reason):
            appoint(who, *duties, **{"authority": authority.code, **options})
    assert not Appointment.objects.exists()


def test_appointment_is_ended(capsys: pytest.CaptureFixture[str]) -> None:
    made = make_appointment(make_authority(name="某局"))
    User.objects.filter(pk=made.user_id).update(is_active=False)
    given = {"authority": made.authority.code, "reason": "调任"}

    call_command("end_appointment", made.user.email, **given)

    assert said(capsys) == f"{made.user.email} · 某局 · 已结束：内容管理"
    assert AuditEvent.objects.latest("id").details["reason"] == "调任"
    with pytest.raises(CommandError, match="没有在“某局”任职"):
        call_command("end_appointment", made.user.email, **given)
    with pytest.raises(CommandError, match="没有在“某局”任职"):
        call_command("end_appointment", "nobody@example.org", **given)
    other = make_appointment(made.authority)
    with pytest.raises(CommandError, match=r"^reason: "):
        call_command("end_appointment", other.user.email, **{**given, "reason": " "})
