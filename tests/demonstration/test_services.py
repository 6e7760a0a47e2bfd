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
from demonstration.services import CLERK, load_demonstration, reset_passwords, sign_ins
from lifecycle.queries import steps_of
from organizations.models import Membership, Organization
from scenarios.models import Scenario
from tests.records import SYSTEM, make_administrator, make_organization

pytestmark = pytest.mark.django_db
Edit = Callable[[str, str], int]


def load(folder: Path) -> bool:
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
    assert (clerk.grants, clerk.is_superuser, clerk.is_staff) == (frozenset(), False, False)
    assert not clerk.has_usable_password()
    assert {each.is_demonstration for each in User.objects.all()} == {True}


def test_sign_ins_work_and_say_what_they_present(folder: Path) -> None:
    load(folder)

    found = sign_ins()
    assert [(each.email, each.presents) for each in found] == [
        ("publisher@demo.example.org", "publisher 发布场景、supplier 提供能力：望潮码头有限公司"),
        (
            "administrator@demo.example.org",
            "administrator of content and catalogues 内容管理、目录管理",
        ),
        ("system@demo.example.org", "administrator of the system 系统管理"),
        ("auditor@demo.example.org", "auditor 审计管理"),
    ]
    for each in found:
        assert User.objects.get(email=each.email).check_password(each.password)
    assert len({each.password for each in found}) == len(found)


def test_passwords_are_the_same_at_every_start_and_other_ones_elsewhere(
    folder: Path, settings: Settings
) -> None:
    load(folder)
    first = sign_ins()
    assert sign_ins() == first

    settings.SECRET_KEY = "of another installation"
    assert [each.password for each in sign_ins()] == [None] * len(first)
    reset_passwords(actor=SYSTEM)
    passwords = {each.password for each in [*first, *sign_ins()]}
    assert len(passwords) == 2 * len(first)
    assert None not in passwords


def test_changed_password_stays_until_it_is_put_back(folder: Path) -> None:
    load(folder)
    person = User.objects.get(email="publisher@demo.example.org")
    before = sign_ins()
    set_password(person=person, password="another-one-entirely", actor=SYSTEM)

    load(folder)
    assert [each.password for each in sign_ins()] == [
        None,
        *(each.password for each in before[1:]),
    ]
    person.refresh_from_db()
    assert person.check_password("another-one-entirely")

    reset_passwords(actor=SYSTEM)
    assert sign_ins() == before


def test_closed_account_is_no_sign_in(folder: Path) -> None:
    load(folder)
    User.objects.filter(email="publisher@demo.example.org").update(is_active=False)

    assert [each.email for each in sign_ins()] == [
        "administrator@demo.example.org",
        "system@demo.example.org",
        "auditor@demo.example.org",
    ]


def test_loading_again_leaves_what_people_have_done_since(folder: Path) -> None:
    assert load(folder)
    Scenario.objects.filter(reference="S5").update(name="改过的名称")
    before = AuditEvent.objects.count()

    assert not load(folder)

    assert Scenario.objects.get(reference="S5").name == "改过的名称"
    assert (Scenario.objects.count(), AuditEvent.objects.count()) == (5, before)


def test_database_with_organizations_of_its_own_is_left_alone(folder: Path) -> None:
    own = make_organization("自己的单位")
    (folder / "world.yaml").write_text("broken: [", encoding="utf-8")  # not even read

    assert not load(folder)
    assert sign_ins() == []
    assert list(Organization.objects.all()) == [own]


def test_address_that_somebody_has_is_told_and_nothing_is_loaded(folder: Path) -> None:
    somebody = User.objects.create_user("publisher@demo.example.org")

    with pytest.raises(InvalidFiles) as refusal:
        load(folder)

    (problem,) = refusal.value.problems
    assert problem.field == "people[0]"
    assert "已有账号" in problem.message
    assert list(User.objects.all()) == [somebody]
    assert not Organization.objects.exists()


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_folder_without_a_world_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidFiles, match="1 处错误"):
        load(tmp_path / name)
    assert not User.objects.exists()


def test_days_of_notice_and_note_are_as_stated(folder: Path) -> None:
    load(folder)

    listed = CatalogueItem.objects.get(product__name="巡检机器人")
    today = timezone.localdate()
    assert (listed.notice_from, listed.notice_to) == (
        today - timedelta(days=20),
        today - timedelta(days=11),
    )
    edition = CatalogueEdition.objects.get()
    assert (edition.note, edition.catalogue.issuer) == ("第一期", None)


def test_catalogue_without_anything_listed_has_no_edition(folder: Path, edit: Edit) -> None:
    text = (folder / "world.yaml").read_text(encoding="utf-8")
    start = text.index("      - product: 巡检机器人\n        state: listed")
    end = text.index("      - product: 倾角传感器")
    (folder / "world.yaml").write_text(text[:start] + text[end:], encoding="utf-8")

    load(folder)

    assert not CatalogueEdition.objects.exists()
    assert CatalogueItem.objects.count() == 3


def test_viewer_does_not_write_for_the_organization(folder: Path, edit: Edit) -> None:
    edit("role: owner", "role: viewer")

    load(folder)

    (created, *_) = steps_of(Scenario.objects.get(reference="S3"))
    assert created.by == CLERK[1]


def test_newest_records_come_from_all_files(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.yaml").write_text(
            f"organizations:\n  - key: host-{name}\n    facts: {{name: 单位{name}, seat: 某地,"
            f" identifier: DEMO-{name}-1, identifier_scheme: foreign}}\n"
            "scenarios:\n"
            f"  - {{organization: host-{name}, reference: {name}1, facts: {{name: {name}1}}}}\n"
            f"  - {{organization: host-{name}, reference: {name}2, facts: {{name: {name}2}}}}\n",
            encoding="utf-8",
        )

    load(folder)

    order = Scenario.objects.order_by("pk").values_list("reference", flat=True)
    assert [each for each in order if each[0] in "ab"] == ["a1", "b1", "a2", "b2"]


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
    people = re.findall(r"^  (\S+)  (demo(?:-[0-9a-f]{4}){3})  (\w+)", printed, re.MULTILINE)
    assert [(email, role) for email, _, role in people] == [
        ("publisher@demo.example.org", "publisher"),
        ("administrator@demo.example.org", "administrator"),
        ("system@demo.example.org", "administrator"),
        ("auditor@demo.example.org", "auditor"),
    ]
    assert User.objects.get(email=people[0][0]).check_password(people[0][1])


def test_command_says_which_password_was_changed_and_puts_it_back(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(folder)
    person = User.objects.get(email="publisher@demo.example.org")
    set_password(person=person, password="another-one-entirely", actor=SYSTEM)

    call_command("load_demonstration", directory=folder, verbosity=0)
    assert "publisher@demo.example.org  (changed;" in capsys.readouterr().out
    call_command("load_demonstration", "--reset-passwords", directory=folder)
    assert "(changed;" not in capsys.readouterr().out


def test_command_says_that_it_left_a_database_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_organization("自己的单位")

    call_command("load_demonstration", directory=folder)

    assert "no demonstration here" in capsys.readouterr().out


@pytest.mark.parametrize("options", [[], ["--reset-passwords"]], ids=["load", "reset"])
def test_command_refuses_where_the_settings_do(
    folder: Path, settings: Settings, options: list[str]
) -> None:
    settings.DEMONSTRATION = False

    with pytest.raises(CommandError, match="不允许载入演示数据"):
        call_command("load_demonstration", *options, directory=folder)
    assert not Organization.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("[gd-2024-embodied-robots], readiness", "[gd-1999], readiness", "concepts[0]: 没有标签"),
        ('city: "440300"}', 'city: "449900"}', "city: 没有城市"),
        ("basis: sz-2023-12", "basis: sz-1999", "basis: 没有条款"),
        (
            'city: "440300"}',
            'city: "440300", district: guangzhou-nansha}',
            "district: 这个城市没有区",
        ),
        ("key: robots", "key: terminal", "key: “terminal”重复"),
    ],
)
def test_check_tells_every_fault_without_a_database(
    folder: Path, edit: Edit, old: str, new: str, place: str
) -> None:
    line = edit(old, new)

    with pytest.raises(CommandError) as refusal:
        call_command("load_demonstration", "--check", directory=folder)

    assert any(
        fault.startswith(f"demo/world.yaml:{line}: ") and place in fault
        for fault in str(refusal.value).splitlines()
    ), refusal.value


def test_check_counts_what_ships(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demonstration", "--check")

    assert "organizations, 70 scenarios, 210 capabilities" in capsys.readouterr().out
