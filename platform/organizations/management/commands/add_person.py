"""``manage.py add_person``: the operator opens an account, and gives it a role somewhere."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import User
from accounts.queries import person_by_email
from accounts.services import create_person
from common.actor import Actor
from common.errors import DomainError, InvalidInput
from organizations.enums import MemberRole
from organizations.models import Organization
from organizations.queries import registered, role_of
from organizations.services import add_member, change_role


class Command(BaseCommand):
    help = "Open an account and make it a member; a person who has one gets that role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="the name that others see")
        parser.add_argument(
            "--organization", metavar="CODE", help="unified social credit code, with --role"
        )
        parser.add_argument("--role", choices=MemberRole.values, help="role in the organization")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password as one line from standard input instead of asking twice",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.system("manage.py add_person")
        if bool(options["organization"]) != bool(options["role"]):
            raise CommandError("--organization 和 --role 要一起给出。")
        try:
            code = options["organization"]
            organization = None if code is None else registered(code)
            known = person_by_email(options["email"])
            if known is not None:
                _refuse_to_change(known, options)
            password = "" if known else _password(from_stdin=options["password_stdin"])
            with transaction.atomic():
                person = known or create_person(
                    email=options["email"],
                    name=options["name"],
                    password=password,
                    actor=actor,
                )
                membership = ""
                if organization is not None:
                    membership = _appoint(organization, person, MemberRole(options["role"]), actor)
        except InvalidInput as error:
            faults = [f"{name}: {text}" for name, texts in error.fields.items() for text in texts]
            raise CommandError("\n".join(faults) or error.message) from None
        except DomainError as error:
            raise CommandError(error.message) from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        self._show(person, membership, known=known is not None)

    def _show(self, person: User, membership: str, *, known: bool) -> None:
        parts = [person.email, "已有账号" if known else "已开通账号", membership]
        self.stdout.write(" · ".join(part for part in parts if part))


def _appoint(organization: Organization, person: User, role: MemberRole, actor: Actor) -> str:
    """Make the person a member, or give a member another role; says what was done."""
    before = role_of(organization, person)
    if before is None:
        add_member(organization=organization, person=person, role=role, actor=actor)
        return f"{organization}（{role.label}）"
    change_role(organization=organization, person=person, role=role, actor=actor)
    return f"{organization}（{before.label} → {role.label}）"


def _refuse_to_change(person: User, options: dict[str, Any]) -> None:
    """An account that exists is given a role in an organization, nothing else."""
    if not options["organization"]:
        raise ValueError(f"电子邮箱“{person.email}”已有账号。")
    if options["name"] or options["password_stdin"]:
        raise ValueError(
            f"电子邮箱“{person.email}”已有账号：只能为它添加成员身份或更改角色，"
            "不能同时给出 --name 或 --password-stdin。"
        )


def _password(*, from_stdin: bool) -> str:
    """Raises ValueError when there is none, or the two that were typed differ."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = getpass("密码：")
        if password and password != getpass("再输入一次密码："):
            raise ValueError("两次输入的密码不一致。")
    else:
        raise ValueError("请在终端里运行以便输入密码，或用 --password-stdin 从标准输入给出一行。")
    if not password:
        raise ValueError("没有给出密码。")
    return password
