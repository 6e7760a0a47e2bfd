"""``manage.py remove_member``: somebody no longer acts for an organization."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.queries import person_by_email
from common.actor import Actor
from common.errors import DomainError, NotFound
from organizations.queries import registered
from organizations.services import remove_member


class Command(BaseCommand):
    help = "End a membership; the account and what it wrote stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("code", help="unified social credit code")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.system("manage.py remove_member")
        try:
            organization = registered(options["code"])
            person = person_by_email(options["email"])
            if person is None:
                raise NotFound(f"电子邮箱“{options['email']}”没有账号。")
            remove_member(organization=organization, person=person, actor=actor)
        except DomainError as error:
            raise CommandError(error.message) from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{person.email} · 不再是“{organization}”的成员")
