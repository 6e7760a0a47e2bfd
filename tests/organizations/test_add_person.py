"""``manage.py add_person``."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from audit.models import AuditEvent
from organizations.models import Membership
from tests.records import credit_code, make_organization

pytestmark = pytest.mark.django_db

PASSWORD = "海上升明月-2026"
COMMAND = "organizations.management.commands.add_person"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def line(monkeypatch) -> None:
    """One line of standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\nmore\n"))


def type_in(monkeypatch, *typed: str) -> None:
    """Passwords typed at a terminal, one after the other."""
    answers = iter(typed)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(f"{COMMAND}.getpass", lambda prompt: next(answers))


@pytest.mark.usefixtures("line")
def test_account_of_somebody_without_an_organization(capsys) -> None:
    call_command("add_person", "Li@example.org", name="李明", password_stdin=True)

    made = User.objects.get()
    assert (made.email, made.name, made.grants) == ("li@example.org", "李明", frozenset())
    assert (made.is_staff, made.is_superuser) == (False, False)
    assert made.check_password(PASSWORD)
    assert capsys.readouterr().out == "li@example.org · 已开通账号\n"
    event = AuditEvent.objects.get(object_type="accounts.user")
    assert event.actor_label == "manage.py add_person"


@pytest.mark.usefixtures("line")
def test_account_of_a_member(capsys) -> None:
    organization = make_organization("某港务集团")

    call_command(
        "add_person",
        "li@example.org",
        organization=organization.identifier.lower(),
        role="owner",
        password_stdin=True,
    )

    membership = Membership.objects.get()
    assert (membership.organization, membership.role) == (organization, "owner")
    assert (membership.user.email, membership.user.grants) == ("li@example.org", frozenset())
    assert "某港务集团（负责人）" in capsys.readouterr().out


def test_password_is_asked_twice_at_a_terminal(monkeypatch) -> None:
    type_in(monkeypatch, PASSWORD, PASSWORD)

    call_command("add_person", "li@example.org")

    assert User.objects.get().check_password(PASSWORD)


def test_person_with_an_account_becomes_a_member_and_keeps_the_rest(capsys) -> None:
    person = User.objects.create_user("li@example.org", PASSWORD, name="李明")
    organization = make_organization()

    call_command(
        "add_person", "LI@example.org", organization=organization.identifier, role="viewer"
    )

    assert Membership.objects.get().user == person
    kept = User.objects.get()
    assert kept.check_password(PASSWORD)
    assert kept.name == "李明"
    assert "已有账号" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "reason"),
    [((PASSWORD, "别的密码-2026"), "不一致"), (("",), "没有给出密码"), (("1", "1"), "^password: ")],
)
def test_password_that_will_not_do_is_said(monkeypatch, typed: tuple[str, ...], reason) -> None:
    type_in(monkeypatch, *typed)

    with pytest.raises(CommandError, match=reason):
        call_command("add_person", "li@example.org")
    assert not User.objects.exists()


def test_without_terminal_the_way_to_give_a_password_is_said(monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    with pytest.raises(CommandError, match="--password-stdin"):
        call_command("add_person", "li@example.org")
    with pytest.raises(CommandError, match="没有给出密码"):
        call_command("add_person", "li@example.org", password_stdin=True)


@pytest.mark.usefixtures("line")
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"organization": credit_code(700_001)}, "--organization 和 --role 要一起给出"),
        ({"role": "owner"}, "--organization 和 --role 要一起给出"),
        ({"organization": credit_code(700_001), "role": "owner"}, "没有登记过"),
        ({"organization": "9144", "role": "owner"}, "应为 18 位"),
        ({"email": "li"}, "^email: 电子邮箱的格式不对"),
        ({"name": "李" * 61}, "^name: "),
    ],
)
def test_faults_are_said_and_nothing_is_written(options: dict[str, str], reason: str) -> None:
    email = options.pop("email", "li@example.org")

    with pytest.raises(CommandError, match=reason):
        call_command("add_person", email, password_stdin=True, **options)
    assert not User.objects.exists()
    assert not AuditEvent.objects.filter(object_type="accounts.user").exists()


@pytest.mark.parametrize(
    "options",
    [{}, {"name": "李"}, {"password_stdin": True}],
    ids=["nothing", "name", "password"],
)
def test_account_that_exists_is_not_changed(options) -> None:
    person = User.objects.create_user("li@example.org", PASSWORD)
    organization = make_organization()
    given = {"organization": organization.identifier, "role": "viewer"} if options else {}

    with pytest.raises(CommandError, match="已有账号"):
        call_command("add_person", "li@example.org", **given, **options)
    kept = User.objects.get()
    assert (kept.name, kept.password) == ("", person.password)
    assert not Membership.objects.exists()


def test_membership_that_exists_is_said() -> None:
    organization = make_organization()
    given = {"organization": organization.identifier, "role": "viewer"}
    User.objects.create_user("li@example.org", PASSWORD)
    call_command("add_person", "li@example.org", **given)

    with pytest.raises(CommandError, match=r"已经是.*角色就是“查看”"):
        call_command("add_person", "li@example.org", **given)


def test_member_gets_another_role(capsys) -> None:
    organization = make_organization("某港务集团")
    given = {"organization": organization.identifier}
    User.objects.create_user("li@example.org", PASSWORD)
    call_command("add_person", "li@example.org", **given, role="viewer")

    call_command("add_person", "li@example.org", **given, role="editor")

    assert Membership.objects.get().role == "editor"
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == "li@example.org · 已有账号 · 某港务集团（查看 → 编辑）"


def test_last_owner_is_not_demoted_by_hand_either() -> None:
    organization = make_organization()
    given = {"organization": organization.identifier}
    User.objects.create_user("li@example.org", PASSWORD)
    call_command("add_person", "li@example.org", **given, role="owner")

    with pytest.raises(CommandError, match="最后一位负责人"):
        call_command("add_person", "li@example.org", **given, role="viewer")
    assert Membership.objects.get().role == "owner"


@pytest.mark.usefixtures("line")
def test_account_is_undone_when_the_membership_fails(monkeypatch) -> None:
    organization = make_organization()
    events = AuditEvent.objects.count()

    def refuse(**_: object) -> None:
        raise ValueError("添加失败")

    monkeypatch.setattr(f"{COMMAND}.add_member", refuse)

    with pytest.raises(CommandError, match="添加失败"):
        call_command(
            "add_person",
            "li@example.org",
            organization=organization.identifier,
            role="owner",
            password_stdin=True,
        )
    assert not User.objects.exists()
    assert AuditEvent.objects.count() == events
