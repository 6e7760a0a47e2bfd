"""load_demonstration: the records as their files state them, by the verbs that people use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.services import set_password
from applications.models import Application
from audit.models import AuditEvent
from capabilities.models import Capability, Product
from catalogue.models import CatalogueEdition, CatalogueItem
from common.errors import Forbidden, InvalidFiles
from demonstration.services import CLERK, SignIn, load_demonstration
from lifecycle.queries import steps_of
from organizations.models import Membership, Organization
from scenarios.models import Scenario
from tests.records import SYSTEM, make_administrator, make_organization

pytestmark = pytest.mark.django_db
Edit = Callable[[str, str], int]


def load(folder: Path) -> list[SignIn] | None:
    return load_demonstration(directory=folder, actor=SYSTEM)


def states(model: type[Scenario | Capability]) -> dict[str, str]:
    return dict(model.objects.values_list("reference", "state"))


def test_every_record_reaches_the_state_that_its_file_states(folder: Path) -> None:
    load(folder)

    assert states(Scenario) == {
        "S1": "published",
        "S2": "closed",
        "S3": "returned",
        "S4": "submitted",
        "S5": "draft",
    }
    assert states(Capability) == {
        "C1": "published",
        "C2": "published",
        "C3": "draft",
        "C4": "withdrawn",
    }
    answers = Application.objects.values_list(
        "scenario__reference", "capability__reference", "state"
    )
    assert set(answers) == {
        ("S1", "C1", "connected"),
        ("S1", "C2", "declined"),
        ("S2", "C2", "withdrawn"),
    }
    assert dict(CatalogueItem.objects.values_list("product__name", "state")) == {
        "巡检机器人": "listed",
        "裂纹传感器": "delisted",
        "倾角传感器": "under_notice",
        "充电桩": "dropped",
        "水位传感器": "candidate",
    }
    edition = CatalogueEdition.objects.get()
    assert {item.product_name for item in edition.items.all()} == {"巡检机器人", "裂纹传感器"}


def test_records_name_each_other_as_their_files_do(folder: Path) -> None:
    load(folder)

    capability = Capability.objects.get(reference="C1")
    assert [product.name for product in capability.products.all()] == ["巡检机器人"]
    assert Product.objects.get(name="巡检机器人").price_max_fen == 500_000_00
    assert str(Scenario.objects.get(reference="S2").co_publishers.get()) == "砚川机器人有限公司"
    deadline = Scenario.objects.get(reference="S1").deadline
    assert deadline is not None
    local = timezone.localtime(deadline)
    assert (local.date() - timezone.localdate(), local.hour) == (timedelta(days=30), 18)


def test_all_of_it_is_marked_as_invented(folder: Path) -> None:
    load(folder)

    assert set(Organization.objects.values_list("is_demonstration", flat=True)) == {True}


def test_history_says_who_did_what(folder: Path) -> None:
    load(folder)

    by = {step.name: step.by for step in steps_of(Scenario.objects.get(reference="S3"))}
    assert by["submit"] == str(User.objects.get(email="publisher@demo.example.org"))
    assert by["return"] == str(User.objects.get(email="administrator@demo.example.org"))


def test_nobody_stays_behind_who_may_write_for_everybody(folder: Path) -> None:
    load(folder)

    assert [str(each.user) for each in Membership.objects.all()] == ["发布演示员"]
    clerk = User.objects.get(email=CLERK[0])
    assert (clerk.roles, clerk.is_superuser, clerk.is_staff) == ([], False, False)


def test_sign_ins_work_and_are_the_same_the_next_time(folder: Path) -> None:
    first, second = load(folder), load(folder)

    assert first is not None
    assert first == second
    assert [each.email for each in first] == [
        "publisher@demo.example.org",
        "administrator@demo.example.org",
    ]
    for each in first:
        assert User.objects.get(email=each.email).check_password(each.password)


def test_passwords_differ_between_people_and_installations(
    folder: Path, settings: Settings
) -> None:
    here = load(folder)
    settings.SECRET_KEY = "of another installation"
    there = load(folder)

    assert here is not None
    assert there is not None
    assert len({each.password for each in [*here, *there]}) == 4


def test_changed_password_is_put_back_at_the_next_start(folder: Path) -> None:
    load(folder)
    person = User.objects.get(email="publisher@demo.example.org")
    set_password(person=person, password="another-one-entirely", actor=SYSTEM)

    again = load(folder)

    assert again is not None
    person.refresh_from_db()
    assert person.check_password(again[0].password)


def test_loading_again_leaves_what_people_have_done_since(folder: Path) -> None:
    load(folder)
    Scenario.objects.filter(reference="S5").update(name="改过的名称")
    before = AuditEvent.objects.count()

    load(folder)

    assert Scenario.objects.get(reference="S5").name == "改过的名称"
    assert (Scenario.objects.count(), AuditEvent.objects.count()) == (5, before)


def test_database_with_organizations_of_its_own_is_left_alone(folder: Path) -> None:
    own = make_organization("自己的单位")

    assert load(folder) is None
    assert list(Organization.objects.all()) == [own]
    assert not User.objects.filter(email__endswith="@demo.example.org").exists()


def test_fault_that_shows_while_loading_names_its_place_and_leaves_nothing(
    folder: Path, edit: Edit
) -> None:
    edit("basis: sz-2023-12", "basis: sz-2023-99")

    with pytest.raises(InvalidFiles) as refusal:
        load(folder)

    (problem,) = refusal.value.problems
    assert (problem.file, problem.field) == ("demo/world.yaml", "catalogues[0]")
    assert "sz-2023-99" in problem.message
    counts = [
        model.objects.count()
        for model in (Organization, User, Scenario, Capability, Product, AuditEvent)
    ]
    assert counts[:5] == [0] * 5


def test_people_may_not_load_it(folder: Path) -> None:
    with pytest.raises(Forbidden):
        load_demonstration(directory=folder, actor=make_administrator())


def test_command_prints_the_sign_ins(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demonstration", directory=folder, verbosity=0)

    printed = capsys.readouterr().out
    people = re.findall(r"^  (\S+)  (demo-[0-9a-f]{8})  (\S+)$", printed, re.MULTILINE)
    assert [(email, role) for email, _, role in people] == [
        ("publisher@demo.example.org", "发布单位"),
        ("administrator@demo.example.org", "管理员"),
    ]
    assert User.objects.get(email=people[0][0]).check_password(people[0][1])


def test_command_says_that_it_left_a_database_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_organization("自己的单位")

    call_command("load_demonstration", directory=folder)

    assert "left out" in capsys.readouterr().out


def test_command_refuses_where_the_settings_do(folder: Path, settings: Settings) -> None:
    settings.DEMONSTRATION = False

    with pytest.raises(CommandError, match="不允许载入演示数据"):
        call_command("load_demonstration", directory=folder)
    assert not Organization.objects.exists()


def test_command_tells_every_fault(folder: Path, edit: Edit) -> None:
    line = edit("key: robots", "key: terminal")

    with pytest.raises(CommandError) as refusal:
        call_command("load_demonstration", "--check", directory=folder)

    assert f"demo/world.yaml:{line}: organizations[1].key: “terminal”重复" in str(refusal.value)
